"""DELETE /categories/{id}"""

from __future__ import annotations

from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import CATEGORIES, TODOS, assert_answers_as_missing


def test_its_todos_stay_without_a_category(alice: Person) -> None:
    home, work = alice.category(), alice.category(name="Work")
    at_home, at_work = alice.todo(category_id=home["id"]), alice.todo(category_id=work["id"])
    response = alice.client.delete(f"{CATEGORIES}/{home['id']}")
    assert response.status_code == 204
    assert response.content == b""
    assert_problem(alice.client.get(f"{CATEGORIES}/{home['id']}"), 404, "not_found")
    assert alice.client.get(CATEGORIES).json()["items"] == [work]

    left = alice.client.get(f"{TODOS}/{at_home['id']}")
    updated_at = left.json()["updated_at"]
    assert left.json() == at_home | {"category_id": None, "version": 2, "updated_at": updated_at}
    assert updated_at > at_home["updated_at"]
    assert left.headers["etag"] == '"2"'
    assert alice.client.get(f"{TODOS}/{at_work['id']}").json() == at_work


def test_the_second_time_it_is_missing(alice: Person) -> None:
    url = f"{CATEGORIES}/{alice.category()['id']}"
    alice.client.delete(url)
    assert_problem(alice.client.delete(url), 404, "not_found")


def test_its_name_is_free_again(alice: Person) -> None:
    alice.client.delete(f"{CATEGORIES}/{alice.category(name='Home')['id']}")
    assert alice.category(name="Home")["name"] == "Home"


def test_if_match(alice: Person) -> None:
    url = f"{CATEGORIES}/{alice.category()['id']}"
    old = alice.client.get(url).headers["etag"]
    new = alice.client.patch(url, json={"icon": "x"}).headers["etag"]
    for tags in (old, f"W/{new}", '"x"'):
        assert_problem(alice.client.delete(url, headers={"If-Match": tags}), 412, "precondition_failed")
    assert alice.client.delete(url, headers={"If-Match": new}).status_code == 204


@pytest.mark.parametrize("headers", [{}, {"If-Match": "*"}, {"If-Match": '"1"'}])
def test_another_users_category_is_missing(alice: Person, bob: Person, headers: dict[str, str]) -> None:
    category = alice.category()
    foreign = bob.client.delete(f"{CATEGORIES}/{category['id']}", headers=headers)
    assert_answers_as_missing(foreign, bob.client.delete(f"{CATEGORIES}/{uuid4()}", headers=headers), "category")
    assert alice.client.get(f"{CATEGORIES}/{category['id']}").json() == category


def test_an_id_that_is_none_is_invalid(alice: Person) -> None:
    assert_problem(alice.client.delete(f"{CATEGORIES}/42"), 422, "invalid", "/path/category_id")


def test_anonymous(alice: Person, anonymous: Client) -> None:
    assert_problem(anonymous.delete(f"{CATEGORIES}/{alice.category()['id']}"), 401, "unauthenticated")
