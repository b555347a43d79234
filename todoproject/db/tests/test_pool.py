"""The pool: who gets a connection, when, and what happens to the others when one breaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from pytest_django.fixtures import Settings

from todoproject.db import pool as pool_module
from todoproject.db.connection import Connection, ConnectionLost, Row
from todoproject.db.failures import reason
from todoproject.db.pool import Pool, PoolTimeout, connection_parameters
from todoproject.db.tests.rig import Front, Gate, admin, closed_port, kill
from todoproject.tests.waiting import PATIENCE, until

Behind = Callable[..., None]


@pytest.fixture(autouse=True)
def sizes(settings: Settings) -> Settings:
    settings.DATABASE_POOL_MIN, settings.DATABASE_POOL_MAX = 0, 3
    settings.DATABASE_POOL_TIMEOUT = settings.DATABASE_STATEMENT_TIMEOUT = PATIENCE
    return settings


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Behind:
    """Call it with a port that the pools of this test are to connect to."""
    usual = connection_parameters()

    def change(port: int) -> None:
        changed = usual | {"host": "127.0.0.1", "port": port}
        monkeypatch.setattr(pool_module, "connection_parameters", lambda: changed)

    return change


def run(test: Callable[[Pool], Awaitable[None]]) -> None:
    async def main() -> None:
        pool = Pool()
        try:
            async with asyncio.timeout(PATIENCE):
                await test(pool)
        finally:
            await pool.close()

    asyncio.run(main())


async def fetch(pool: Pool, sql: str, *values: bytes | None) -> list[Row]:
    return await pool.fetch(sql.encode(), values)


async def pid(pool: Pool) -> bytes | None:
    return (await fetch(pool, "SELECT pg_backend_pid()"))[0][0]


async def pids(pool: Pool, count: int) -> set[bytes | None]:
    """Those of all connections that are open once `count` statements have wanted one at the same time."""
    await asyncio.gather(*(fetch(pool, "SELECT 1") for _ in range(count)))
    await until(lambda: not pool._connecting)
    return {str(connection._pg.backend_pid).encode() for connection in pool._open}


# --- Who gets a connection -------------------------------------------------------------------------------------------


def test_it_opens_what_is_needed_and_no_more() -> None:
    async def test(pool: Pool) -> None:
        assert (pool.size, pool.active) == (0, 0)
        assert len({await pid(pool) for _ in range(5)}) == 1
        assert pool.size == 1
        running = asyncio.gather(*(fetch(pool, gate.sql) for _ in range(10)))
        await gate.reached(3)
        assert (pool.size, pool.active) == (3, 3)
        gate.open()
        await running
        assert (pool.size, pool.active) == (3, 0)

    with Gate() as gate:
        run(test)


def test_it_starts_with_the_smallest_size(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MIN = 2

    async def test(pool: Pool) -> None:
        await pool.open(patience=PATIENCE)
        assert (pool.size, pool.active) == (2, 0)

    run(test)


def test_it_starts_without_a_database(sizes: Settings, behind: Behind) -> None:
    sizes.DATABASE_POOL_MIN = 2

    async def refused(pool: Pool) -> None:
        await pool.open(patience=PATIENCE)
        assert (pool.size, len(pool._connecting)) == (0, 0)

    async def unanswered(pool: Pool) -> None:
        await pool.open(patience=0.1)
        assert (pool.size, len(pool._connecting)) == (0, 2)  # it goes on trying

    behind(closed_port())
    run(refused)
    with Front(silent=True) as front:
        behind(front.port)
        run(unanswered)


def test_first_come_first_served(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1
    served: list[int] = []

    async def test(pool: Pool) -> None:
        async def one(number: int) -> None:
            await fetch(pool, "SELECT 1")
            served.append(number)

        await asyncio.gather(*(one(number) for number in range(50)))

    run(test)
    assert served == list(range(50))


def test_who_waits_too_long_hears_that(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1

    async def test(pool: Pool) -> None:
        slow = asyncio.create_task(fetch(pool, gate.sql))
        await gate.reached()
        sizes.DATABASE_POOL_TIMEOUT = 0.1
        late = [asyncio.create_task(fetch(pool, "SELECT 1")) for _ in range(5)]
        for answer in await asyncio.gather(*late, return_exceptions=True):
            assert isinstance(answer, PoolTimeout)
            assert reason(answer) == "timeout"
        assert not pool._waiters
        gate.open()
        await slow
        assert await fetch(pool, "SELECT 1") == [(b"1",)]
        assert (pool.size, pool.active) == (1, 0)

    with Gate() as gate:
        run(test)


# --- When a connect fails, or takes its time -------------------------------------------------------------------------


def test_a_failed_connect_fails_those_who_wait_at_once_and_says_why(behind: Behind) -> None:
    behind(closed_port())

    async def test(pool: Pool) -> None:
        for answer in await asyncio.gather(*(fetch(pool, "SELECT 1") for _ in range(20)), return_exceptions=True):
            assert isinstance(answer, psycopg.OperationalError)
            assert reason(answer) == "refused"  # and not, later, that no connection came free
        assert (pool.size, pool.active) == (0, 0)

    run(test)


def test_any_error_of_a_connect_reaches_those_who_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool_module, "connection_parameters", lambda: {"host": "x" * 64})  # UnicodeError, of Python

    async def test(pool: Pool) -> None:
        with pytest.raises((UnicodeError, psycopg.OperationalError)) as caught:
            await fetch(pool, "SELECT 1")
        assert not isinstance(caught.value, PoolTimeout)

    run(test)


def test_who_stops_waiting_does_not_stop_the_connect(sizes: Settings, behind: Behind) -> None:
    sizes.DATABASE_POOL_TIMEOUT = 0.1

    async def test(pool: Pool) -> None:
        with pytest.raises(PoolTimeout):
            await fetch(pool, "SELECT 1")
        sizes.DATABASE_POOL_TIMEOUT = PATIENCE
        front.open()
        await until(lambda: pool.size == 1)
        assert await fetch(pool, "SELECT 1") == [(b"1",)]
        assert front.connections == 1

    with Front(shut=True) as front:
        behind(front.port)
        run(test)


# --- When a connection breaks ----------------------------------------------------------------------------------------


def test_idle_connections_that_the_server_ends_leave_by_themselves() -> None:
    async def test(pool: Pool) -> None:
        for process in await pids(pool, 3):
            await asyncio.to_thread(kill, process)
        await until(lambda: pool.size == 0)
        assert await fetch(pool, "SELECT 1") == [(b"1",)]

    run(test)


def test_no_request_gets_a_connection_whose_end_has_arrived_but_was_not_seen() -> None:
    async def test(pool: Pool) -> None:
        for process in await pids(pool, 3):
            kill(process)  # blocks the event loop, which then has no time to look
        writing = "WITH x AS (SELECT 1) SELECT * FROM x"  # as far as the pool knows: it is not sent twice
        assert await asyncio.gather(*(fetch(pool, writing) for _ in range(3))) == [[(b"1",)]] * 3

    run(test)


def test_a_cut_during_a_statement_fails_that_one_alone(sizes: Settings, behind: Behind) -> None:
    sizes.DATABASE_POOL_MAX = 1

    async def test(pool: Pool) -> None:
        # not one that only reads: whether it was executed is not known
        cut = asyncio.create_task(fetch(pool, f"WITH x AS (SELECT {gate.condition}) SELECT * FROM x"))
        await gate.reached()
        waiting = [asyncio.create_task(fetch(pool, "SELECT 1")) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.to_thread(front.cut)
        with pytest.raises(ConnectionLost):
            await cut
        assert await asyncio.gather(*waiting) == [[(b"1",)]] * 5
        assert (pool.size, pool.active) == (1, 0)

    with Front() as front, Gate() as gate:
        behind(front.port)
        run(test)


@pytest.mark.parametrize("how", ["cut", "terminated"])
def test_what_only_reads_is_asked_again_when_the_connection_breaks(behind: Behind, how: str) -> None:
    async def test(pool: Pool) -> None:
        server = await pid(pool)
        reading = asyncio.create_task(fetch(pool, gate.sql))
        await gate.reached()
        if how == "cut":
            await asyncio.to_thread(front.cut)
            await gate.reached(2)  # the one before does not notice
        else:
            await asyncio.to_thread(kill, server)
            await gate.reached()
        gate.open()
        assert await reading == [(b"1",)]
        assert front.connections == 2

    with Front() as front, Gate() as gate:
        behind(front.port)
        run(test)


def test_while_others_are_open_a_refused_connect_fails_nobody(sizes: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the role has a limit of connections that is smaller than the pool."""
    original = Connection.open
    opened: list[Connection] = []

    async def limited(*args: Any, **options: Any) -> Connection:
        if opened:
            raise psycopg.OperationalError("too many connections for role")
        opened.append(await original(*args, **options))
        return opened[0]

    monkeypatch.setattr(Connection, "open", limited)

    async def test(pool: Pool) -> None:
        await pid(pool)
        answers = await asyncio.gather(*(fetch(pool, "SELECT 1 FROM pg_sleep(0.01)") for _ in range(20)))
        assert answers == [[(b"1",)]] * 20

    run(test)


def test_a_cancelled_statement_costs_its_connection_and_nothing_else(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1

    async def test(pool: Pool) -> None:
        before = await pid(pool)
        task = asyncio.create_task(fetch(pool, gate.sql))
        await gate.reached()
        waiting = asyncio.create_task(pid(pool))
        await asyncio.sleep(0)
        task.cancel()
        assert await waiting != before
        assert (pool.size, pool.active) == (1, 0)
        assert task.cancelled()

    with Gate() as gate:
        run(test)


def test_a_table_that_changed_is_no_error() -> None:
    table = f"scratch_{uuid4().hex}"
    sql = f"SELECT * FROM {table}"

    async def test(pool: Pool) -> None:
        for column in ("b", "c"):
            assert len(await pids(pool, 3)) == 3
            (before,), *_ = await asyncio.gather(*(fetch(pool, sql) for _ in range(3)))  # prepared on every connection
            await asyncio.to_thread(admin, f"ALTER TABLE {table} ADD COLUMN {column} int")
            after = await fetch(pool, sql)
            assert after == [(*before, None)]

    admin(f"CREATE TABLE {table} AS SELECT 1 AS a")
    try:
        run(test)
    finally:
        admin(f"DROP TABLE {table}")


def test_an_error_of_the_statement_keeps_the_connection() -> None:
    async def test(pool: Pool) -> None:
        before = await pid(pool)
        with pytest.raises(psycopg.errors.DivisionByZero):
            await fetch(pool, "SELECT 1 / 0")
        assert await pid(pool) == before

    run(test)


def test_nothing_stays_open_once_it_is_closed() -> None:
    name = f"test_{uuid4().hex}"

    async def test(pool: Pool) -> None:
        slow = asyncio.create_task(fetch(pool, gate.sql))
        await asyncio.gather(*(fetch(pool, f"SET application_name TO '{name}'") for _ in range(2)))
        await gate.reached()
        await pool.close()
        gate.open()
        await slow  # what runs may finish
        assert (pool.size, pool.active) == (0, 0)

    with Gate() as gate:
        run(test)


# --- No connection is lost -------------------------------------------------------------------------------------------


class Imitation:
    """A connection without a server, so that there is time for some thousand accidents."""

    def __init__(self, on_close: Callable[[Any], None], chance: random.Random) -> None:
        self.closed, self.users, self._on_close, self._chance = False, 0, on_close, chance

    def is_alive(self) -> bool:
        return not self.closed

    async def fetch(self, sql: bytes, parameters: Sequence[bytes | None]) -> list[Row]:
        assert not self.closed
        assert self.users == 0
        self.users += 1
        try:
            for _ in range(self._chance.randrange(3)):
                await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.close()
            raise
        finally:
            self.users -= 1
        if self._chance.random() < 0.05:
            self.close()
            raise ConnectionLost("lost", sent=True)
        return []

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self._on_close(self)


async def accidents(pool: Pool, sql: str, chance: random.Random, *, rounds: int) -> None:
    """Requests of which half are cancelled: while they wait, in the moment of the hand-over, or half-way."""

    async def one() -> None:
        task = asyncio.create_task(fetch(pool, sql))
        if chance.random() < 0.5:
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    for _ in range(rounds):
        await asyncio.gather(*(one() for _ in range(20)))


@pytest.mark.parametrize("seed", range(5))
def test_no_connection_is_lost_whenever_requests_are_cancelled(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    opened: list[Imitation] = []

    async def imitate(*_: Any, on_close: Callable[[Any], None], **options: Any) -> Any:
        await asyncio.sleep(0)
        if chance.random() < 0.05:
            raise psycopg.OperationalError("Connection refused")
        opened.append(Imitation(on_close, chance))
        return opened[-1]

    monkeypatch.setattr(Connection, "open", imitate)

    async def test(pool: Pool) -> None:
        await accidents(pool, "", chance, rounds=60)
        await until(lambda: not pool._connecting)
        alive = [connection for connection in opened if not connection.closed]
        assert len(alive) == pool.size <= 3
        assert pool.active == 0
        assert not [waiter for waiter in pool._waiters if not waiter.done()]

    run(test)


def test_no_connection_is_lost_for_real() -> None:
    async def test(pool: Pool) -> None:
        await accidents(pool, "SELECT 1", random.Random(1), rounds=10)
        await until(lambda: not pool._connecting)
        assert pool.size <= 3
        assert pool.active == 0
        assert len(await pids(pool, 9)) <= 3

    run(test)
