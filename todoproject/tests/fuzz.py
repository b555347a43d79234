"""Requests made up from the OpenAPI document, and what every answer has to be."""

from __future__ import annotations

from functools import cache
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from todoproject.tests.client import document
from todoproject.tests.waiting import PATIENCE

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


@cache
def schema() -> Any:
    return schemathesis.openapi.from_dict(document())


def fuzz(service: str, token: str, path: str, method: str, mode: str, own: dict[str, str]) -> None:
    """Send what the document allows (`positive`) or what it does not (`negative`). `own` are ids that are there."""
    headers = {"Authorization": f"Bearer {token}"}

    @FUZZ
    @given(case=schema()[path][method].as_strategy(generation_mode=GenerationMode(mode)))
    def check(case: Case[Any]) -> None:
        if mode == "positive":  # something that is there: what is not is 404 whatever is sent
            case.path_parameters.update({name: own[name] for name in case.path_parameters})
        response = case.call(base_url=service, headers=headers, timeout=PATIENCE)
        if response.status_code == 413:  # refused, too, but not among the refusals schemathesis knows
            case.validate_response(response, checks=[c for c in CHECKS if c is not checks.negative_data_rejection])
        else:
            case.validate_response(response, checks=CHECKS)

    check()
