"""Does the database answer?

`check_database_health` is the one function behind the endpoints and `manage.py healthcheck`. The endpoints answer
within a second whatever the database does, and all together they ask it at most once a second.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db.migrations.loader import MigrationLoader

from todoproject.db.connection import Connection
from todoproject.db.failures import Reason, reason
from todoproject.db.opener import connection_parameters

PATIENCE = 0.8  # seconds that a probe waits for the database, so that the whole answer takes less than one
FRESH = 1.0  # seconds for which an answer serves further probes
SILENCE = 3.0  # seconds after which a kept connection that does not answer is replaced

APPLIED = b"SELECT app || '.' || name FROM django_migrations"


@dataclass(frozen=True)
class DatabaseHealth:
    error: Reason | None = None
    latency_ms: int = 0
    tls: bool = False
    migrated: bool | None = None  # None when not asked

    @property
    def connected(self) -> bool:
        return self.error is None

    def body(self) -> dict[str, Any]:
        """The body of a health endpoint. What is not known is left out."""
        if self.error:
            return {"status": "unhealthy", "connected": False, "error": self.error}
        if self.migrated is False:
            return {"status": "unhealthy", "connected": True, "latency_ms": self.latency_ms, "error": "migrations"}
        return {"status": "healthy", "connected": True, "latency_ms": self.latency_ms}


async def connect(*, patience: float) -> Connection:
    """A connection with the service's own parameters, but not one of its pool: a full pool is not a sick database.

    It closes when a statement on it takes longer than `patience` seconds. Raises psycopg.OperationalError.
    """
    return await Connection.open(connection_parameters(), prepare=False, patience=patience)


async def check_database_health(connection: Connection, *, migrations: bool = False) -> DatabaseHealth:
    """Ask the database for a sign of life and, with `migrations`, whether it has all of this code's. Never raises."""
    started = time.perf_counter()
    try:
        await connection.fetch(b"SELECT 1")
        latency = round((time.perf_counter() - started) * 1000)
        migrated = await _is_migrated(connection) if migrations else None
    except psycopg.Error as error:
        return DatabaseHealth(error=reason(error))
    return DatabaseHealth(latency_ms=latency, tls=connection.tls, migrated=migrated)


async def _is_migrated(connection: Connection) -> bool:
    try:
        rows = await connection.fetch(APPLIED)
    except psycopg.errors.UndefinedTable:
        return False
    return _known_migrations() <= {(name or b"").decode() for (name,) in rows}


_migrations: set[str] = set()


def _known_migrations() -> set[str]:
    if not _migrations:
        loader = MigrationLoader(None)
        _migrations.update(f"{app}.{name}" for app, name in loader.disk_migrations)
    return _migrations


class Probe:
    """The endpoints' connection: opened by the first probe, kept for later ones, shared by those that arrive together.

    A probe that runs out of patience answers `timeout` and leaves the attempt running: a database that is waking up
    goes on waking up, and the next probe benefits.
    """

    def __init__(self) -> None:
        self._connection: Connection | None = None
        self._running: asyncio.Task[DatabaseHealth] | None = None
        self._last: DatabaseHealth | None = None
        self._last_at = 0.0

    async def health(self) -> DatabaseHealth:
        """How the database is, or was less than a second ago."""
        if self._last is not None and time.monotonic() - self._last_at < FRESH:
            return self._last
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._check())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.shield(self._running)
        except TimeoutError:
            return DatabaseHealth(error="timeout")

    async def close(self) -> None:
        if self._running is not None:
            self._running.cancel()
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    async def _check(self) -> DatabaseHealth:
        kept = self._connection is not None
        health = await self._ask()
        if kept and not health.connected:  # the kept connection had died while idle, which says nothing about now
            health = await self._ask()
        self._last, self._last_at = health, time.monotonic()
        return health

    async def _ask(self) -> DatabaseHealth:
        try:
            if self._connection is None or self._connection.closed:
                self._connection = await connect(patience=SILENCE)
        except (psycopg.Error, OSError) as error:
            return DatabaseHealth(error=reason(error))
        health = await check_database_health(self._connection, migrations=True)
        if not health.connected:
            self._connection.close()
            self._connection = None
        return health


probe = Probe()
