"""PATCH /categories/{id}"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import CATEGORIES, INVALID_IN_CATEGORY, assert_answers_as_missing


@pytest.mark.parametrize("changes", [{"name": "At home"}, {"color": "#ffffff"}, {"icon": "y"}, {"icon": None}])
def test_it_changes_what_is_sent_and_nothing_else(alice: Person, changes: dict[str, Any]) -> None:
    category = alice.category(color="#123456", icon="🏠")
    url = f"{CATEGORIES}/{category['id']}"
    response = alice.client.patch(url, json=changes)
    assert response.status_code == 200
    body = response.json()
    assert body == category | changes | {"updated_at": body["updated_at"]}
    assert body["updated_at"] > category["updated_at"]
    got = alice.client.get(url)
    assert got.json() == body
    assert got.headers["etag"] == response.headers["etag"]


def test_what_changes_nothing_leaves_etag_and_time(alice: Person) -> None:
    category = alice.category(icon="🏠")
    url = f"{CATEGORIES}/{category['id']}"
    etag = alice.client.get(url).headers["etag"]
    for changes in ({}, {"icon": "🏠"}, {"name": category["name"]}):
        response = alice.client.patch(url, json=changes)
        assert response.json() == category
        assert response.headers["etag"] == etag


@pytest.mark.parametrize(("field", "value", "pointer"), INVALID_IN_CATEGORY)
def test_it_rejects(alice: Person, field: str, value: Any, pointer: str) -> None:
    category = alice.category()
    url = f"{CATEGORIES}/{category['id']}"
    assert_problem(alice.client.patch(url, json={field: value}), 422, "invalid", pointer)
    assert alice.client.get(url).json() == category


def test_a_name_that_another_one_has_is_taken(alice: Person) -> None:
    alice.category(name="Home")
    work = alice.category(name="Work")
    url = f"{CATEGORIES}/{work['id']}"
    assert_problem(alice.client.patch(url, json={"name": "hOME", "icon": "x"}), 409, "name_taken")
    assert alice.client.get(url).json() == work
    assert alice.client.patch(url, json={"name": "WORK"}).json()["name"] == "WORK"


def test_if_match(alice: Person) -> None:
    url = f"{CATEGORIES}/{alice.category()['id']}"
    etag = alice.client.get(url).headers["etag"]
    first = alice.client.patch(url, json={"icon": "a"}, headers={"If-Match": f'"7", {etag}'})
    assert first.status_code == 200
    for tags in (etag, f"W/{first.headers['etag']}", '"x"', ""):
        response = alice.client.patch(url, json={"icon": "b"}, headers={"If-Match": tags})
        assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(url).json() == first.json()
    assert alice.client.patch(url, json={"icon": "c"}, headers={"If-Match": "*"}).status_code == 200


def test_of_many_with_the_same_etag_one_wins(alice: Person) -> None:
    url = f"{CATEGORIES}/{alice.category()['id']}"
    headers = {"If-Match": alice.client.get(url).headers["etag"]}

    def change(number: int) -> int:
        return alice.client.patch(url, json={"icon": str(number)}, headers=headers).status_code

    with ThreadPoolExecutor(16) as threads:
        assert sorted(threads.map(change, range(16))) == [200] + [412] * 15


@pytest.mark.parametrize("headers", [{}, {"If-Match": '"1"'}])
def test_another_users_category_is_missing(alice: Person, bob: Person, headers: dict[str, str]) -> None:
    category, changes = alice.category(), {"icon": "z"}
    foreign = bob.client.patch(f"{CATEGORIES}/{category['id']}", json=changes, headers=headers)
    missing = bob.client.patch(f"{CATEGORIES}/{uuid4()}", json=changes, headers=headers)
    assert_answers_as_missing(foreign, missing, "category")
    assert alice.client.get(f"{CATEGORIES}/{category['id']}").json() == category


def test_an_id_that_is_none_is_invalid(alice: Person) -> None:
    assert_problem(alice.client.patch(f"{CATEGORIES}/42", json={"icon": "z"}), 422, "invalid", "/path/category_id")


def test_anonymous(alice: Person, anonymous: Client) -> None:
    response = anonymous.patch(f"{CATEGORIES}/{alice.category()['id']}", json={"icon": "z"})
    assert_problem(response, 401, "unauthenticated")
