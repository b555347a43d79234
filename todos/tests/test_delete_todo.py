"""DELETE /todos/{id}"""

from __future__ import annotations

from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import TODOS, assert_answers_as_missing


def test_it_works(alice: Person) -> None:
    todo, other = alice.todo(), alice.todo()
    response = alice.client.delete(f"{TODOS}/{todo['id']}")
    assert response.status_code == 204
    assert response.content == b""
    assert not response.headers.get("content-type")
    assert_problem(alice.client.get(f"{TODOS}/{todo['id']}"), 404, "not_found")
    assert alice.client.get(TODOS).json()["items"] == [other]


def test_the_second_time_it_is_missing(alice: Person) -> None:
    url = f"{TODOS}/{alice.todo()['id']}"
    alice.client.delete(url)
    assert_problem(alice.client.delete(url), 404, "not_found")


@pytest.mark.parametrize("tags", ['"1"', '"7", "1"', "*"])
def test_it_deletes_what_has_one_of_the_etags(alice: Person, tags: str) -> None:
    response = alice.client.delete(f"{TODOS}/{alice.todo()['id']}", headers={"If-Match": tags})
    assert response.status_code == 204


@pytest.mark.parametrize("tags", ['"2"', 'W/"1"', ""])
def test_it_does_not_delete_what_has_none_of_the_etags(alice: Person, tags: str) -> None:
    todo = alice.todo()
    response = alice.client.delete(f"{TODOS}/{todo['id']}", headers={"If-Match": tags})
    assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}])
def test_another_users_todo_is_missing(alice: Person, bob: Person, headers: dict[str, str]) -> None:
    todo = alice.todo()
    foreign = bob.client.delete(f"{TODOS}/{todo['id']}", headers=headers)
    assert_answers_as_missing(foreign, bob.client.delete(f"{TODOS}/{uuid4()}", headers=headers), "to-do")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_an_id_that_is_none_is_invalid(alice: Person) -> None:
    assert_problem(alice.client.delete(f"{TODOS}/42"), 422, "invalid", "/path/todo_id")


def test_anonymous(alice: Person, anonymous: Client) -> None:
    todo = alice.todo()
    assert_problem(anonymous.delete(f"{TODOS}/{todo['id']}"), 401, "unauthenticated")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo
