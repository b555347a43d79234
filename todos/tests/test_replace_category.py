"""PUT /categories/{id}"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import CATEGORIES, INVALID_IN_CATEGORY


def test_the_first_one_creates_and_the_second_replaces(alice: Person) -> None:
    id = str(uuid4())
    sent = {"name": "Home", "color": "#000000", "icon": "🏠"}
    first = alice.client.put(f"{CATEGORIES}/{id}", json=sent)
    assert first.status_code == 201
    assert first.headers["location"] == f"{CATEGORIES}/{id}"
    created = first.json()
    assert created == sent | {"id": id, "created_at": created["created_at"], "updated_at": created["created_at"]}

    second = alice.client.put(f"{CATEGORIES}/{id}", json={"name": "At home"})
    assert second.status_code == 200
    assert "location" not in second.headers
    assert second.headers["etag"] != first.headers["etag"]
    replaced = second.json()
    defaults = {"name": "At home", "color": "#6B7280", "icon": None}
    assert replaced == created | defaults | {"updated_at": replaced["updated_at"]}
    assert replaced["updated_at"] > created["updated_at"]
    assert alice.client.get(f"{CATEGORIES}/{id}").json() == replaced


def test_sent_once_more_it_changes_nothing(alice: Person) -> None:
    url, sent = f"{CATEGORIES}/{uuid4()}", {"name": "Home"}
    first, second = alice.client.put(url, json=sent), alice.client.put(url, json=sent)
    assert (first.status_code, second.status_code) == (201, 200)
    assert second.json() == first.json()
    assert second.headers["etag"] == first.headers["etag"]


@pytest.mark.parametrize("attempt", range(5))
def test_many_at_the_same_time_create_one(alice: Person, attempt: int) -> None:
    url = f"{CATEGORIES}/{uuid4()}"
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: alice.client.put(url, json={"name": "Home"}), range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201], [a.text for a in answers]


def test_a_name_that_another_one_has_is_taken(alice: Person) -> None:
    alice.category(name="Home")
    work = alice.category(name="Work")
    for id in (work["id"], uuid4()):
        assert_problem(alice.client.put(f"{CATEGORIES}/{id}", json={"name": "hOME"}), 409, "name_taken")
    assert alice.client.get(f"{CATEGORIES}/{work['id']}").json() == work


def test_its_own_name_in_another_case_is_not_taken(alice: Person) -> None:
    category = alice.category(name="Home")
    response = alice.client.put(f"{CATEGORIES}/{category['id']}", json={"name": "HOME"})
    assert response.status_code == 200
    assert response.json()["name"] == "HOME"


def test_if_match(alice: Person) -> None:
    url = f"{CATEGORIES}/{alice.category(name='Home')['id']}"
    etag = alice.client.get(url).headers["etag"]
    first = alice.client.put(url, json={"name": "a"}, headers={"If-Match": etag})
    assert first.status_code == 200
    for tags in (etag, f"W/{first.headers['etag']}", '"x"'):
        response = alice.client.put(url, json={"name": "b"}, headers={"If-Match": tags})
        assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(url).json() == first.json()


def test_if_match_says_that_it_is_there(alice: Person, bob: Person) -> None:
    for id in (uuid4(), bob.category()["id"]):
        response = alice.client.put(f"{CATEGORIES}/{id}", json={"name": "a"}, headers={"If-Match": "*"})
        assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(CATEGORIES).json()["items"] == []


def test_if_none_match_says_that_it_is_not_there(alice: Person) -> None:
    url, star = f"{CATEGORIES}/{uuid4()}", {"If-None-Match": "*"}
    assert alice.client.put(url, json={"name": "a"}, headers=star).status_code == 201
    assert_problem(alice.client.put(url, json={"name": "b"}, headers=star), 412, "precondition_failed")
    response = alice.client.put(f"{CATEGORIES}/{uuid4()}", json={"name": "A"}, headers=star)
    assert_problem(response, 409, "name_taken")


@pytest.mark.parametrize(("field", "value", "pointer"), INVALID_IN_CATEGORY)
def test_it_rejects(alice: Person, field: str, value: Any, pointer: str) -> None:
    url = f"{CATEGORIES}/{uuid4()}"
    assert_problem(alice.client.put(url, json={"name": "x"} | {field: value}), 422, "invalid", pointer)
    assert_problem(alice.client.get(url), 404, "not_found")


def test_it_rejects_a_path_that_is_no_id(alice: Person) -> None:
    assert_problem(alice.client.put(f"{CATEGORIES}/42", json={"name": "x"}), 422, "invalid", "/path/category_id")


def test_an_id_of_another_user_is_taken(alice: Person, bob: Person) -> None:
    category = alice.category()
    assert_problem(bob.client.put(f"{CATEGORIES}/{category['id']}", json={"name": "x"}), 409, "id_taken")
    assert alice.client.get(f"{CATEGORIES}/{category['id']}").json() == category
    assert bob.client.get(CATEGORIES).json()["items"] == []


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.put(f"{CATEGORIES}/{uuid4()}", json={"name": "x"}), 401, "unauthenticated")
