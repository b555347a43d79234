"""From a QuerySet with named parameters to a statement with numbered ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Q

from todoproject.db.resource import Resource
from todoproject.db.statement import Param, compile_query, encode, statement
from todos.models import Category, Todo

ONE = UUID("00000000-0000-4000-8000-000000000001")


def test_parameters_are_numbered_in_their_order() -> None:
    made = statement("SELECT %s, %s, %s", [Param("b"), Param("a"), Param("c")])
    assert (made.sql, made.arguments) == (b"SELECT $1, $2, $3", ("b", "a", "c"))


def test_a_parameter_named_twice_is_one() -> None:
    made = statement("SELECT %s, %s, %s, %s", [Param("b"), Param("a"), Param("b"), Param("c")])
    assert (made.sql, made.arguments) == (b"SELECT $1, $2, $1, $3", ("b", "a", "c"))


def test_whole_numbers_and_booleans_are_part_of_the_text() -> None:
    made = statement("SELECT %s, %s, %s, %s", [True, False, -7, Param("a")])
    assert (made.sql, made.arguments) == (b"SELECT true, false, -7, $1", ("a",))


@pytest.mark.parametrize("value", ["text", "1; DROP TABLE x", None, 1.5, ONE, b"x", date(2026, 1, 1), [1]])
def test_no_other_literal_becomes_part_of_the_text(value: Any) -> None:
    with pytest.raises(TypeError, match="anything else is a Param"):
        statement("SELECT %s", [value])


def test_a_queryset_becomes_a_statement() -> None:
    mine = Todo.objects.owned_by(Param("user_id")).filter(Q(id=Param("id")) | Q(category_id=Param("id")), priority=2)
    made = statement(*compile_query(mine.values("title").query))
    assert made.arguments == ("user_id", "id")
    assert made.sql.count(b"$1") == 1
    assert made.sql.count(b"$2") == 2
    assert b'"priority" = 2' in made.sql
    assert b"%" not in made.sql


def test_a_queryset_with_a_value_in_it_is_refused() -> None:
    with pytest.raises(TypeError):
        statement(*compile_query(Todo.objects.filter(title="somebody's title").values("id").query))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", b""),
        ("\u00e9'\\", "\u00e9'\\".encode()),
        (True, b"t"),
        (False, b"f"),
        (0, b"0"),
        (-(2**40), b"-1099511627776"),
        (ONE, b"00000000-0000-4000-8000-000000000001"),
        (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), b"2026-01-02T03:04:05.000006+00:00"),
        (date(2026, 1, 2), b"2026-01-02"),
        (b"\x00\xff", b"\\x00ff"),
        ([], b"{}"),
        ([ONE, ONE], b'{"%b","%b"}' % ((str(ONE).encode(),) * 2)),
        ((1, None), b'{"1",NULL}'),
        (["a,b", 'c"d', "e\\f", "{}", "", "NULL"], rb'{"a,b","c\"d","e\\f","{}","","NULL"}'),
    ],
)
def test_values_in_postgresqls_text_format(value: Any, text: bytes | None) -> None:
    assert encode(value) == text


@pytest.mark.parametrize("value", [1.5, {"a": 1}, object(), {1}, [[1]]])
def test_a_value_without_a_text_format_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="no text format"):
        encode(value)


def test_a_resource_makes_each_statement_once() -> None:
    resource = Resource(Category.objects.owned_by(Param("user_id")), ("id", "name"), etag="1")
    assert resource.get() is resource.get()
    assert resource.update(("name",), if_match=False) is resource.update(("name",), if_match=False)
    assert resource.update(("name",), if_match=False) is not resource.update(("name",), if_match=True)
    assert resource.update(("name",), if_match=True).arguments.count("etags") == 1
