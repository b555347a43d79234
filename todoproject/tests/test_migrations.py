"""Migrations: they say what the models say, and go both ways."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from django.core.management import call_command
from django.db import connections

from todoproject.db.opener import connection_parameters
from todoproject.db.tests.rig import admin


@pytest.fixture
def scratch() -> Iterator[str]:
    """An empty database, which Django knows by its name until the end of the test."""
    name = f"scratch_{uuid4().hex}"
    admin(f"CREATE DATABASE {name}")
    connections.settings[name] = connections["default"].settings_dict | {"NAME": name}
    yield name
    connections[name].close()
    del connections[name], connections.settings[name]
    admin(f"DROP DATABASE {name} WITH (FORCE)")


def migrate(*arguments: str, database: str = "default") -> None:
    call_command("migrate", *arguments, database=database, verbosity=0)


def schema(name: str) -> list[tuple[str, ...]]:
    """Columns, constraints, indexes, triggers and functions of the project."""
    with psycopg.connect(**connection_parameters() | {"dbname": name}) as connection:
        return connection.execute(
            """
            SELECT 'column', attrelid::regclass::text, attname::text, format_type(atttypid, atttypmod), attnotnull::text
                FROM pg_attribute WHERE attrelid::regclass::text ~ '^(accounts|todos)_' AND attnum > 0
                AND NOT attisdropped
            UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid), ''
                FROM pg_constraint WHERE conrelid::regclass::text ~ '^(accounts|todos)_'
            UNION ALL SELECT 'index', tablename, indexname, indexdef, ''
                FROM pg_indexes WHERE tablename ~ '^(accounts|todos)_'
            UNION ALL SELECT 'trigger', tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), ''
                FROM pg_trigger WHERE NOT tgisinternal
            UNION ALL SELECT 'function', proname, '', prosrc, ''
                FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prolang <>
                (SELECT oid FROM pg_language WHERE lanname = 'c')
            ORDER BY 1, 2, 3
            """
        ).fetchall()


def test_models_and_migrations_agree() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_migrations_go_back_to_nothing_and_forward_again(scratch: str) -> None:
    migrate(database=scratch)
    first = schema(scratch)
    assert {row[0] for row in first} == {"column", "constraint", "index", "trigger", "function"}
    migrate("todos", "zero", database=scratch)
    migrate("accounts", "zero", database=scratch)
    assert schema(scratch) == []
    migrate(database=scratch)
    assert schema(scratch) == first


def test_a_second_run_has_nothing_to_do() -> None:
    with psycopg.connect(**connection_parameters()) as connection:
        applied = connection.execute("SELECT count(*) FROM django_migrations").fetchone()
    migrate()
    with psycopg.connect(**connection_parameters()) as connection:
        assert connection.execute("SELECT count(*) FROM django_migrations").fetchone() == applied
