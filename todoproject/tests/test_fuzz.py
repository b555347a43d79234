"""Whatever the OpenAPI document allows, and what it does not: no server error, and answers as the document says."""

from __future__ import annotations

import pytest

from todoproject.tests.client import Person, document

OPERATIONS = {
    operation["operationId"]: (path, method)
    for path, item in document()["paths"].items()
    for method, operation in item.items()
}


@pytest.mark.parametrize("mode", ["positive", "negative"])
@pytest.mark.parametrize("operation", sorted(OPERATIONS.keys() - {"deleteMe"}))
def test_it_answers_as_documented(operation: str, mode: str, alice: Person, service: str) -> None:
    from todoproject.tests.fuzz import fuzz  # takes seconds, which only the worker that needs it should spend

    todo = alice.todo(category_id=alice.category()["id"])
    own = {"todo_id": todo["id"], "category_id": todo["category_id"]}
    fuzz(service, alice.token, *OPERATIONS[operation], mode, own)
