"""The database connections of this process. A request reaches them in one way: `await pool.transaction(steps)`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Hashable, Iterable, Sequence
from contextlib import suppress
from typing import Any

import psycopg
from django.conf import settings

from .connection import BURST, DEPTH, FORGETFUL, STALE_PLAN, Connection
from .job import Answer, Effect, Job, Overloaded, Refused, Row, Step, Unavailable
from .lane import Lane
from .opener import Opener

FULL = 4  # jobs on each connection before another one is opened: few connections next door are faster than many
SILENCE = 0.6  # seconds without an answer after which a cancel has to find out whether the server is still there
VERDICT = 0.4  # further seconds for the server to answer that
GRACE = 1.0  # seconds that a job may outlive its deadline in flight: until its fate is known
TICK = 0.05  # seconds between two looks for what is out of time, while anything is under way
QUEUE = 1000  # jobs that wait, at most
DEAR_TIME = 1.0  # seconds for a dear job, its wait included
LOSSES = 5  # connections that one job may lose: perhaps it is what brings them down
CANCELLED = "57014"


class Pool:
    """Up to DATABASE_POOL_MAX connections, opened on demand, each with several jobs in flight.

    A request has DATABASE_TIMEOUT seconds for everything: its wait, its statements and their repeats. What it asked for
    never happens after it was refused, unless the refusal says that its fate is unknown.
    """

    def __init__(self) -> None:
        self._max = settings.DATABASE_POOL_MAX
        self._timeout = settings.DATABASE_TIMEOUT
        self._dear_max = max(1, self._max // 4)
        self._dear = Lane(limit=QUEUE // 10, share=max(1, self._dear_max // 2))
        self._cheap = Lane(limit=QUEUE, share=max(1, self._max * DEPTH // 2))
        self._connections: list[Connection] = []
        self._opener = Opener(self._connections, self._connect, self._changed)
        self._ticker: asyncio.TimerHandle | None = None
        self._closed = False

    @property
    def size(self) -> int:
        """How many connections are open."""
        return len(self._connections)

    @property
    def active(self) -> int:
        """How many of them have something in flight."""
        return sum(bool(connection.flights) for connection in self._connections)

    async def open(self, *, patience: float = 2) -> None:
        """Start with DATABASE_POOL_MIN connections. Without a database the service starts as well."""
        self._closed = False
        with suppress(TimeoutError):
            async with asyncio.timeout(patience):
                while len(self._connections) < settings.DATABASE_POOL_MIN:
                    self._opener.grow()
                    if self._opener.running is None:  # the last one has failed
                        return
                    await asyncio.wait([self._opener.running])

    async def close(self) -> None:
        """Refuse what waits, let what is in flight finish, and close each connection after its last job."""
        self._closed = True
        await self._opener.stop()
        for lane in (self._dear, self._cheap):
            for job in list(lane):
                lane.drop(job)
                job.fail(Unavailable("the service is shutting down", unknown=job.is_unknown))
        for connection in list(self._connections):
            if not connection.flights:
                connection.close()

    # --- What requests ask for ---

    async def fetch(self, sql: bytes, values: Sequence[bytes | None] = (), **manner: Any) -> list[Row]:
        """Run one statement and return its rows. `manner` and what it raises: see `transaction`."""
        return (await self.transaction([(sql, values)], **manner)).results[0]

    async def transaction(
        self,
        steps: Iterable[Step],
        *,
        local: Iterable[tuple[bytes, bytes]] = (),
        effect: Effect = Effect.ONCE,
        key: Hashable = None,
        dear: bool = False,
        prepare: bool = True,
    ) -> Answer:
        """Run several statements, all or none, in one round trip.

        `local`: settings for this transaction alone, such as a user for row-level security. `effect`: whether it may be
        sent again when its connection breaks. `key`: who asks; nobody gets more than half of the pool. `dear`: a second
        is all it gets, and it waits for others of its kind. Without `prepare`, the server plans it for these values.

        Raises psycopg.Error; its attribute `step` is the index of the statement that failed. Raises Refused, which says
        whether anything may have been executed.
        """
        first = [(b"SELECT set_config($1, $2, true)", setting) for setting in local]
        deadline = time.monotonic() + self._budget(dear)
        job = Job([*first, *steps], effect=effect, key=key, deadline=deadline, prepare=prepare, dear=dear)
        try:
            self._admit(job)
            results, repeated = await job.future
            return Answer(results[len(first) :], repeated)
        except asyncio.CancelledError:
            self._abandon(job)
            raise
        except psycopg.Error as error:
            if job.failed_step is not None:
                error.step = job.failed_step - len(first)  # type: ignore[attr-defined]
            raise
        finally:
            del job  # its future's exception refers to this frame, and each would keep the other alive

    def _budget(self, dear: bool) -> float:
        return min(DEAR_TIME, self._timeout) if dear else self._timeout

    def _lane(self, job: Job) -> Lane:
        return self._dear if job.dear else self._cheap

    def _admit(self, job: Job) -> None:
        if self._closed:
            raise Unavailable("the service is shutting down")
        if self._opener.is_away(time.monotonic()):
            self._opener.grow()  # the probe, which nobody waits for
            raise Unavailable(f"{self._opener.circuit.error}")
        self._lane(job).put(job)
        self._pump()
        self._keep_ticking()

    def _abandon(self, job: Job) -> None:
        """Nobody waits for it any more."""
        if self._lane(job).drop(job):
            return
        job.unwanted, job.deadline = True, min(job.deadline, time.monotonic())
        for connection in self._connections:
            if job in connection.flights:
                connection.canceller.start()

    # --- Which job goes where ---

    def _pump(self) -> None:
        """Let everything take off that may."""
        for lane in (self._dear, self._cheap):
            while not self._closed and (found := self._match(lane)) is not None:
                job, connection = found
                lane.take(job)
                connection.send(job)

    def _match(self, lane: Lane) -> tuple[Job, Connection] | None:
        if not lane.size:
            return None
        now = time.monotonic()
        free = [connection for connection in self._connections if connection.has_room(now)]
        if lane is self._dear and sum(connection.dear > 0 for connection in self._connections) >= self._dear_max:
            return None
        if all(map(_is_full, free)):
            self._opener.grow()
        if free:
            for job in lane.heads():
                mine = [connection for connection in free if self._may_carry(connection, job)]
                if mine:
                    return job, self._best(mine, spread=job.dear)
        return None

    def _may_carry(self, connection: Connection, job: Job) -> bool:
        """Whether that leaves half of the connections to other keys, and the job leaves here in one go."""
        if connection.flights and connection.size + job.size > BURST:
            return False
        if job.key is None or job.key in connection.keys or self._max == 1:
            return True
        return 2 * sum(job.key in other.keys for other in self._connections) < self._max

    @staticmethod
    def _best(connections: Sequence[Connection], *, spread: bool) -> Connection:
        """The first that is not full, or else the one with the least on it."""
        if not spread:
            for connection in connections:
                if not _is_full(connection):
                    return connection
        return min(connections, key=lambda connection: len(connection.flights))

    # --- What becomes of it ---

    def _landed(self, connection: Connection, job: Job) -> None:
        self._lane(job).landed(job)
        error = job.error
        if error is None:
            job.succeed()  # late, perhaps, but true
        elif error.sqlstate in (*FORGETFUL, STALE_PLAN) and job.prepare:
            job.prepare = False
            self._again(job, error)
        elif error.sqlstate == CANCELLED and job.unwanted:
            job.fail(Overloaded("timeout: cancelled on the server", unknown=job.maybe_executed))
        elif error.sqlstate == CANCELLED and connection.canceller.may_have_hit():
            job.dear = job.dear or job.suspect  # slow, but alive: it goes on where it is in nobody's way
            self._again(job, error)
        else:
            job.fail(error)
        if self._closed and not connection.flights:
            connection.close()
        self._pump()

    def _lost(self, connection: Connection, jobs: list[Job]) -> None:
        if connection in self._connections:
            self._connections.remove(connection)
        for job in reversed(jobs):  # each goes to the head of the queue, so the first is first again
            self._lane(job).landed(job)
            loss = connection.loss(job)
            job.losses += job.sent
            if job.unwanted or not job.may_repeat() or job.losses >= LOSSES:
                job.fail(loss)
            else:
                job.maybe_executed = job.is_unknown
                self._again(job, loss)
        if not self._closed:
            self._opener.lost(connection)
            self._pump()

    def _again(self, job: Job, error: psycopg.Error) -> None:
        """Put it back into the queue, if there is time for it."""
        if job.future.done():
            return
        if self._closed or job.deadline <= time.monotonic():
            known = isinstance(error, Refused) or not job.maybe_executed
            job.fail(error if known else Refused(str(error), unknown=True))
            return
        job.begin()
        self._lane(job).put_back(job)

    # --- Time ---

    def _keep_ticking(self) -> None:
        if self._ticker is None and (self._cheap.size or self._dear.size or self.active):
            self._ticker = asyncio.get_running_loop().call_later(TICK, self._tick)

    def _tick(self) -> None:
        now = time.monotonic()
        self._ticker = None
        self._expire(now)
        for connection in list(self._connections):
            if connection.flights:
                self._watch(connection, now)
        self._pump()
        self._keep_ticking()

    def _expire(self, now: float) -> None:
        """Refuse what has waited for too long, or, while the database is away, everything that waits."""
        is_waking = self._opener.is_waking(now)
        is_away = self._opener.is_away(now)
        for lane in (self._dear, self._cheap):
            for job in list(lane):
                if is_away or (job.deadline <= now and not is_waking):
                    lane.drop(job)
                    error = None if self._connections else self._opener.circuit.error
                    kind = Overloaded if error is None else Unavailable
                    job.fail(kind(str(error or "timeout: the database had no time"), unknown=job.is_unknown))

    def _watch(self, connection: Connection, now: float) -> None:
        head, silence = connection.flights[0], connection.count_silence(TICK)
        for job in connection.flights:
            job.unwanted = job.unwanted or job.deadline <= now
        if silence > SILENCE and not head.dear:
            head.suspect = True
        is_overdue = head.unwanted and now - head.deadline > GRACE
        if silence > SILENCE + VERDICT and (head.suspect or is_overdue):
            connection.close("timeout: the server fell silent")
        elif any(job.is_doomed for job in connection.flights):
            connection.canceller.start()

    # --- Connections ---

    async def _connect(self, parameters: dict[str, Any], ask: bool) -> Connection:
        return await Connection.open(
            parameters,
            prepare=settings.DATABASE_PREPARED_STATEMENTS,
            patience=self._timeout,
            ask=ask,
            landed=self._landed,
            lost=self._lost,
        )

    def _changed(self, woke: bool) -> None:
        """There is one more connection, or there could not be."""
        now = time.monotonic()
        if woke:  # those who waited for it have their whole time now that the database is awake
            for lane in (self._dear, self._cheap):
                for job in lane:
                    job.deadline = max(job.deadline, now + self._budget(job.dear))
        self._expire(now)
        self._pump()


def _is_full(connection: Connection) -> bool:
    return len(connection.flights) >= min(FULL, connection.depth)


pool = Pool()
