"""Whatever the OpenAPI document allows, and what it does not: no server error, and answers as the document says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from todoproject.tests.client import Person, document

# What is generated depends on the document alone, so that a failure is the same one on every machine.
FUZZ = settings(
    max_examples=15,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
]
OPERATIONS = {
    operation["operationId"]: (path, method)
    for path, item in document()["paths"].items()
    for method, operation in item.items()
}


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {"deleteMe"}))
def test_it_answers_as_documented(operation: str, mode: GenerationMode, alice: Person, service: str) -> None:
    path, method = OPERATIONS[operation]
    todo = alice.todo(category_id=alice.category()["id"])
    own = {"todo_id": todo["id"], "category_id": todo["category_id"]}
    headers = {"Authorization": f"Bearer {alice.token}"}

    @FUZZ
    @given(case=schemathesis.openapi.from_dict(document())[path][method].as_strategy(generation_mode=mode))
    def check(case: Case[Any]) -> None:
        if mode == GenerationMode.POSITIVE:  # something that is there: what is not is 404 whatever is sent
            case.path_parameters.update({name: own[name] for name in case.path_parameters})
        response = case.call(base_url=service, headers=headers)
        if response.status_code == 413:  # refused, too, but not among the refusals schemathesis knows
            case.validate_response(response, checks=[c for c in CHECKS if c is not checks.negative_data_rejection])
        else:
            case.validate_response(response, checks=CHECKS)

    check()
