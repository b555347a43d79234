"""GET /categories/{id}"""

from __future__ import annotations

from uuid import uuid4

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import CATEGORIES, assert_answers_as_missing

COUNTED = {"include_counts": "true"}


def test_it_works(alice: Person) -> None:
    category = alice.category(icon="🏠")
    response = alice.client.get(f"{CATEGORIES}/{category['id']}")
    assert response.status_code == 200
    assert response.json() == category
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["etag"]


def test_with_counts_it_has_no_etag_because_they_change_alone(alice: Person, bob: Person) -> None:
    category = alice.category()
    url = f"{CATEGORIES}/{category['id']}"
    assert alice.client.get(url, params=COUNTED).json() == category | {"todo_count": 0, "open_count": 0}
    alice.todo(category_id=category["id"])
    alice.todo(category_id=category["id"], is_completed=True)
    alice.todo(category_id=alice.category()["id"])
    response = alice.client.get(url, params=COUNTED)
    assert response.json() == category | {"todo_count": 2, "open_count": 1}
    assert "etag" not in response.headers


def test_what_the_client_has_already_is_not_sent_again(alice: Person) -> None:
    url = f"{CATEGORIES}/{alice.category()['id']}"
    etag = alice.client.get(url).headers["etag"]
    for tags in (etag, f"W/{etag}", f'"7", {etag}', "*"):
        response = alice.client.get(url, headers={"If-None-Match": tags})
        assert response.status_code == 304
        assert response.content == b""
        assert response.headers["etag"] == etag


def test_the_etag_changes_with_the_category(alice: Person) -> None:
    url = f"{CATEGORIES}/{alice.category()['id']}"
    etag = alice.client.get(url).headers["etag"]
    changed = alice.client.patch(url, json={"icon": "x"})
    assert changed.headers["etag"] != etag
    response = alice.client.get(url, headers={"If-None-Match": etag})
    assert response.status_code == 200
    assert response.json() == changed.json()
    assert response.headers["etag"] == changed.headers["etag"]


@pytest.mark.parametrize("params", [{}, COUNTED])
def test_another_users_category_is_missing(alice: Person, bob: Person, params: dict[str, str]) -> None:
    foreign = bob.client.get(f"{CATEGORIES}/{alice.category()['id']}", params=params)
    assert_answers_as_missing(foreign, bob.client.get(f"{CATEGORIES}/{uuid4()}", params=params), "category")


def test_it_rejects(alice: Person) -> None:
    assert_problem(alice.client.get(f"{CATEGORIES}/42"), 422, "invalid", "/path/category_id")
    url = f"{CATEGORIES}/{alice.category()['id']}"
    assert_problem(alice.client.get(url, params={"include_counts": "x"}), 422, "invalid", "/query/include_counts")
    assert_problem(alice.client.get(url, params={"counts": "1"}), 422, "invalid", "/query/counts")


def test_anonymous(alice: Person, anonymous: Client) -> None:
    assert_problem(anonymous.get(f"{CATEGORIES}/{alice.category()['id']}"), 401, "unauthenticated")
