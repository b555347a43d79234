"""Cancelling on the server what nobody waits for any more.

A cancel is a connection of its own that names another one (libpq 17's PQcancelStart), and it hits whatever statement
that one is at when it arrives. So it is sent when the unwanted job is next as far as can be seen here, or after a short
wait, and again until the job's fate is known; a neighbour that is hit was rolled back, and the pool repeats it.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque

import psycopg
from psycopg import pq
from psycopg.pq.abc import PGcancelConn, PGconn

from .job import Job

PAUSE = 0.025  # seconds between two cancels, unless an answer comes before
PATIENCE = 2.0  # seconds for one cancel
AFTERMATH = 5.0  # seconds after a cancel within which one may be to blame for a statement's end

logger = logging.getLogger(__name__)


class Canceller:
    """Cancels the doomed jobs of one connection, until none of them is in flight."""

    def __init__(self, pg: PGconn, flights: deque[Job]):
        self._pg, self._flights = pg, flights
        self._task: asyncio.Task[None] | None = None
        self._moved = asyncio.Event()
        self._last = float("-inf")

    def start(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def moved(self) -> None:
        """A job has been answered."""
        self._moved.set()

    def stop(self) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def may_have_hit(self) -> bool:
        """Whether a cancel of ours may be what ended a statement just now."""
        return time.monotonic() - self._last < AFTERMATH

    async def _run(self) -> None:
        has_waited = False
        try:
            while any(job.is_doomed for job in self._flights):
                if has_waited or self._flights[0].is_doomed:
                    await self._cancel()
                has_waited = True
                self._moved.clear()
                try:
                    async with asyncio.timeout(PAUSE):
                        await self._moved.wait()
                except TimeoutError:
                    pass
        finally:
            self._task = None

    async def _cancel(self) -> None:
        self._last = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE):
                await send_cancel(self._pg)
        except (psycopg.Error, TimeoutError) as error:
            logger.warning("a cancel did not reach the database: %s", type(error).__name__)
        self._last = time.monotonic()


async def send_cancel(pg: PGconn) -> None:
    """Cancel what this connection runs: over its own address, and with TLS if it has that.

    Raises psycopg.OperationalError if the server cannot be reached.
    """
    request = pg.cancel_conn()
    try:
        request.start()
        while (status := request.poll()) != pq.PollingStatus.OK:
            if status == pq.PollingStatus.FAILED:
                raise psycopg.OperationalError(request.get_error_message())
            await _ready(request, reading=status == pq.PollingStatus.READING)
    finally:
        request.finish()


async def _ready(request: PGcancelConn, *, reading: bool) -> None:
    loop = asyncio.get_running_loop()
    ready, socket = asyncio.Event(), request.socket
    add, remove = (loop.add_reader, loop.remove_reader) if reading else (loop.add_writer, loop.remove_writer)
    add(socket, ready.set)
    try:
        await ready.wait()
    finally:
        remove(socket)  # before libpq closes it
