"""One connection to PostgreSQL in libpq's pipeline mode: several jobs in flight on it, answered in the order they left.

psycopg opens the connection (names, addresses, TLS, time-outs), and statements go straight to libpq through
`psycopg.pq`. What lies between the two, cursors and the adaptation of types, is not needed for statements whose
parameters are text and whose results are JSON; docs/decisions/0001-own-connections.md says what it would cost.
"""

from __future__ import annotations

import asyncio
import select
import time
from collections import Counter, deque
from collections.abc import Callable, Hashable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import Diagnostic
from psycopg.pq.abc import PGconn, PGresult

from .cancel import Canceller
from .failures import as_error
from .job import ConnectionLost, Job, Row
from .plans import Plans

SYNC, ABORTED, FAILED = pq.ExecStatus.PIPELINE_SYNC, pq.ExecStatus.PIPELINE_ABORTED, pq.ExecStatus.FATAL_ERROR

# Both mean that nothing was executed. The server does not know the prepared statement, or knows it already: what is
# behind a pooler changes all the time.
FORGETFUL = ("26000", "42P05")
# The tables have changed since the statement was prepared: "cached plan must not change result type".
STALE_PLAN = "0A000"
SHUTDOWN = "57P01"

DEPTH = 16  # jobs in flight at most
BURST = 16 * 1024  # bytes in flight at most, unless it is a single job that has more
STALL = 0.1  # seconds without an answer after which nothing more is put behind what is in flight


def settle(connection: Connection, job: Job) -> None:
    """Tell whoever waits for the job what came of it."""
    if job.error is None:
        job.succeed()
    else:
        job.fail(job.error)


def give_up(connection: Connection, jobs: list[Job]) -> None:
    """Tell all of them that the connection is gone."""
    for job in jobs:
        job.fail(connection.loss(job))


class Connection:
    """An open connection. Each job ends up either with `landed`, or with all that are in flight in `lost`.

    Its socket is watched even while it is idle, so nothing is sent on a dead connection and no check has to be.
    """

    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        *,
        prepare: bool,
        patience: float,
        landed: Callable[[Connection, Job], None],
        lost: Callable[[Connection, list[Job]], None],
    ):
        self._psycopg = connection  # keeps the libpq connection alive
        self._pg: PGconn = connection.pgconn
        self._pg.nonblocking = 1
        self._pg.enter_pipeline_mode()
        self._patience = patience
        self._landed, self._lost = landed, lost
        self._plans = Plans(enabled=prepare)
        self._loop = asyncio.get_running_loop()
        self._last_words = ""
        self._last_result: PGresult | None = None
        self.flights: deque[Job] = deque()
        self.keys: Counter[Hashable] = Counter()  # whose they are
        self.dear = 0  # how many of them are dear
        self.size = 0  # how many bytes they are
        self.closed = self.is_blocked = False  # blocked: the socket takes no more at the moment
        self.born = self.progress = time.monotonic()  # when something was last answered, or there was nothing to answer
        self._silence, self._silent_since = 0.0, self.progress
        self.canceller = Canceller(self._pg, self.flights)
        connection.add_notice_handler(self._noticed)
        self._socket = self._pg.socket
        self._errors = select.poll()
        self._errors.register(self._socket, select.POLLRDHUP)  # and errors, which it reports unasked
        self._loop.add_reader(self._socket, self._readable)

    @classmethod
    async def open(
        cls,
        parameters: dict[str, Any],
        *,
        prepare: bool,
        patience: float,
        ask: bool = False,
        landed: Callable[[Connection, Job], None] = settle,
        lost: Callable[[Connection, list[Job]], None] = give_up,
    ) -> Connection:
        """Connect, and `ask` for an answer: a pooler may let us in with nothing behind it.

        `patience`: seconds for that answer, and those of `fetch`. Raises psycopg.OperationalError, for which
        `failures.reason` has a word.
        """
        raw = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
        connection = cls(raw, prepare=prepare, patience=patience, landed=settle, lost=give_up)
        try:
            # PostgreSQL writes timestamps in the session's time zone. PgBouncer keeps track of this setting.
            if ask or raw.pgconn.parameter_status(b"TimeZone") != b"UTC":
                await connection.fetch(b"SET TIME ZONE 'UTC'", prepare=False)
        except BaseException:
            connection.close()
            raise
        connection._landed, connection._lost = landed, lost
        return connection

    async def fetch(self, sql: bytes, values: Sequence[bytes | None] = (), *, prepare: bool = True) -> list[Row]:
        """One statement, for those who have the connection to themselves; the pool uses `send`.

        Raises the psycopg error for the server's SQLSTATE, or ConnectionLost. If it is cancelled or takes too long, the
        connection closes.
        """
        job = Job([(sql, values)], prepare=prepare)
        self.send(job)
        try:
            async with asyncio.timeout(self._patience):
                return (await job.future).results[0]
        except TimeoutError:
            raise ConnectionLost("timeout: the server did not answer in time", unknown=True) from None
        finally:
            if job in self.flights:
                self.close()

    # --- What goes out ---

    def send(self, job: Job) -> None:
        """Put it behind those that are in flight."""
        job.begin()
        if self.closed:
            self._lost(self, [job])
            return
        self._enlist(job)
        if len(self.flights) == 1:
            self.progress = time.monotonic()
            if self._errors.poll(0):  # libpq would write to a dead socket without complaint
                self._readable()
                self.close("the server closed the connection")
                return
        try:
            for index, (sql, values) in enumerate(job.steps):
                self._send_step(job, index, sql, values)
            self._pg.pipeline_sync()
            self.is_blocked = bool(self._pg.flush())
        except psycopg.OperationalError as error:
            self.close(str(error))
            return
        job.sent = not self.is_blocked
        if self.is_blocked:  # nothing goes behind it, so that all the others are known to be sent
            self._loop.add_writer(self._socket, self._writable)

    def _send_step(self, job: Job, index: int, sql: bytes, values: Sequence[bytes | None]) -> None:
        if not (self._plans.enabled and job.prepare):
            job.expected.append(index)
            self._pg.send_query_params(sql, values)
            return
        name = self._plans.name(sql)
        if name is None:
            name = self._plans.add(sql)
            job.expected.append(sql)
            self._pg.send_prepare(name, sql)
        job.expected.append(index)
        self._pg.send_query_prepared(name, values)

    def _writable(self) -> None:
        try:
            if self._pg.flush():
                return
        except psycopg.OperationalError as error:
            self.close(str(error))
            return
        self._loop.remove_writer(self._socket)
        self.is_blocked = False
        if self.flights:
            self.flights[-1].sent = True

    # --- What comes in ---

    def _readable(self) -> None:
        """Read on while the socket is in error: uvloop says so once, and stops watching."""
        self._read()
        while not self.closed and self._errors.poll(0):
            self._read()

    def _read(self) -> None:
        broken = ""
        try:
            self._pg.consume_input()
        except psycopg.OperationalError as error:
            broken = str(error)
        self._take_results()  # those before the end, too
        if broken or self._pg.status == pq.ConnStatus.BAD or (self._last_words and not self.flights):
            self.close(broken or "the server closed the connection")

    def _take_results(self) -> None:
        pg, ended = self._pg, 0
        while self.flights and not pg.is_busy():
            result = pg.get_result()
            if result is None:  # ends each statement's answer; twice running, there is nothing more
                ended += 1
                if ended > 1:
                    return
                continue
            ended = 0
            if result.status == SYNC:
                self._land()
            else:
                self._take(self.flights[0], result)
            if self.closed:
                return
        if not self.flights and not self.closed and not pg.is_busy():
            pg.get_result()  # reads what an idle connection has to say: hardly more than its last words

    def _take(self, job: Job, result: PGresult) -> None:
        """One more answer to this job."""
        expected = job.expected[job.answered] if job.answered < len(job.expected) else -1
        job.answered += 1
        if result.status == FAILED or result.status == ABORTED:
            self._take_failure(job, result, expected)
        elif isinstance(expected, int):
            get, columns = result.get_value, range(result.nfields)
            job.results.append(
                [tuple([get(row, column) for column in columns]) for row in range(result.ntuples)] if columns else []
            )

    def _take_failure(self, job: Job, result: PGresult, expected: bytes | int) -> None:
        if isinstance(expected, bytes):
            self._plans.failed(expected)
            expected = next((index for index in job.expected[job.answered :] if isinstance(index, int)), -1)
        if result.status == ABORTED or job.error is not None:
            return
        job.error, job.failed_step = as_error(result), expected
        if job.error.sqlstate == STALE_PLAN:
            self._plans.renew()
        elif job.error.sqlstate in FORGETFUL:
            self._plans.forgotten(job.steps[expected][0])
        if result.error_field(pq.DiagnosticField.SEVERITY_NONLOCALIZED) in (b"FATAL", b"PANIC"):
            self._last_result = result
            if job.error.sqlstate == SHUTDOWN:
                # PostgreSQL's own, and it stopped in good order: only what it had answered in full may be committed.
                for other in self.flights:
                    other.sent = other is job and len(job.results) == len(job.steps)
            self.close(str(job.error))

    def _land(self) -> None:
        job = self.flights.popleft()
        self._delist(job)
        self.progress = time.monotonic()
        self.canceller.moved()
        self._landed(self, job)

    def _noticed(self, diagnostic: Diagnostic) -> None:
        """While no statement is running, libpq takes even the server's last words for a mere notice."""
        if diagnostic.severity_nonlocalized in ("FATAL", "PANIC"):
            self._last_words = diagnostic.message_primary or "the server closed the connection"

    # --- What is in flight ---

    @property
    def depth(self) -> int:
        """How many jobs may be in flight.

        One, where statements cannot be prepared: a PgBouncer before 1.21 takes a client's connection to the server away
        at the end of a job although it has received the first half of the next one, whose other half then goes to
        another server connection.
        """
        return DEPTH if self._plans.enabled else 1

    def has_room(self, now: float) -> bool:
        """Whether one more job can go behind those that are in flight."""
        if not self.flights:
            return True
        is_moving = now - self.progress < STALL
        return len(self.flights) < self.depth and is_moving and not self.is_blocked and not self.dear

    def count_silence(self, tick: float) -> float:
        """Seconds without an answer, given that this is asked each `tick`.

        A tick counts once, however late it comes: it may be this process that stood still.
        """
        if self._silent_since != self.progress:
            self._silence, self._silent_since = 0.0, self.progress
        self._silence += tick
        return self._silence

    def _enlist(self, job: Job) -> None:
        self.flights.append(job)
        self.keys[job.key] += 1
        self.dear += job.dear
        self.size += job.size

    def _delist(self, job: Job) -> None:
        self.dear -= job.dear
        self.size -= job.size
        self.keys[job.key] -= 1
        if not self.keys[job.key]:
            del self.keys[job.key]

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return bool(self._pg.ssl_in_use)

    def loss(self, job: Job) -> ConnectionLost:
        """What is to be said of a job that was in flight when the connection closed."""
        return ConnectionLost(self._last_words, unknown=job.is_unknown, info=self._last_result)

    def close(self, why: str = "closed") -> None:
        if self.closed:
            return
        self.closed = True
        with suppress(OSError):  # libpq has closed it, perhaps, and asyncio complains then if it was to be written to
            self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self.canceller.stop()
        self._pg.finish()
        self._last_words = self._last_words or why
        jobs = list(self.flights)
        self.flights.clear()
        self.keys.clear()
        self._lost(self, jobs)
