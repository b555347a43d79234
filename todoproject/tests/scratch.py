"""Databases and roles on the tests' server that last as long as one test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import psycopg
from django.db import connections
from psycopg import sql

from todoproject.db.opener import connection_parameters
from todoproject.tests.shell import CANARY


@contextmanager
def database(options: str = "") -> Iterator[str]:
    """An empty database; its name."""
    name = f"scratch_{uuid4().hex}"
    execute(sql.SQL("CREATE DATABASE {} " + options).format(sql.Identifier(name)))
    try:
        yield name
    finally:
        execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


@contextmanager
def role(options: str = "") -> Iterator[str]:
    """A role that may log in, with a name that has to be quoted. Its rights must be in databases that end before it."""
    name = f"Scratch-{uuid4().hex}"
    create = sql.SQL("CREATE ROLE {} LOGIN PASSWORD {} " + options)
    execute(create.format(sql.Identifier(name), sql.Literal(_password())))
    try:
        yield name
    finally:
        execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))


def connect(database: str, **parameters: Any) -> psycopg.Connection:
    return psycopg.connect(**connection_parameters() | {"dbname": database} | parameters)


def execute(statement: sql.Composable | str, database: str = "postgres") -> None:
    with connect(database, autocommit=True) as connection:
        connection.execute(statement)  # type: ignore[arg-type]  # no literal


def url(database: str, user: str = "") -> str:
    """DATABASE_URL for it, with a password that must never be seen."""
    settings = connections["default"].settings_dict
    host, port = settings["HOST"], settings["PORT"]
    where = f"@/{database}?host={quote(host, safe='')}&" if host.startswith("/") else f"@{host}/{database}?"
    return f"postgresql://{user or settings['USER']}:{_password()}{where}" + (f"port={port}" if port else "")


def _password() -> str:
    return os.environ.get("PGPASSWORD") or CANARY
