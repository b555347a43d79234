"""POST /todos"""

from __future__ import annotations

from datetime import datetime

import pytest

from todoproject.tests.client import Client, Person, assert_problem

TODOS = "/api/v1/todos"


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
    assert (body["description"], body["priority"], body["due_date"], body["category_id"]) == (None, 2, None, None)


def test_anonymous(anonymous: Client) -> None:
    response = anonymous.post(TODOS, json={"title": "x"})
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/title"),
        ({"title": ""}, "/title"),
        ({"title": " \n"}, "/title"),
        ({"title": "x" * 201}, "/title"),
    ],
)
def test_it_rejects(alice: Person, body: dict[str, object], pointer: str) -> None:
    assert_problem(alice.client.post(TODOS, json=body), 422, "invalid", pointer)


def test_it_rejects_another_users_category(alice: Person, bob: Person) -> None:
    response = alice.client.post(TODOS, json={"title": "x", "category_id": bob.category()["id"]})
    assert_problem(response, 422, "invalid", "/category_id")
