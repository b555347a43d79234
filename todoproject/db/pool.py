"""The database connections of this process. A request reaches them in one way: `await pool.fetch(sql, values)`."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Sequence
from typing import Any, cast

import psycopg
from django.conf import settings
from django.db import connections

from .connection import STALE_PLAN, Connection, ConnectionLost, Row
from .failures import reason

SHUTDOWNS = (psycopg.errors.AdminShutdown, psycopg.errors.CrashShutdown, psycopg.errors.CannotConnectNow)

logger = logging.getLogger(__name__)


class PoolTimeout(psycopg.OperationalError):
    """No connection came free in time."""


def connection_parameters() -> dict[str, Any]:
    """What libpq needs to connect as Django would, except for the password, which it reads from PGPASSWORD."""
    database = connections["default"].settings_dict
    named = {"dbname": database["NAME"], "user": database["USER"], "host": database["HOST"], "port": database["PORT"]}
    return {name: value for name, value in (named | database["OPTIONS"]).items() if value}


def _may_repeat(sql: bytes, error: psycopg.Error) -> bool:
    if isinstance(error, ConnectionLost) and not error.sent:
        return True
    was_cut = isinstance(error, SHUTDOWNS) or (isinstance(error, ConnectionLost) and not error.timed_out)
    return was_cut and sql.startswith(b"SELECT")


class Pool:
    """Up to DATABASE_POOL_MAX connections, opened on demand and handed out in turn.

    A failed connect fails the request that waits for it at once and with the true error. A request that stops waiting
    does not stop the connect: a sleeping compute goes on waking up, and the next request benefits.
    """

    def __init__(self) -> None:
        self._idle: list[Connection] = []
        self._waiters: deque[asyncio.Future[Connection]] = deque()
        self._open: set[Connection] = set()
        self._connecting: set[asyncio.Task[None]] = set()
        self._closed = False

    @property
    def size(self) -> int:
        """How many connections are open."""
        return len(self._open)

    @property
    def active(self) -> int:
        """How many of them are running a statement."""
        return len(self._open) - len(self._idle)

    async def open(self, *, patience: float = 2) -> None:
        """Start with DATABASE_POOL_MIN connections. Without a database the service starts as well."""
        self._closed = False
        for _ in range(settings.DATABASE_POOL_MIN):
            self._connect()
        if self._connecting:
            await asyncio.wait(self._connecting, timeout=patience)

    async def close(self) -> None:
        """Close the idle connections now, and the others as they come back."""
        self._closed = True
        connecting = list(self._connecting)
        for task in connecting:
            task.cancel()
        await asyncio.gather(*connecting, return_exceptions=True)
        self._connecting.clear()  # those that were cancelled before they began
        for connection in list(self._idle):
            connection.close()

    async def fetch(self, sql: bytes, values: Sequence[bytes | None], *, prepare: bool = True) -> list[Row]:
        """Run one statement on a free connection and return its rows; without `prepare`, plan it for these values.

        It is sent again, on another connection, if it was not executed, or if it only reads and the connection broke.
        Raises psycopg.Error.
        """
        connection = await self._acquire()
        try:
            return await connection.fetch(sql, values, prepare=prepare)
        except psycopg.Error as error:
            if error.sqlstate == STALE_PLAN:  # the plans of the other connections are just as old
                for idle in list(self._idle):
                    idle.close()
            elif not _may_repeat(sql, error):
                raise
        finally:
            self._release(connection)
        connection = await self._acquire()
        try:
            return await connection.fetch(sql, values, prepare=prepare)
        finally:
            self._release(connection)

    async def _acquire(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_alive():
                return connection
        if len(self._open) + len(self._connecting) < settings.DATABASE_POOL_MAX:
            self._connect()
        loop = asyncio.get_running_loop()
        waiter: asyncio.Future[Connection] = loop.create_future()
        self._waiters.append(waiter)
        timer = loop.call_later(settings.DATABASE_POOL_TIMEOUT, self._give_up, waiter)
        try:
            return await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._release(waiter.result())  # it was handed over just as the request gave up
            raise
        finally:
            timer.cancel()
            del waiter  # its exception refers to this frame, and each would keep the other alive

    def _give_up(self, waiter: asyncio.Future[Connection]) -> None:
        if not waiter.done():
            self._waiters.remove(waiter)  # its exception keeps the whole request alive
            waiter.set_exception(PoolTimeout("timeout: no database connection came free in time"))

    def _release(self, connection: Connection) -> None:
        if connection.closed:
            return
        if self._closed:
            connection.close()
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append(connection)

    def _connect(self) -> None:
        self._connecting.add(asyncio.get_running_loop().create_task(self._open_one()))

    async def _open_one(self) -> None:
        try:
            try:
                connection = await Connection.open(
                    connection_parameters(),
                    prepare=settings.DATABASE_PREPARED_STATEMENTS,
                    patience=settings.DATABASE_STATEMENT_TIMEOUT,
                    on_close=self._forget,
                )
            finally:  # at once, because `_forget` counts on every task in there to open a connection
                self._connecting.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        except Exception as error:  # of any kind, because somebody is waiting for it
            logger.warning("no connection to the database: %s", reason(error))
            self._fail_one(error)
        else:
            self._open.add(connection)
            self._release(connection)

    def _fail_one(self, error: Exception) -> None:
        """Give the error to the first request in the queue, and the next one an attempt of its own.

        While other connections are open, nobody gets it: one of them will come free, and a server that accepts no more
        connections is merely full.
        """
        if self._open:
            return
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_exception(error)
                break
        if self._waiters:
            self._connect()

    def _forget(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)
        if self._waiters and not self._closed and not self._connecting:
            self._connect()


pool = Pool()
