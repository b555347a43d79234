"""GET /categories"""

from __future__ import annotations

from typing import Any

import pytest

from todoproject.tests.client import Client, Person, assert_problem

from .cases import CATEGORIES


def test_it_works_by_name_without_regard_to_case(alice: Person) -> None:
    work, home, garden = (
        alice.category(name="work"),
        alice.category(name="Home", icon="x"),
        alice.category(name="garden"),
    )
    response = alice.client.get(CATEGORIES)
    assert response.status_code == 200
    assert response.json() == {"items": [garden, home, work], "next_cursor": None}
    assert response.headers["cache-control"] == "no-store"


def test_without_categories_it_is_empty(alice: Person) -> None:
    assert alice.client.get(CATEGORIES).json() == {"items": [], "next_cursor": None}
    assert alice.client.get(CATEGORIES, params={"include_counts": True}).json()["items"] == []


def test_with_counts_of_own_todos_only(alice: Person, bob: Person) -> None:
    home, work, empty = alice.category(name="a"), alice.category(name="b"), alice.category(name="c")
    for _ in range(2):
        alice.todo(category_id=home["id"])
    alice.todo(category_id=home["id"], is_completed=True)
    alice.todo(category_id=work["id"], is_completed=True)
    alice.todo()
    bob.todo(category_id=bob.category(name="a")["id"])
    response = alice.client.get(CATEGORIES, params={"include_counts": True})
    assert response.json() == {
        "items": [
            home | {"todo_count": 3, "open_count": 2},
            work | {"todo_count": 1, "open_count": 0},
            empty | {"todo_count": 0, "open_count": 0},
        ],
        "next_cursor": None,
    }


def test_another_users_categories_are_not_in_it(alice: Person, bob: Person) -> None:
    alice.category()
    own = bob.category()
    for counts in (False, True):
        items = bob.client.get(CATEGORIES, params={"include_counts": counts}).json()["items"]
        assert [item["id"] for item in items] == [own["id"]]


@pytest.mark.parametrize("counts", [False, True])
@pytest.mark.parametrize("limit", [1, 2, 3, 6])
def test_pages_by_name(alice: Person, counts: bool, limit: int) -> None:
    names = ["Äpfel", "Zoo", "b" * 50, "B", "c'", "\N{SEEDLING}"]
    for name in names:
        alice.category(name=name)
    whole = alice.client.get(CATEGORIES, params={"include_counts": counts}).json()["items"]
    assert sorted(item["name"] for item in whole) == sorted(names)

    items: list[Any] = []
    cursor: dict[str, str] = {}
    for _ in range(len(names)):
        params: dict[str, Any] = {"limit": limit, "include_counts": counts, **cursor}
        response = alice.client.get(CATEGORIES, params=params)
        assert response.status_code == 200, response.text
        items += response.json()["items"]
        if response.json()["next_cursor"] is None:
            break
        cursor = {"cursor": response.json()["next_cursor"]}
    assert items == whole
    assert response.json()["next_cursor"] is None


def test_a_page_may_end_with_the_longest_name(alice: Person) -> None:
    names = ["\N{SEEDLING}" * 50, "\N{EVERGREEN TREE}" * 50]
    for name in names:
        alice.category(name=name)
    first = alice.client.get(CATEGORIES, params={"limit": 1}).json()
    second = alice.client.get(CATEGORIES, params={"limit": 1, "cursor": first["next_cursor"]})
    assert second.status_code == 200, second.text
    assert {first["items"][0]["name"], second.json()["items"][0]["name"]} == set(names)


@pytest.mark.parametrize("limit", ["0", "101", "abc"])
def test_the_limit_may_not_be(alice: Person, limit: str) -> None:
    assert_problem(alice.client.get(CATEGORIES, params={"limit": limit}), 422, "invalid", "/query/limit")


def test_a_forged_or_foreign_cursor_is_invalid(alice: Person, bob: Person) -> None:
    for person in (alice, bob):
        person.todo(), person.todo(), person.category(), person.category()
    of_todos = alice.client.get("/api/v1/todos", params={"limit": 1}).json()["next_cursor"]
    of_bob = bob.client.get(CATEGORIES, params={"limit": 1}).json()["next_cursor"]
    own = alice.client.get(CATEGORIES, params={"limit": 1}).json()["next_cursor"]
    for cursor in (of_todos, of_bob, own[:-4], own[4:], own + "AAAA", "abc", "", "\0"):
        assert_problem(alice.client.get(CATEGORIES, params={"cursor": cursor}), 422, "invalid", "/query/cursor")
    assert len(alice.client.get(CATEGORIES, params={"cursor": own}).json()["items"]) == 1


def test_it_rejects(alice: Person) -> None:
    response = alice.client.get(CATEGORIES, params={"include_counts": "some"})
    assert_problem(response, 422, "invalid", "/query/include_counts")
    assert_problem(alice.client.get(CATEGORIES, params={"counts": "1"}), 422, "invalid", "/query/counts")


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.get(CATEGORIES), 401, "unauthenticated")
