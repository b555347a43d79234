"""What `manage.py doctor` asks the server, in two sessions with the service's own parameters."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from time import time
from typing import Any, LiteralString

import psycopg
from django.apps import apps
from django.conf import settings
from psycopg import errors
from psycopg.rows import dict_row

from todoproject.db.opener import connection_parameters
from todoproject.db.url import DatabaseURL
from todoproject.management.commands.alterrole import recommended

Session = psycopg.AsyncConnection[dict[str, Any]]

FACTS: LiteralString = """
SELECT
    pg_backend_pid() AS process,
    current_setting('server_version_num')::int AS version,
    current_setting('server_version') AS version_name,
    pg_encoding_to_char(encoding) AS encoding,
    session_user AS role,
    rolsuper AS is_superuser,
    rolbypassrls AS bypasses_row_security,
    EXISTS (SELECT FROM pg_roles WHERE rolname = 'neon_superuser' AND pg_has_role(pg_roles.oid, 'MEMBER'))
        AS is_neon_superuser,
    ARRAY(SELECT extname::text FROM pg_extension) AS extensions,
    least(
        current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
            - coalesce(current_setting('reserved_connections', true)::int, 0),
        nullif(rolconnlimit, -1),
        nullif(datconnlimit, -1)
    ) AS connections
FROM pg_database, pg_roles
WHERE datname = current_database() AND rolname = session_user
"""
TABLES: LiteralString = """
SELECT
    relname AS name,
    pg_has_role(relowner, 'MEMBER') AS is_own,
    has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT')
        AND has_table_privilege(oid, 'UPDATE') AND has_table_privilege(oid, 'DELETE') AS is_usable
FROM pg_class WHERE oid IN (SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)
ORDER BY relname
"""


@dataclass(frozen=True)
class Facts:
    """What the checks go by. `server` has the columns of FACTS, each of `tables` those of TABLES."""

    url: DatabaseURL
    direct: DatabaseURL
    workers: int
    server: dict[str, Any]
    tables: list[dict[str, Any]]
    applied: set[str] | None  # migrations; None if they cannot be read
    role_settings: dict[str, str]  # what a new session has of what is recommended
    is_encrypted: bool
    is_pooled: bool  # by a pooler that lends a session for one transaction
    forgets: bool  # prepared statements
    ahead: float  # seconds by which the server's clock is at least ahead of this machine's; negative: behind


async def ask(url: DatabaseURL, direct: DatabaseURL, *, workers: int, patience: float) -> Facts:
    """Raises psycopg.Error, OSError or TimeoutError."""
    async with asyncio.timeout(patience), await _connect() as session, await _connect() as other:
        return await _facts(session, other, url=url, direct=direct, workers=workers)


async def _connect() -> Session:
    # without the encoding, a SQL_ASCII database would answer in bytes
    parameters = connection_parameters() | {"client_encoding": "UTF8"}
    return await Session.connect(**parameters, autocommit=True, row_factory=dict_row)


async def _rows(session: Session, statement: LiteralString, *values: Any) -> list[dict[str, Any]]:
    return await (await session.execute(statement, values, prepare=False)).fetchall()


async def _facts(session: Session, other: Session, *, url: DatabaseURL, direct: DatabaseURL, workers: int) -> Facts:
    [server] = await _rows(session, FACTS)
    names = [model._meta.db_table for model in apps.get_models(include_auto_created=True)]
    tables = await _rows(session, TABLES, [*names, "django_migrations"])
    role_settings = {}
    for name in recommended(server["version"]):
        [row] = await _rows(session, "SELECT current_setting(%s) AS value", name)
        role_settings[name] = row["value"]
    return Facts(
        url=url,
        direct=direct,
        workers=workers,
        server=server,
        tables=tables,
        applied=await _applied(session),
        role_settings=role_settings,
        is_encrypted=session.pgconn.ssl_in_use,
        is_pooled=url.is_neon_pooler or await _is_pooled(session, other, server["process"]),
        forgets=settings.DATABASE_PREPARED_STATEMENTS and await _forgets(session, other),
        ahead=await _ahead(session),
    )


async def _applied(session: Session) -> set[str] | None:
    try:
        rows = await _rows(session, "SELECT app || '.' || name AS name FROM django_migrations")
    except errors.UndefinedTable:
        return set()
    except errors.InsufficientPrivilege:
        return None
    return {row["name"] for row in rows}


async def _is_pooled(session: Session, other: Session, process: int) -> bool:
    """Whether both have one server process, or one of them has had two."""
    [[second], [first]] = [await _rows(each, "SELECT pg_backend_pid() AS process") for each in (other, session)]
    return bool(second["process"] == process or first["process"] != process)


async def _forgets(session: Session, other: Session) -> bool:
    """Whether two sessions get in each other's way when each prepares a statement of the same name (`_pg3_0`)."""
    try:
        for each in (session, other):
            await each.execute("SELECT 1", prepare=True)
    except (errors.DuplicatePreparedStatement, errors.InvalidSqlStatementName):
        with suppress(psycopg.Error):
            await other.execute("DEALLOCATE _pg3_0")
        return True
    return False


async def _ahead(session: Session) -> float:
    sent = time()
    [row] = await _rows(session, "SELECT extract(epoch FROM clock_timestamp())::float8 AS now")
    received = time()
    now = float(row["now"])
    return max(now - received, 0) or min(now - sent, 0)
