"""The way to the database past a pooler, for what needs a session of its own.

A pooler in transaction mode lends a session for one transaction and then gives it to somebody else, with the settings
and the locks that were left in it (https://neon.com/docs/connect/choose-connection).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from todoproject.db.url import DatabaseURL, DatabaseURLError, parse


def url_in(variable: str) -> DatabaseURL:
    """The database URL in an environment variable. Raises CommandError with exit status 2."""
    try:
        return parse(os.environ.get(variable, ""), variable=variable)
    except DatabaseURLError as error:
        raise CommandError(str(error), returncode=2) from None


def direct_url() -> DatabaseURL:
    """DIRECT_DATABASE_URL where set, else DATABASE_URL; past Neon's pooler in either case. Raises CommandError."""
    is_set = os.environ.get("DIRECT_DATABASE_URL", "").strip()
    return url_in("DIRECT_DATABASE_URL" if is_set else "DATABASE_URL").direct()


@contextmanager
def connected_through(url: DatabaseURL, alias: str = DEFAULT_DB_ALIAS) -> Iterator[BaseDatabaseWrapper]:
    """Django's connection leads through `url` until the end of the block, and afterwards where it led before."""
    connection = connections[alias]
    kept, password = dict(connection.settings_dict), os.environ.get("PGPASSWORD")
    usual = url_in("DATABASE_URL")
    if alias == DEFAULT_DB_ALIAS and url != usual:
        settings = url.django_settings()
        if kept["NAME"] != usual.name:  # a test database that the test runner has put in place of the real one
            settings["NAME"] = kept["NAME"]
        connection.close()
        connection.settings_dict.update(settings)
        url.export_password()
    try:
        yield connection
    finally:
        connection.close()
        connection.settings_dict.update(kept)
        if password is not None:
            os.environ["PGPASSWORD"] = password
        else:
            os.environ.pop("PGPASSWORD", None)


def is_pooled(connection: BaseDatabaseWrapper) -> bool:
    """Whether a pooler lends its sessions: two connections at once then have one server process.

    It is certain when it says so. A busy pooler may hide it.
    """
    first = _server_process(connection)
    if connection.connection.info.backend_pid == first:  # a pooler, and Neon's proxy, report a number of their own
        return False
    other = connection.copy()
    try:
        return _server_process(other) == first or _server_process(connection) != first
    finally:
        other.close()


def one_line(error: DatabaseError) -> str:
    """What the server says, and its advice, without a piece of the statement."""
    diagnosis = getattr(error.__cause__, "diag", None)
    if diagnosis is None or not diagnosis.message_primary:
        return " ".join(str(error).split())
    return ". ".join(part for part in (diagnosis.message_primary, diagnosis.message_hint) if part)


def _server_process(connection: BaseDatabaseWrapper) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    return int(pid)
