"""POST /todos/{id}/complete and /todos/{id}/reopen"""

from __future__ import annotations

from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import TODOS, assert_answers_as_missing

pytestmark = pytest.mark.parametrize(("verb", "completes"), [("complete", True), ("reopen", False)])


def test_it_works(alice: Person, verb: str, completes: bool) -> None:
    todo = alice.todo(is_completed=not completes, description="With a can")
    response = alice.client.post(f"{TODOS}/{todo['id']}/{verb}")
    assert response.status_code == 200
    body = response.json()
    assert body == todo | {
        "is_completed": completes,
        "completed_at": body["updated_at"] if completes else None,
        "updated_at": body["updated_at"],
        "version": 2,
    }
    assert body["updated_at"] > todo["updated_at"]
    assert response.headers["etag"] == '"2"'
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == body


def test_the_second_time_nothing_changes(alice: Person, verb: str, completes: bool) -> None:
    url = f"{TODOS}/{alice.todo(is_completed=not completes)['id']}/{verb}"
    first, second = alice.client.post(url), alice.client.post(url)
    assert second.status_code == 200
    assert second.json() == first.json()
    assert second.headers["etag"] == first.headers["etag"] == '"2"'


def test_if_match_of_the_current_version(alice: Person, verb: str, completes: bool) -> None:
    url = f"{TODOS}/{alice.todo(is_completed=not completes)['id']}/{verb}"
    assert alice.client.post(url, headers={"If-Match": '"1"'}).status_code == 200
    assert alice.client.post(url, headers={"If-Match": "*"}).status_code == 200


@pytest.mark.parametrize("tags", ['"7"', 'W/"1"'])
def test_if_match_of_another_version(alice: Person, tags: str, verb: str, completes: bool) -> None:
    todo = alice.todo(is_completed=not completes)
    response = alice.client.post(f"{TODOS}/{todo['id']}/{verb}", headers={"If-Match": tags})
    assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_another_users_todo_is_missing(alice: Person, bob: Person, verb: str, completes: bool) -> None:
    todo = alice.todo(is_completed=not completes)
    foreign = bob.client.post(f"{TODOS}/{todo['id']}/{verb}")
    assert_answers_as_missing(foreign, bob.client.post(f"{TODOS}/{uuid4()}/{verb}"), "to-do")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_an_id_that_is_none_is_invalid(alice: Person, verb: str, completes: bool) -> None:
    assert_problem(alice.client.post(f"{TODOS}/42/{verb}"), 422, "invalid", "/path/todo_id")


def test_anonymous(alice: Person, anonymous: Client, verb: str, completes: bool) -> None:
    assert_problem(anonymous.post(f"{TODOS}/{alice.todo()['id']}/{verb}"), 401, "unauthenticated")
