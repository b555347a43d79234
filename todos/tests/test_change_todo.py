"""PATCH /todos/{id}"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import INVALID_IN_TODO, TODOS, assert_answers_as_missing

FULL = {"title": "Call the plumber", "description": "The tap", "priority": 1, "due_date": "2026-12-24T17:00:00+00:00"}


def test_it_works(alice: Person) -> None:
    todo, category = alice.todo(), alice.category()
    changes = FULL | {"category_id": category["id"]}
    response = alice.client.patch(f"{TODOS}/{todo['id']}", json=changes)
    assert response.status_code == 200
    body = response.json()
    assert body == todo | changes | {"version": 2, "updated_at": body["updated_at"]}
    assert body["updated_at"] > todo["updated_at"]
    assert response.headers["etag"] == '"2"'
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == body


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "z"), ("description", "z"), ("priority", 3), ("due_date", "2030-01-01T00:00:00+00:00")],
)
def test_a_field_that_is_absent_stays_as_it_is(alice: Person, field: str, value: Any) -> None:
    todo = alice.todo(**FULL, category_id=alice.category()["id"], is_completed=True)
    body = alice.client.patch(f"{TODOS}/{todo['id']}", json={field: value}).json()
    assert body == todo | {field: value, "version": 2, "updated_at": body["updated_at"]}


@pytest.mark.parametrize("field", ["description", "due_date", "category_id"])
def test_null_clears_a_field_that_can_be_empty(alice: Person, field: str) -> None:
    todo = alice.todo(**FULL, category_id=alice.category()["id"])
    body = alice.client.patch(f"{TODOS}/{todo['id']}", json={field: None}).json()
    assert body == todo | {field: None, "version": 2, "updated_at": body["updated_at"]}


@pytest.mark.parametrize(("field", "value", "pointer"), INVALID_IN_TODO)
def test_it_rejects(alice: Person, field: str, value: Any, pointer: str) -> None:
    todo = alice.todo()
    url = f"{TODOS}/{todo['id']}"
    assert_problem(alice.client.patch(url, json={"description": "z"} | {field: value}), 422, "invalid", pointer)
    assert alice.client.get(url).json() == todo


def test_it_rejects_another_users_category(alice: Person, bob: Person) -> None:
    todo = alice.todo()
    for category_id in (bob.category()["id"], str(uuid4())):
        response = alice.client.patch(f"{TODOS}/{todo['id']}", json={"title": "z", "category_id": category_id})
        assert_problem(response, 422, "invalid", "/category_id")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_the_server_says_when_it_was_completed(alice: Person) -> None:
    todo = alice.todo()
    url = f"{TODOS}/{todo['id']}"
    done = alice.client.patch(url, json={"is_completed": True}).json()
    times = {"completed_at": done["updated_at"], "updated_at": done["updated_at"]}
    assert done == todo | times | {"is_completed": True, "version": 2}
    assert done["completed_at"] > todo["created_at"]

    renamed = alice.client.patch(url, json={"title": "z", "is_completed": True}).json()
    assert renamed["completed_at"] == done["completed_at"]

    reopened = alice.client.patch(url, json={"is_completed": False}).json()
    assert (reopened["is_completed"], reopened["completed_at"], reopened["version"]) == (False, None, 4)


@pytest.mark.parametrize("changes", [{}, {"title": "Water the plants"}, {"description": None, "is_completed": False}])
def test_what_changes_nothing_leaves_version_and_time(alice: Person, changes: dict[str, Any]) -> None:
    todo = alice.todo()
    response = alice.client.patch(f"{TODOS}/{todo['id']}", json=changes)
    assert response.status_code == 200
    assert response.json() == todo
    assert response.headers["etag"] == '"1"'


@pytest.mark.parametrize("tags", ['"1"', "*", '"7", "1"', 'W/"1", "1"', '"a,b","1"'])
def test_it_changes_what_has_one_of_the_etags(alice: Person, tags: str) -> None:
    url = f"{TODOS}/{alice.todo()['id']}"
    response = alice.client.patch(url, json={"title": "z"}, headers={"If-Match": tags})
    assert response.status_code == 200
    assert response.headers["etag"] == '"2"'


@pytest.mark.parametrize(
    "tags", ['"2"', 'W/"1"', 'W/"1", W/"2"', "1", '"1', '"-1"', '"9999999999999999999"', "", '"*"']
)
def test_it_does_not_change_what_has_none_of_the_etags(alice: Person, tags: str) -> None:
    todo = alice.todo()
    url = f"{TODOS}/{todo['id']}"
    for changes in ({"title": "z"}, {}):
        response = alice.client.patch(url, json=changes, headers={"If-Match": tags})
        assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(url).json() == todo


def test_an_old_etag_is_refused(alice: Person) -> None:
    url = f"{TODOS}/{alice.todo()['id']}"
    current = alice.client.patch(url, json={"title": "y"}, headers={"If-Match": '"1"'})
    response = alice.client.patch(url, json={"title": "z"}, headers={"If-Match": '"1"'})
    assert_problem(response, 412, "precondition_failed")
    assert "etag" not in response.headers
    assert alice.client.get(url).json() == current.json()


def test_of_100_with_the_same_etag_one_wins(alice: Person) -> None:
    url = f"{TODOS}/{alice.todo()['id']}"

    def change(number: int) -> int:
        return alice.client.patch(url, json={"title": str(number)}, headers={"If-Match": '"1"'}).status_code

    with ThreadPoolExecutor(25) as threads:
        statuses = sorted(threads.map(change, range(100)))
    assert statuses == [200] + [412] * 99
    assert alice.client.get(url).json()["version"] == 2


def test_concurrent_changes_of_different_fields_are_all_kept(alice: Person) -> None:
    url = f"{TODOS}/{alice.todo()['id']}"
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda field: alice.client.patch(url, json={field: FULL[field]}), FULL))
    body = alice.client.get(url).json()
    assert {field: body[field] for field in FULL} == FULL
    assert body["version"] == 5


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}, {"If-Match": "*"}])
def test_another_users_todo_is_missing(alice: Person, bob: Person, headers: dict[str, str]) -> None:
    todo, changes = alice.todo(), {"title": "z"}
    foreign = bob.client.patch(f"{TODOS}/{todo['id']}", json=changes, headers=headers)
    missing = bob.client.patch(f"{TODOS}/{uuid4()}", json=changes, headers=headers)
    assert_answers_as_missing(foreign, missing, "to-do")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_an_id_that_is_none_is_invalid(alice: Person) -> None:
    assert_problem(alice.client.patch(f"{TODOS}/42", json={"title": "z"}), 422, "invalid", "/path/todo_id")


def test_anonymous(alice: Person, anonymous: Client) -> None:
    response = anonymous.patch(f"{TODOS}/{alice.todo()['id']}", json={"title": "z"})
    assert_problem(response, 401, "unauthenticated")
