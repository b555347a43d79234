"""GET /todos?q=…"""

from __future__ import annotations

import re
from typing import Any

import psycopg
import pytest

from todoproject.db.opener import connection_parameters
from todoproject.db.statement import encode
from todoproject.tests.client import Client, Person, assert_problem
from todos import queries
from todos.models import Todo

from .cases import TODOS


def found(person: Person, q: str, **params: Any) -> list[str]:
    """The titles of what is found."""
    response = person.client.get(TODOS, params=params | {"q": q})
    assert response.status_code == 200, response.text
    return [item["title"] for item in response.json()["items"]]


def titled(person: Person, *titles: str, **fields: Any) -> None:
    """To-dos with these titles, of which the last is the newest."""
    for title in titles:
        Todo.objects.create(user=person.user, title=title, **fields)


def test_it_finds_what_has_the_text_in_its_title(alice: Person) -> None:
    wanted = alice.todo(title="Water the plants")
    alice.todo(title="Buy a plane ticket")
    assert alice.client.get(TODOS, params={"q": "plant"}).json() == {"items": [wanted], "next_cursor": None}


def test_it_finds_what_has_the_text_in_its_description(alice: Person) -> None:
    wanted = alice.todo(title="Garden", description="The tomatoes\nand the plants")
    alice.todo(title="Travel", description="A ticket")
    assert alice.client.get(TODOS, params={"q": "plant"}).json() == {"items": [wanted], "next_cursor": None}


def test_in_the_order_of_the_list_wherever_the_text_is(alice: Person) -> None:
    titled(alice, "A plant")
    titled(alice, "B", description="plants")
    titled(alice, "C plant", description="plant")
    titled(alice, "D")
    assert found(alice, "plant") == ["C plant", "B", "A plant"]


@pytest.mark.parametrize("q", ["a", "Wa", "ate", "r t", "ants", "Water the plants", "s (all of them)!"])
def test_any_part_is_found_however_short(alice: Person, q: str) -> None:
    titled(alice, "Water the plants (all of them)!", "Milk")
    assert found(alice, q) == ["Water the plants (all of them)!"]


def test_nothing_is_found(alice: Person) -> None:
    titled(alice, "Water the plants")
    for q in ("Wataer", "plants the", "z"):
        assert found(alice, q) == []


@pytest.mark.parametrize(
    ("title", "q"),
    [
        ("Water", "wATER"),
        ("Äpfel kaufen", "äpfel"),
        ("äpfel kaufen", "ÄPFEL"),
        ("CAFÉ", "café"),
        ("Купить молоко", "МОЛОКО"),
        ("Γάλα", "γάλα"),
        ("買牛奶", "牛奶"),
        ("Party 🎉", "🎉"),
    ],
)
def test_upper_and_lower_case_are_alike(alice: Person, title: str, q: str) -> None:
    titled(alice, title, "Apfel, Cafe")
    titled(alice, "Something else", description=f"\n{title}\n")
    assert found(alice, q) == ["Something else", title]


@pytest.mark.parametrize("q", ["100%", "%", "a_b", "_", "C:\\dir", "\\", "\\%", "'", '"', "--", "$1", "%s", "{}", "*"])
def test_no_character_is_a_wildcard(alice: Person, q: str) -> None:
    titled(alice, "100 percent", "axb", "C:dir", f"<{q}>", "1000")
    titled(alice, "described", description=f"{q}")
    assert found(alice, q) == ["described", f"<{q}>"]


def test_blanks_around_it_do_not_count_but_those_within_do(alice: Person) -> None:
    titled(alice, "Water the plants", "Waterthe")
    assert found(alice, "  water the\t\n") == ["Water the plants"]
    assert found(alice, "water  the") == []


@pytest.mark.parametrize("q", ["", " ", "\t\n", "\u00a0\u3000"])
def test_an_empty_search_box_filters_nothing(alice: Person, q: str) -> None:
    titled(alice, "1", "2")
    assert found(alice, q) == ["2", "1"]


def test_another_users_todos_are_not_found(alice: Person, bob: Person) -> None:
    titled(alice, "Water the plants", description="plants")
    titled(bob, "plants of Bob")
    assert found(bob, "plants") == ["plants of Bob"]
    assert found(bob, "Water") == []


def test_with_the_other_filters(alice: Person) -> None:
    home, work = alice.category()["id"], alice.category()["id"]
    for name, category in (("home", home), ("work", work), ("none", None)):
        for thing in ("plant", "other"):
            titled(alice, f"open {thing} {name}", category_id=category)
            alice.todo(title=f"done {thing} {name}", category_id=category, is_completed=True)
    assert found(alice, "plant", completed=True) == ["done plant none", "done plant work", "done plant home"]
    assert found(alice, "plant", category_id=home) == ["done plant home", "open plant home"]
    assert found(alice, "plant", category_id="none", completed=False) == ["open plant none"]
    assert found(alice, "plant", category_id=["none", home], completed=True) == ["done plant none", "done plant home"]
    assert found(alice, "plant", category_id=[home, work], completed=False) == ["open plant work", "open plant home"]


def test_page_by_page(alice: Person) -> None:
    titled(alice, *(f"{'plant' if number % 3 else 'other'} {number}" for number in range(12)))
    params: dict[str, Any] = {"q": "plant", "limit": 3}
    titles: list[list[str]] = []
    while True:
        body = alice.client.get(TODOS, params=params).json()
        titles.append([item["title"] for item in body["items"]])
        if body["next_cursor"] is None:
            break
        params["cursor"] = body["next_cursor"]
    expected = [f"plant {number}" for number in (11, 10, 8, 7, 5, 4, 2, 1)]
    assert titles == [expected[:3], expected[3:6], expected[6:]]


def test_a_cursor_of_another_search_is_invalid(alice: Person) -> None:
    titled(alice, "plant", "plant")
    cursor = alice.client.get(TODOS, params={"q": "plant", "limit": 1}).json()["next_cursor"]
    assert found(alice, " plant ", cursor=cursor) == ["plant"]
    others: list[dict[str, Any]] = [{}, {"q": ""}, {"q": "plan"}, {"q": "Plant"}, {"q": "plant", "completed": False}]
    for params in others:
        response = alice.client.get(TODOS, params=params | {"cursor": cursor})
        assert_problem(response, 422, "invalid", "/query/cursor")


def test_up_to_100_characters(alice: Person) -> None:
    titled(alice, "ä" * 100)
    assert found(alice, "Ä" * 100) == ["ä" * 100]
    assert found(alice, f" {'Ä' * 100} ") == ["ä" * 100]
    assert_problem(alice.client.get(TODOS, params={"q": "x" * 101}), 422, "invalid", "/query/q")


def test_an_empty_search_and_none_are_the_same_list(alice: Person) -> None:
    titled(alice, "plant", "plant", "plant")
    cursor = alice.client.get(TODOS, params={"limit": 1, "q": " "}).json()["next_cursor"]
    assert alice.client.get(TODOS, params={"cursor": cursor}).status_code == 200


@pytest.mark.parametrize("q", ["\0", "a\0b", " \0 "])
def test_nul_is_invalid(alice: Person, q: str) -> None:
    assert_problem(alice.client.get(TODOS, params={"q": q}), 422, "invalid", "/query/q")


def many(person: Person, count: int) -> None:
    """So many to-dos of the same moment, numbered."""
    with psycopg.connect(**connection_parameters(), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO todos_todo (user_id, title, description) SELECT %s, 'Task ' || n, repeat(md5(n::text), 40) "
            "FROM generate_series(1, %s) n",
            [person.user.pk, count],
        )
        connection.execute("ANALYZE todos_todo")


def test_it_finds_what_is_older_than_the_newest_ones(alice: Person) -> None:
    many(alice, 5000)
    listed = list(Todo.objects.filter(user=alice.user).order_by("-created_at", "-id").values_list("pk", flat=True))
    wanted = [*listed[:3], *listed[queries.NEWEST - 3 : queries.NEWEST + 3], *listed[-3:]]
    Todo.objects.filter(pk__in=wanted).update(title="Zebrafish")
    for limit in (2, 6, 12, 50):
        params: dict[str, Any] = {"q": "zebra", "limit": limit}
        seen: list[str] = []
        while params.get("cursor", "") is not None:
            body = alice.client.get(TODOS, params=params).json()
            seen += [item["id"] for item in body["items"]]
            params["cursor"] = body["next_cursor"]
        assert seen == [str(pk) for pk in wanted]


def plan(person: Person, q: str) -> str:
    """How PostgreSQL runs the statement of this search."""
    statement = queries.todo_page(completed=False, categories=0, no_category=False, search=True, after=False)
    assert statement.sql.startswith(b"SELECT")  # which the pool may repeat when a connection breaks
    values = {"user_id": person.user.pk, "pattern": queries.containing(q), "limit": 51}
    with psycopg.connect(**connection_parameters()) as connection:
        parameters = [encode(values[name]) for name in statement.arguments]
        result = connection.pgconn.exec_params(b"EXPLAIN ANALYZE " + statement.sql, parameters)
        return b"\n".join(result.get_value(row, 0) or b"" for row in range(result.ntuples)).decode()


NOT_BEYOND_THE_NEWEST = "never executed"


def test_a_frequent_text_is_found_among_the_newest_and_a_rare_one_by_the_index(alice: Person) -> None:
    many(alice, 5000)
    for rare in ("zebrafish", "task zebrafish", "100% zebra"):
        assert len(re.findall(r"Bitmap Index Scan on todo_search .*\(actual", plan(alice, rare))) == 2
    for frequent in ("task", "a", "TASK"):
        assert NOT_BEYOND_THE_NEWEST in plan(alice, frequent)


def test_few_todos_are_not_searched_twice(alice: Person) -> None:
    many(alice, 100)
    assert NOT_BEYOND_THE_NEWEST in plan(alice, "zebrafish")


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.get(TODOS, params={"q": "plant"}), 401, "unauthenticated")
