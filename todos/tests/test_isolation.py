"""No operation of the OpenAPI document shows or changes what is somebody else's.

The operations come from the document: a new one fails here until it is added to the table.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import httpx
import pytest

from todoproject.tests.client import Client, Person, assert_problem, document

from .cases import CATEGORIES, TODOS, assert_answers_as_missing, without_request_id

# Of each operation: the noun of the object it is about, or what it does where there is none; and a body for it.
OBJECT: dict[str, tuple[str, dict[str, Any] | None]] = {
    "getTodo": ("to-do", None),
    "changeTodo": ("to-do", {"title": "Mine"}),
    "deleteTodo": ("to-do", None),
    "completeTodo": ("to-do", None),
    "reopenTodo": ("to-do", None),
    "getCategory": ("category", None),
    "changeCategory": ("category", {"name": "Mine"}),
    "deleteCategory": ("category", None),
}
CREATES_UNDER_AN_ID = {"replaceTodo": {"title": "Mine"}, "replaceCategory": {"name": "Mine"}}
LISTS = {"listTodos", "listCategories"}
CREATES = {"createTodo", "createCategory"}
OWN_ACCOUNT = {"getMe", "changeMe", "deleteMe"}

OPERATIONS = {
    operation["operationId"]: (method, path)
    for path, item in document()["paths"].items()
    for method, operation in item.items()
}


def call(person: Person | Client, operation: str, id: object = "", body: Any = None, **headers: str) -> httpx.Response:
    client = person.client if isinstance(person, Person) else person
    method, path = OPERATIONS[operation]
    path = path.replace("{todo_id}", str(id)).replace("{category_id}", str(id))
    return client.request(method, path, json=body, headers=headers)


def everything(person: Person) -> list[Any]:
    return [person.client.get(path).json() for path in (TODOS, CATEGORIES, "/api/v1/me")]


def its_object(person: Person, operation: str) -> dict[str, Any]:
    return person.todo(is_completed=True) if "Todo" in operation else person.category()


def test_every_operation_is_tested_here() -> None:
    groups = [OBJECT.keys(), CREATES_UNDER_AN_ID.keys(), LISTS, CREATES, OWN_ACCOUNT]
    assert sorted(operation for group in groups for operation in group) == sorted(OPERATIONS)


@pytest.mark.parametrize("operation", OBJECT)
def test_another_users_object_answers_as_a_missing_one(alice: Person, bob: Person, operation: str) -> None:
    id = its_object(alice, operation)["id"]
    before = everything(alice)
    noun, body = OBJECT[operation]
    assert_answers_as_missing(call(bob, operation, id, body), call(bob, operation, uuid4(), body), noun)
    foreign, missing = (call(bob, operation, one, body, **{"If-Match": '"1"'}) for one in (id, uuid4()))
    assert_answers_as_missing(foreign, missing, noun)
    assert everything(alice) == before


@pytest.mark.parametrize("operation", CREATES_UNDER_AN_ID)
def test_another_users_id_is_taken(alice: Person, bob: Person, operation: str) -> None:
    id = its_object(alice, operation)["id"]
    before = everything(alice)
    response = call(bob, operation, id, CREATES_UNDER_AN_ID[operation])
    assert_problem(response, 409, "id_taken")
    assert without_request_id(response)["detail"] == "This id is taken. Choose another one."
    assert everything(alice) == before


@pytest.mark.parametrize("operation", sorted(LISTS))
def test_lists_hold_own_rows_only(alice: Person, bob: Person, operation: str) -> None:
    its_object(alice, operation)
    own = its_object(bob, operation)
    assert [item["id"] for item in call(bob, operation).json()["items"]] == [own["id"]]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_without_credentials_every_operation_is_401(alice: Person, anonymous: Client, operation: str) -> None:
    id = its_object(alice, operation)["id"]
    before = everything(alice)
    response = call(anonymous, operation, id, {"title": "x", "name": "x", "password": "x"})
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"
    assert everything(alice) == before
