"""PUT /todos/{id}"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import INVALID_IN_TODO, TODOS


def test_the_first_one_creates_and_the_second_replaces(alice: Person) -> None:
    id, category = str(uuid4()), alice.category()
    sent = {
        "title": "Call the plumber",
        "description": "The tap in the kitchen",
        "priority": 1,
        "due_date": "2026-12-24T17:00:00+00:00",
        "category_id": category["id"],
        "is_completed": True,
    }
    first = alice.client.put(f"{TODOS}/{id}", json=sent)
    assert first.status_code == 201
    assert first.headers["location"] == f"{TODOS}/{id}"
    assert first.headers["etag"] == '"1"'
    created = first.json()
    times = dict.fromkeys(("created_at", "updated_at", "completed_at"), created["created_at"])
    assert created == sent | times | {"id": id, "version": 1}

    second = alice.client.put(f"{TODOS}/{id}", json={"title": "Call again"})
    assert second.status_code == 200
    assert second.headers["etag"] == '"2"'
    assert "location" not in second.headers
    replaced = second.json()
    assert replaced == {
        "id": id,
        "title": "Call again",
        "description": None,
        "priority": 2,
        "due_date": None,
        "category_id": None,
        "is_completed": False,
        "completed_at": None,
        "version": 2,
        "created_at": created["created_at"],
        "updated_at": replaced["updated_at"],
    }
    assert replaced["updated_at"] > created["updated_at"]
    assert alice.client.get(f"{TODOS}/{id}").json() == replaced


def test_what_is_left_out_gets_its_default_on_creation(alice: Person) -> None:
    id = str(uuid4())
    body = alice.client.put(f"{TODOS}/{id}", json={"title": "x"}).json()
    posted = alice.client.post(TODOS, json={"title": "x"}).json()
    own = ("id", "created_at", "updated_at")
    assert {k: v for k, v in body.items() if k not in own} == {k: v for k, v in posted.items() if k not in own}


def test_sent_once_more_it_changes_nothing(alice: Person) -> None:
    url, sent = f"{TODOS}/{uuid4()}", {"title": "x", "is_completed": True, "due_date": "2026-12-24T17:00:00Z"}
    first, second = alice.client.put(url, json=sent), alice.client.put(url, json=sent)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert second.headers["etag"] == first.headers["etag"]


def test_many_at_the_same_time_create_one(alice: Person) -> None:
    url = f"{TODOS}/{uuid4()}"
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: alice.client.put(url, json={"title": "x"}), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
    assert {answer.json()["version"] for answer in answers} == {1}


def test_it_replaces_what_has_the_etag(alice: Person) -> None:
    todo = alice.todo(description="y")
    response = alice.client.put(f"{TODOS}/{todo['id']}", json={"title": "z"}, headers={"If-Match": '"1"'})
    assert response.status_code == 200
    body = response.json()
    assert body == todo | {"title": "z", "description": None, "version": 2, "updated_at": body["updated_at"]}


@pytest.mark.parametrize("tags", ['"2"', 'W/"1"', '"one"', ""])
def test_it_does_not_replace_what_has_another_etag(alice: Person, tags: str) -> None:
    url = f"{TODOS}/{alice.todo()['id']}"
    before = alice.client.get(url).json()
    response = alice.client.put(url, json={"title": "z"}, headers={"If-Match": tags})
    assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(url).json() == before


@pytest.mark.parametrize("tags", ['"1"', "*"])
def test_if_match_says_that_it_is_there(alice: Person, tags: str) -> None:
    url = f"{TODOS}/{uuid4()}"
    response = alice.client.put(url, json={"title": "z"}, headers={"If-Match": tags})
    assert_problem(response, 412, "precondition_failed")
    assert_problem(alice.client.get(url), 404, "not_found")


def test_if_match_tells_nothing_of_another_users(alice: Person, bob: Person) -> None:
    todo = alice.todo()
    response = bob.client.put(f"{TODOS}/{todo['id']}", json={"title": "z"}, headers={"If-Match": '"1"'})
    assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_if_none_match_says_that_it_is_not_there(alice: Person) -> None:
    url, star = f"{TODOS}/{uuid4()}", {"If-None-Match": "*"}
    first = alice.client.put(url, json={"title": "x"}, headers=star)
    assert first.status_code == 201
    assert first.headers["location"] == url
    assert_problem(alice.client.put(url, json={"title": "z"}, headers=star), 412, "precondition_failed")
    assert alice.client.get(url).json() == first.json()


@pytest.mark.parametrize(("field", "value", "pointer"), INVALID_IN_TODO)
def test_it_rejects(alice: Person, field: str, value: Any, pointer: str) -> None:
    url = f"{TODOS}/{uuid4()}"
    assert_problem(alice.client.put(url, json={"title": "x"} | {field: value}), 422, "invalid", pointer)
    assert_problem(alice.client.get(url), 404, "not_found")


def test_it_rejects_an_id_in_the_body(alice: Person) -> None:
    id = str(uuid4())
    assert_problem(alice.client.put(f"{TODOS}/{id}", json={"title": "x", "id": id}), 422, "invalid", "/id")


def test_it_rejects_a_path_that_is_no_id(alice: Person) -> None:
    assert_problem(alice.client.put(f"{TODOS}/42", json={"title": "x"}), 422, "invalid", "/path/todo_id")


def test_it_rejects_another_users_category(alice: Person, bob: Person) -> None:
    sent, todo = {"title": "x", "category_id": bob.category()["id"]}, alice.todo()
    for id in (uuid4(), todo["id"]):
        assert_problem(alice.client.put(f"{TODOS}/{id}", json=sent), 422, "invalid", "/category_id")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_an_id_of_another_user_is_taken(alice: Person, bob: Person) -> None:
    todo = alice.todo()
    assert_problem(bob.client.put(f"{TODOS}/{todo['id']}", json={"title": "x"}), 409, "id_taken")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo
    assert bob.client.get(TODOS).json()["items"] == []


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.put(f"{TODOS}/{uuid4()}", json={"title": "x"}), 401, "unauthenticated")


def test_create_only_under_an_id_of_somebody_else_is_409(alice: Person, bob: Person) -> None:
    address = f"/api/v1/todos/{bob.todo()['id']}"
    response = alice.client.put(address, json={"title": "x"}, headers={"If-None-Match": "*"})
    assert_problem(response, 409, "id_taken")
