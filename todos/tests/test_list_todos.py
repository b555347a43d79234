"""GET /todos"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.signing import b64_decode, b64_encode
from django.test import override_settings

from todoproject.tests.client import Client, Person, assert_problem
from todos.models import Todo

from .cases import TODOS

MOMENT = datetime(2026, 1, 31, 18, tzinfo=UTC)


def at_the_same_moment(person: Person, count: int, title: str = "same moment") -> list[str]:
    """The ids of so many to-dos that only differ in their id, in the order of the list."""
    todos = [Todo(id=uuid4(), user=person.user, title=title, created_at=MOMENT) for _ in range(count)]
    Todo.objects.bulk_create(todos)
    return sorted((str(todo.id) for todo in todos), reverse=True)


def pages(person: Person, **params: Any) -> Iterator[list[dict[str, Any]]]:
    while True:
        response = person.client.get(TODOS, params=params)
        assert response.status_code == 200, response.text
        body = response.json()
        yield body["items"]
        if body["next_cursor"] is None:
            return
        params["cursor"] = body["next_cursor"]


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


def test_it_works_newest_first(alice: Person) -> None:
    todos = [alice.todo(title="1"), alice.todo(title="2", due_date="2026-12-24T17:00:00Z"), alice.todo(title="3")]
    response = alice.client.get(TODOS)
    assert response.status_code == 200
    assert response.json() == {"items": todos[::-1], "next_cursor": None}
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"


def test_without_todos_it_is_empty(alice: Person) -> None:
    assert alice.client.get(TODOS).json() == {"items": [], "next_cursor": None}


def test_another_users_todos_are_not_in_it(alice: Person, bob: Person) -> None:
    alice.todo(category_id=alice.category()["id"])
    own = bob.todo()
    assert bob.client.get(TODOS).json() == {"items": [own], "next_cursor": None}
    assert bob.client.get(TODOS, params={"category_id": "none"}).json()["items"] == [own]
    assert bob.client.get(TODOS, params={"completed": "false"}).json()["items"] == [own]


# --- Pages ------------------------------------------------------------------------------------------------------------


def test_50_are_a_page_unless_said_otherwise(alice: Person) -> None:
    expected = at_the_same_moment(alice, 51)
    assert [ids(page) for page in pages(alice)] == [expected[:50], expected[50:]]


def test_the_cursor_of_the_last_page_is_null_when_the_page_is_full_too(alice: Person) -> None:
    expected = at_the_same_moment(alice, 4)
    assert [ids(page) for page in pages(alice, limit=4)] == [expected]
    assert [ids(page) for page in pages(alice, limit=2)] == [expected[:2], expected[2:]]


@pytest.mark.parametrize("limit", [1, 100])
def test_the_limit_may_be(alice: Person, limit: int) -> None:
    expected = at_the_same_moment(alice, 101)
    body = alice.client.get(TODOS, params={"limit": limit}).json()
    assert ids(body["items"]) == expected[:limit]
    assert body["next_cursor"]


@pytest.mark.parametrize("limit", ["0", "101", "-1", "abc", "1.5", "", "9" * 30])
def test_the_limit_may_not_be(alice: Person, limit: str) -> None:
    assert_problem(alice.client.get(TODOS, params={"limit": limit}), 422, "invalid", "/query/limit")


def test_each_row_that_stays_is_seen_once_while_others_come_and_go(alice: Person) -> None:
    stable, passing = at_the_same_moment(alice, 300), at_the_same_moment(alice, 100, "passing")
    seen: list[str] = []
    for items in pages(alice, limit=7):
        seen += ids(items)
        # the row that the cursor points to is often among those that go
        Todo.objects.filter(user=alice.user, title="passing", id__in=ids(items)).delete()
        at_the_same_moment(alice, 2, "passing")
        Todo.objects.create(user=alice.user, title="passing", created_at=MOMENT + timedelta(days=1))
    assert len(seen) == len(set(seen))
    assert [id for id in seen if id in set(stable)] == stable
    assert set(passing) <= set(seen)


def test_pages_with_filters(alice: Person) -> None:
    category = alice.category()
    at_the_same_moment(alice, 10)
    Todo.objects.filter(user=alice.user).update(category=category["id"])
    expected = at_the_same_moment(alice, 10)
    found = pages(alice, limit=4, completed=False, category_id=["none", str(uuid4())])
    assert [ids(page) for page in found] == [expected[:4], expected[4:8], expected[8:]]


def cursor_of(person: Person, **params: Any) -> str:
    at_the_same_moment(person, 3)
    cursor: str = person.client.get(TODOS, params={"limit": 1} | params).json()["next_cursor"]
    return cursor


def test_a_cursor_serves_any_limit(alice: Person) -> None:
    cursor = cursor_of(alice)
    assert len(alice.client.get(TODOS, params={"limit": 100, "cursor": cursor}).json()["items"]) == 2


def assert_no_cursor(person: Person, cursor: str, **params: Any) -> None:
    assert_problem(person.client.get(TODOS, params=params | {"cursor": cursor}), 422, "invalid", "/query/cursor")


@pytest.mark.parametrize("cursor", ["", "abc", "AAAA", "A" * 80, "null", "ä", "%", "\0", "=", "A" * 1001, "A" * 5000])
def test_a_made_up_cursor_is_invalid(alice: Person, cursor: str) -> None:
    assert_no_cursor(alice, cursor)


def test_a_cursor_with_another_key_is_invalid(alice: Person) -> None:
    content, _, signature = cursor_of(alice).partition(".")
    key = json.loads(b64_decode(content.encode()))
    assert key[0].startswith("2026-01-31")
    forged = b64_encode(json.dumps(["2030-01-01T00:00:00+00:00", key[1]]).encode()).decode()
    assert_no_cursor(alice, f"{forged}.{signature}")


def test_a_cursor_outlives_a_change_of_the_secret_key(alice: Person) -> None:
    cursor = cursor_of(alice)
    with override_settings(SECRET_KEY="x" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
        assert alice.client.get(TODOS, params={"cursor": cursor}).status_code == 200
    with override_settings(SECRET_KEY="x" * 50):
        assert_no_cursor(alice, cursor)


def test_a_cursor_that_was_cut_or_added_to_is_invalid(alice: Person) -> None:
    cursor = cursor_of(alice)
    for changed in (cursor[:-1], cursor[:-4], cursor[1:], cursor[:16], cursor + "A", cursor + "AAAA"):
        assert_no_cursor(alice, changed)


@pytest.mark.parametrize("added", ["\0", "\0\0\0\0", "\n", "!!!!"])
def test_a_cursor_with_anything_behind_it_is_invalid(alice: Person, added: str) -> None:
    assert_no_cursor(alice, cursor_of(alice) + added)


def test_a_cursor_of_another_user_is_invalid(alice: Person, bob: Person) -> None:
    at_the_same_moment(bob, 3)
    assert_no_cursor(bob, cursor_of(alice))


def test_a_cursor_of_other_filters_is_invalid(alice: Person) -> None:
    cursor = cursor_of(alice, completed=False)
    for params in ({}, {"completed": True}, {"completed": False, "category_id": "none"}):
        assert_no_cursor(alice, cursor, **params)


def test_a_cursor_of_another_list_is_invalid(alice: Person) -> None:
    for _ in range(2):
        alice.category()
    cursor = alice.client.get("/api/v1/categories", params={"limit": 1}).json()["next_cursor"]
    assert_no_cursor(alice, cursor)


# --- Filters ----------------------------------------------------------------------------------------------------------


def test_only_completed_or_only_open(alice: Person) -> None:
    done, still_open = alice.todo(is_completed=True), alice.todo()
    assert alice.client.get(TODOS, params={"completed": True}).json()["items"] == [done]
    assert alice.client.get(TODOS, params={"completed": False}).json()["items"] == [still_open]


def test_by_category(alice: Person) -> None:
    home, work = alice.category()["id"], alice.category()["id"]
    at_home, at_work, nowhere = alice.todo(category_id=home), alice.todo(category_id=work), alice.todo()

    def listed(*category_ids: str) -> list[dict[str, Any]]:
        items: list[dict[str, Any]] = alice.client.get(TODOS, params={"category_id": category_ids}).json()["items"]
        return items

    assert listed(home) == [at_home]
    assert listed(home, work) == [at_work, at_home]
    assert listed(home, home) == [at_home]
    assert listed("none") == [nowhere]
    assert listed("none", home) == [nowhere, at_home]
    assert listed("none", home, work) == [nowhere, at_work, at_home]
    assert listed(str(uuid4())) == []


def test_another_users_category_has_no_todos(alice: Person, bob: Person) -> None:
    category = alice.category()["id"]
    alice.todo(category_id=category)
    bob.todo()
    assert bob.client.get(TODOS, params={"category_id": category}).json() == {"items": [], "next_cursor": None}


def test_filters_together(alice: Person) -> None:
    home = alice.category()["id"]
    wanted = alice.todo(category_id=home, is_completed=True)
    alice.todo(category_id=home)
    alice.todo(is_completed=True)
    assert alice.client.get(TODOS, params={"category_id": home, "completed": True}).json()["items"] == [wanted]


@pytest.mark.parametrize("value", ["maybe", "", "2"])
def test_completed_has_to_be_true_or_false(alice: Person, value: str) -> None:
    assert_problem(alice.client.get(TODOS, params={"completed": value}), 422, "invalid", "/query/completed")


@pytest.mark.parametrize("value", ["home", "", "null", "{}"])
def test_category_id_has_to_be_an_id(alice: Person, value: str) -> None:
    response = alice.client.get(TODOS, params={"category_id": ["none", value]})
    body = assert_problem(response, 422, "invalid", "/query/category_id/1")
    assert body["detail"].startswith("/query/category_id/1: ")


def test_too_many_categories_are_invalid(alice: Person) -> None:
    params = {"category_id": [str(uuid4()) for _ in range(101)]}
    assert_problem(alice.client.get(TODOS, params=params), 422, "invalid", "/query/category_id")


def test_an_unknown_parameter_is_invalid(alice: Person) -> None:
    response = alice.client.get(TODOS, params={"complete": True, "Limit": 2})
    assert_problem(response, 422, "invalid", "/query/Limit", "/query/complete")
    assert "completed" in response.json()["detail"]


def test_the_pointer_to_an_unknown_parameter_is_a_json_pointer(alice: Person) -> None:
    assert_problem(alice.client.get(TODOS, params={"a/b~": "1"}), 422, "invalid", "/query/a~1b~0")


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.get(TODOS), 401, "unauthenticated")
    assert_problem(anonymous.get(TODOS, params={"limit": "abc"}), 401, "unauthenticated")
