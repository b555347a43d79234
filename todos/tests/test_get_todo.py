"""GET /todos/{id}"""

from __future__ import annotations

from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import TODOS, assert_answers_as_missing


def test_it_works(alice: Person) -> None:
    todo = alice.todo(description="With a can", priority=4, due_date="2027-01-01T00:00:00Z")
    response = alice.client.get(f"{TODOS}/{todo['id']}")
    assert response.status_code == 200
    assert response.json() == todo
    assert response.headers["content-type"] == "application/json"
    assert response.headers["etag"] == '"1"'
    assert response.headers["cache-control"] == "private, no-cache"


def test_the_etag_is_the_version(alice: Person) -> None:
    todo = alice.todo()
    alice.client.patch(f"{TODOS}/{todo['id']}", json={"title": "y"})
    response = alice.client.get(f"{TODOS}/{todo['id']}")
    assert response.json()["version"] == 2
    assert response.headers["etag"] == '"2"'


@pytest.mark.parametrize("tags", ['"1"', 'W/"1"', '"7", "1"', '"7",W/"1"', "*"])
def test_what_the_client_has_already_is_not_sent_again(alice: Person, tags: str) -> None:
    todo = alice.todo()
    response = alice.client.get(f"{TODOS}/{todo['id']}", headers={"If-None-Match": tags})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == '"1"'
    assert response.headers["cache-control"] == "private, no-cache"
    assert "content-type" not in response.headers


@pytest.mark.parametrize("tags", ['"2"', '"01x"', '"11"', "1", '"', ""])
def test_what_the_client_has_not_is_sent(alice: Person, tags: str) -> None:
    todo = alice.todo()
    response = alice.client.get(f"{TODOS}/{todo['id']}", headers={"If-None-Match": tags})
    assert response.status_code == 200
    assert response.json() == todo


def test_head_answers_like_get_without_the_body(alice: Person) -> None:
    url = f"{TODOS}/{alice.todo()['id']}"
    got, head = alice.client.get(url), alice.client.head(url)
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["etag"] == got.headers["etag"]
    assert head.headers["content-length"] == str(len(got.content))


def test_another_users_todo_is_missing(alice: Person, bob: Person) -> None:
    foreign = bob.client.get(f"{TODOS}/{alice.todo()['id']}")
    assert_answers_as_missing(foreign, bob.client.get(f"{TODOS}/{uuid4()}"), "to-do")


def test_another_users_todo_is_missing_for_a_conditional_request_too(alice: Person, bob: Person) -> None:
    response = bob.client.get(f"{TODOS}/{alice.todo()['id']}", headers={"If-None-Match": "*"})
    assert_problem(response, 404, "not_found")


def test_an_id_that_is_none_is_invalid(alice: Person) -> None:
    assert_problem(alice.client.get(f"{TODOS}/42"), 422, "invalid", "/path/todo_id")


def test_anonymous(alice: Person, anonymous: Client) -> None:
    assert_problem(anonymous.get(f"{TODOS}/{alice.todo()['id']}"), 401, "unauthenticated")
