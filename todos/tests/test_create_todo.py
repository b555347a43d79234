"""POST /todos"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import INVALID_IN_TODO, TODOS


def test_it_works(alice: Person) -> None:
    category = alice.category()
    sent = {
        "title": "Call the plumber",
        "description": "The tap in the kitchen",
        "priority": 1,
        "due_date": "2026-12-24T18:00:00+01:00",
        "category_id": category["id"],
    }
    response = alice.client.post(TODOS, json=sent)
    assert response.status_code == 201
    body = response.json()
    assert body == sent | {
        "id": body["id"],
        "due_date": "2026-12-24T17:00:00+00:00",
        "is_completed": False,
        "completed_at": None,
        "version": 1,
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    }
    assert datetime.fromisoformat(body["created_at"]).tzinfo is not None
    assert response.headers["location"] == f"{TODOS}/{body['id']}"
    assert response.headers["etag"] == '"1"'
    assert alice.client.get(response.headers["location"]).json() == body


def test_what_is_left_out_gets_its_default(alice: Person) -> None:
    body = alice.client.post(TODOS, json={"title": "x"}).json()
    assert body == {
        "id": body["id"],
        "title": "x",
        "description": None,
        "is_completed": False,
        "completed_at": None,
        "priority": 2,
        "due_date": None,
        "category_id": None,
        "version": 1,
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    }


def test_one_that_is_born_completed_was_completed_when_it_was_created(alice: Person) -> None:
    body = alice.todo(is_completed=True)
    assert body["is_completed"] is True
    assert body["completed_at"] == body["created_at"]


def test_the_client_may_choose_the_id(alice: Person) -> None:
    id = str(uuid4())
    response = alice.client.post(TODOS, json={"title": "x", "id": id})
    assert response.json()["id"] == id
    assert response.headers["location"] == f"{TODOS}/{id}"


def test_null_as_id_is_no_choice(alice: Person) -> None:
    assert alice.todo(id=None)["id"]


def test_an_id_is_taken_only_once(alice: Person, bob: Person) -> None:
    todo = alice.todo()
    for person in (alice, bob):
        response = person.client.post(TODOS, json={"title": "y", "id": todo["id"]})
        assert_problem(response, 409, "id_taken")
    assert alice.client.get(f"{TODOS}/{todo['id']}").json() == todo


def test_an_id_is_taken_only_once_by_many_at_the_same_time(alice: Person) -> None:
    id = str(uuid4())
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda n: alice.client.post(TODOS, json={"title": str(n), "id": id}), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    created = next(answer for answer in answers if answer.status_code == 201)
    assert alice.client.get(f"{TODOS}/{id}").json() == created.json()


@pytest.mark.parametrize("title", ["x", "x" * 200, "🌱" * 200, "'; DROP TABLE x; --", '%s {} $1 \\ "', " x "])
def test_a_title_is_kept_as_it_was_sent(alice: Person, title: str) -> None:
    todo = alice.todo(title=title)
    assert alice.client.get(f"{TODOS}/{todo['id']}").json()["title"] == title


def test_a_description_of_10_000_characters_is_kept(alice: Person) -> None:
    description = "ä\n🌱" * 3333 + "."
    assert alice.todo(description=description)["description"] == description


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("2001-01-01T00:00:00Z", "2001-01-01T00:00:00+00:00"),
        ("2026-12-24T18:00:00.123456-08:00", "2026-12-25T02:00:00.123456+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59+00:00"),
    ],
)
def test_a_due_date_is_kept_in_utc_the_past_included(alice: Person, sent: str, kept: str) -> None:
    assert alice.todo(due_date=sent)["due_date"] == kept


def test_anonymous(anonymous: Client) -> None:
    response = anonymous.post(TODOS, json={"title": "x"})
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("field", "value", "pointer"), INVALID_IN_TODO)
def test_it_rejects(alice: Person, field: str, value: Any, pointer: str) -> None:
    assert_problem(alice.client.post(TODOS, json={"title": "x"} | {field: value}), 422, "invalid", pointer)
    assert alice.client.get(TODOS).json()["items"] == []


def test_it_rejects_a_missing_title_and_names_each_mistake(alice: Person) -> None:
    response = alice.client.post(TODOS, json={"priority": 9, "colour": "red"})
    assert_problem(response, 422, "invalid", "/title", "/priority", "/colour")


def test_it_rejects_an_id_that_is_none(alice: Person) -> None:
    assert_problem(alice.client.post(TODOS, json={"title": "x", "id": "42"}), 422, "invalid", "/id")


def test_it_rejects_another_users_category_like_a_missing_one(alice: Person, bob: Person) -> None:
    bodies = []
    for category_id in (bob.category()["id"], str(uuid4())):
        response = alice.client.post(TODOS, json={"title": "x", "category_id": category_id})
        bodies.append(assert_problem(response, 422, "invalid", "/category_id"))
    assert bodies[0]["errors"] == bodies[1]["errors"]
    assert bodies[0]["detail"] == bodies[1]["detail"]


@pytest.mark.parametrize("due_date", ["1700000000", "2026-01-31", 1700000000, "tomorrow", "2026-01-31T18:00:00"])
def test_a_due_date_is_a_time_with_a_zone(alice: Person, due_date: object) -> None:
    response = alice.client.post("/api/v1/todos", json={"title": "x", "due_date": due_date})
    assert_problem(response, 422, "invalid", "/due_date")


def test_what_is_too_long_is_counted_in_characters(alice: Person) -> None:
    response = alice.client.post(TODOS, json={"title": "x" * 201})
    assert response.json()["errors"] == [
        {"pointer": "/title", "message": "String should have at most 200 characters", "code": "string_too_long"}
    ]
