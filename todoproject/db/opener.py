"""Opening the pool's connections: one at a time, and while the database is away, one a second."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import connections as django_connections

from .circuit import Circuit
from .connection import Connection
from .failures import reason
from .hedge import first_of
from .job import Job

PATIENCE = 3.0  # seconds for which requests wait while the database refuses connections, such as during a restart
HOPELESS = ("auth", "tls", "quota")  # failures to connect that waiting does not mend

logger = logging.getLogger(__name__)


def connection_parameters() -> dict[str, Any]:
    """What libpq needs to connect as Django would, except for the password, which it reads from PGPASSWORD."""
    database = django_connections["default"].settings_dict
    named = {"dbname": database["NAME"], "user": database["USER"], "host": database["HOST"], "port": database["PORT"]}
    return {name: value for name, value in (named | database["OPTIONS"]).items() if value}


class Opener:
    """Adds to the list `connections`, up to DATABASE_POOL_MAX, and says with `changed` that it has, or could not; the
    argument is whether the database had to wake up for it.

    A connect goes on when nobody waits for it any more: a sleeping compute goes on waking up, and the next request
    benefits. `connect` opens a connection, and is told whether to make sure that it answers.
    """

    def __init__(
        self,
        connections: list[Connection],
        connect: Callable[[dict[str, Any], bool], Any],
        changed: Callable[[bool], None],
    ):
        self._connections, self._connect, self._changed = connections, connect, changed
        self._max, self._wake_timeout = settings.DATABASE_POOL_MAX, settings.DATABASE_WAKE_TIMEOUT
        self.circuit = Circuit(min(PATIENCE, settings.DATABASE_TIMEOUT * 0.75))
        self.running: asyncio.Task[None] | None = None
        self._since = 0.0

    def grow(self) -> None:
        """Open one more, if there is room for it and the circuit allows it."""
        now = time.monotonic()
        if self.running is None and len(self._connections) < self._max and self.circuit.may_try(now):
            self._since = now
            self.running = asyncio.get_running_loop().create_task(self._run(now))

    async def stop(self) -> None:
        if self.running is not None:
            self.running.cancel()
            await asyncio.gather(self.running, return_exceptions=True)
            self.running = None  # cancelled, perhaps, before it began

    def is_away(self, now: float) -> bool:
        """There is no connection, and no use in waiting for one."""
        return not self._connections and self.circuit.is_open(now)

    def is_waking(self, now: float) -> bool:
        """A first connect hangs, as it does while a sleeping compute wakes up. After a while, that is a failure."""
        if self._connections or self.running is None or self.circuit.error is not None:
            return False
        if now - self._since < self._wake_timeout:
            return True
        self.circuit.failed(self._since, TimeoutError("timeout: the database does not answer"))
        return False

    def lost(self, connection: Connection) -> None:
        """One was closed. If it dies young, the database is as good as away: a pooler, say, with nothing behind it."""
        now = time.monotonic()
        if now - connection.born < self.circuit.pause and not self._connections:
            self.circuit.failed(now, connection.loss(Job([])))

    async def _run(self, began: float) -> None:
        woke = False
        try:
            # While one is open there is no hurry, and the server never sees more connections than it should.
            connection = await first_of(self._attempt, may_hedge=self._has_none, pause=self.circuit.pause)
        except Exception as error:  # of any kind, because somebody is waiting for it
            logger.warning("no connection to the database: %s", reason(error))
            if not self._connections:
                self.circuit.failed(began, error, hopeless=reason(error) in HOPELESS)
        else:
            woke = self._has_none() and self.circuit.error is None and time.monotonic() - began > self.circuit.pause
            self.circuit.succeeded()
            if not connection.closed:
                self._connections.append(connection)
        finally:
            self.running = None
        self._changed(woke)

    def _has_none(self) -> bool:
        return not self._connections

    async def _attempt(self) -> Connection:
        self.circuit.tried(time.monotonic())
        parameters = connection_parameters() | {"connect_timeout": max(2, math.ceil(self._wake_timeout))}
        connection: Connection = await self._connect(parameters, self.circuit.error is not None)
        return connection
