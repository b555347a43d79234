"""POST /categories"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import CATEGORIES, INVALID_IN_CATEGORY


def test_it_works(alice: Person) -> None:
    sent = {"name": "Home", "color": "#00aaFF", "icon": "🏠"}
    response = alice.client.post(CATEGORIES, json=sent)
    assert response.status_code == 201
    body = response.json()
    assert body == sent | {
        "id": body["id"],
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    }
    assert response.headers["location"] == f"{CATEGORIES}/{body['id']}"
    got = alice.client.get(response.headers["location"])
    assert got.json() == body
    assert got.headers["etag"] == response.headers["etag"]


def test_what_is_left_out_gets_its_default(alice: Person) -> None:
    body = alice.client.post(CATEGORIES, json={"name": "x"}).json()
    times = dict.fromkeys(("created_at", "updated_at"), body["created_at"])
    assert body == {"id": body["id"], "name": "x", "color": "#6B7280", "icon": None} | times


def test_the_client_may_choose_the_id(alice: Person) -> None:
    id = str(uuid4())
    assert alice.category(id=id)["id"] == id


def test_an_id_is_taken_only_once(alice: Person, bob: Person) -> None:
    category = alice.category()
    for person in (alice, bob):
        response = person.client.post(CATEGORIES, json={"name": "Another", "id": category["id"]})
        assert_problem(response, 409, "id_taken")
    assert alice.client.get(f"{CATEGORIES}/{category['id']}").json() == category


@pytest.mark.parametrize(("name", "again"), [("Home", "Home"), ("Home", "hOME"), ("ÄRGER", "ärger")])
def test_a_name_is_taken_without_regard_to_case(alice: Person, name: str, again: str) -> None:
    alice.category(name=name)
    assert_problem(alice.client.post(CATEGORIES, json={"name": again}), 409, "name_taken")
    assert [item["name"] for item in alice.client.get(CATEGORIES).json()["items"]] == [name]


def test_a_name_is_taken_only_once_by_many_at_the_same_time(alice: Person) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: alice.client.post(CATEGORIES, json={"name": "Home"}), range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7


def test_another_user_may_have_the_same_name(alice: Person, bob: Person) -> None:
    alice.category(name="Home")
    assert bob.category(name="Home")["name"] == "Home"


@pytest.mark.parametrize(("field", "value", "pointer"), INVALID_IN_CATEGORY)
def test_it_rejects(alice: Person, field: str, value: Any, pointer: str) -> None:
    assert_problem(alice.client.post(CATEGORIES, json={"name": "x"} | {field: value}), 422, "invalid", pointer)
    assert alice.client.get(CATEGORIES).json()["items"] == []


def test_it_rejects_a_missing_name(alice: Person) -> None:
    assert_problem(alice.client.post(CATEGORIES, json={"color": "#000000"}), 422, "invalid", "/name")


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.post(CATEGORIES, json={"name": "x"}), 401, "unauthenticated")
