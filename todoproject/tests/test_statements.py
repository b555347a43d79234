"""The SQL that the API sends: all of it is written down, and PostgreSQL takes all of it."""

from __future__ import annotations

import inspect
from io import StringIO
from pathlib import Path

import psycopg
import pytest
from django.core.management import call_command
from psycopg import pq

from accounts import queries as accounts
from todoproject.db.opener import connection_parameters
from todos import queries as todos

KEPT = Path(__file__).resolve().parents[2] / "docs" / "statements.sql"
STATEMENTS = [*accounts.statements(), *todos.statements()]


def test_the_copy_in_the_docs_is_what_is_sent() -> None:
    printed = StringIO()
    call_command("statements", stdout=printed)
    assert printed.getvalue() == KEPT.read_text(), "a statement has changed: manage.py statements > docs/statements.sql"


def test_postgresql_takes_each_of_them() -> None:
    with psycopg.connect(**connection_parameters()) as connection:
        for name, statement in STATEMENTS:
            result = connection.pgconn.prepare(b"", statement.sql)
            assert result.status == pq.ExecStatus.COMMAND_OK, f"{name}: {result.get_error_message()}"


def test_no_two_have_the_same_name() -> None:
    names = [name for name, _ in STATEMENTS]
    assert len(set(names)) == len(names)


def test_each_is_made_once_and_then_only_executed() -> None:
    again = [statement for queries in (accounts, todos) for _, statement in queries.statements()]
    assert [id(statement) for statement in again] == [id(statement) for _, statement in STATEMENTS]


@pytest.mark.parametrize(
    ("make", "shapes"), [(todos.todo_page, todos.TODO_SHAPES), (todos.category_page, todos.CATEGORY_SHAPES)]
)
def test_every_shape_of_a_list_is_among_them(make: object, shapes: dict[str, object]) -> None:
    assert list(inspect.signature(make).parameters) == list(shapes)  # type: ignore[arg-type]
