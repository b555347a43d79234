"""Several requests' statements in flight on each connection, and several statements in one round trip."""

from __future__ import annotations

import asyncio
import logging
import random
from uuid import uuid4

import psycopg
import pytest
from pytest_django.fixtures import Settings

from todoproject.db import connection as connection_module
from todoproject.db import pool as pool_module
from todoproject.db.connection import BURST, DEPTH, STALL
from todoproject.db.job import Answer, Effect, Overloaded, Step
from todoproject.db.pool import FULL, Pool
from todoproject.db.tests.conftest import Behind
from todoproject.db.tests.pgbouncer import PgBouncer
from todoproject.db.tests.rig import Gate, Table, Watch, run_pool
from todoproject.tests.waiting import PATIENCE, until

pytestmark = pytest.mark.usefixtures("each_loop", "sizes", "patient")


def number(n: int) -> bytes:
    return str(n).encode()


def is_connecting(pool: Pool) -> bool:
    return pool._opener.running is not None


async def busy(pool: Pool, client: int, *, rounds: int) -> None:
    """Statements of all kinds, each of which has to get its own result or error."""
    for turn in range(rounds):
        n = client * 1000 + turn
        match (client + turn) % 6:
            case 0:
                with pytest.raises(psycopg.errors.DivisionByZero):
                    await pool.fetch(b"SELECT 1 / ($1::int - $1::int)", [number(n)])
            case 1:
                with pytest.raises(psycopg.errors.InvalidTextRepresentation, match=f"no {n}"):
                    await pool.fetch(b"SELECT $1::uuid", [b"no " + number(n)])
            case 2:
                with pytest.raises(psycopg.errors.SyntaxError):
                    await pool.fetch(b"SELECT $1::int FROM FROM", [number(n)])
            case 3:
                rows = await pool.fetch(b"SELECT $1::int, repeat('x', 20000)", [number(n)], prepare=turn % 2 == 0)
                assert rows == [(number(n), b"x" * 20000)]
            case 4:  # once larger than a socket takes at once
                size = 3_000_000 if turn == 4 else 300
                assert await pool.fetch(b"SELECT $1::int, length($2)", [number(n), b"y" * size]) == [
                    (number(n), number(size))
                ]
            case 5:
                assert await pool.fetch(b"SELECT $1::int, %d" % (n % 20), [number(n)]) == [(number(n), number(n % 20))]


def test_results_and_errors_reach_their_own_request_only(behind: Behind) -> None:
    deepest = 0

    async def test(pool: Pool) -> None:
        nonlocal deepest
        all_of_them = asyncio.gather(*(busy(pool, client, rounds=20) for client in range(80)))
        while not all_of_them.done():
            deepest = max(0, deepest, *(len(connection.flights) for connection in pool._connections))
            await asyncio.sleep(0)
        await all_of_them
        names = await pool.fetch(b"SELECT name FROM pg_prepared_statements", prepare=False)
        assert len(names) == len(set(names)) > 1

    name = uuid4().hex
    behind(application_name=name)
    with Watch(name) as watch:
        run_pool(test)
    assert 1 < deepest <= DEPTH
    assert 1 <= watch.most <= 4


def test_a_connection_is_filled_before_another_one_is_opened(patient: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "STALL", PATIENCE)

    async def test(pool: Pool) -> None:
        await pool.fetch(b"SELECT 1")
        with Gate() as gate:
            some = [asyncio.create_task(pool.fetch(gate.sql.encode())) for _ in range(FULL)]
            await asyncio.sleep(0)
            assert [len(connection.flights) for connection in pool._connections] == [FULL]
            assert not is_connecting(pool)
            more = [asyncio.create_task(pool.fetch(b"SELECT 1")) for _ in range(FULL)]
            await asyncio.sleep(0)
            assert is_connecting(pool)
        await asyncio.gather(*some, *more)
        assert pool.active == 0

    run_pool(test)


def test_first_come_first_served(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1
    served: list[int] = []

    async def test(pool: Pool) -> None:
        async def one(n: int) -> None:
            await pool.fetch(b"SELECT 1")
            served.append(n)

        await asyncio.gather(*(one(n) for n in range(100)))

    run_pool(test)
    assert served == list(range(100))


# --- Transactions ----------------------------------------------------------------------------------------------------


async def transact(pool: Pool, table: Table, client: int) -> None:
    """Three inserts; one of them fails in three of four transactions, and says which one it was."""
    good = b"INSERT INTO %b VALUES ($1)" % table.name.encode()
    bad = b"INSERT INTO %b VALUES ($1::int / 0)" % table.name.encode()
    steps: list[Step] = [(bad if place == client % 4 else good, [number(client)]) for place in range(3)]
    if client % 4 == 3:
        await pool.transaction(steps)
    else:
        with pytest.raises(psycopg.errors.DivisionByZero) as caught:
            await pool.transaction(steps)
        assert caught.value.step == client % 4  # type: ignore[attr-defined]


def test_a_transaction_is_all_or_nothing_and_nobody_elses() -> None:
    async def test(pool: Pool) -> None:
        await asyncio.gather(
            *(transact(pool, table, client) for client in range(100)), *(pool.fetch(b"SELECT 1") for _ in range(100))
        )

    with Table() as table:
        run_pool(test)
        assert table.rows() == [client for client in range(3, 100, 4) for _ in range(3)]


def test_a_local_setting_lasts_for_its_transaction_alone(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1
    sql = b"SELECT current_setting('app.user_id', true)"

    async def test(pool: Pool) -> None:
        async def mine(user: bytes) -> Answer:
            return await pool.transaction([(sql, []), (b"SELECT 1", [])], local=[(b"app.user_id", user)])

        users = [number(n) for n in range(40)]
        answers = await asyncio.gather(*(mine(user) for user in users), *(pool.fetch(sql) for _ in users))
        assert answers[:40] == [Answer([[(user,)], [(b"1",)]]) for user in users]
        assert {row for rows in answers[40:] for row in rows} <= {(b"",), (None,)}
        with pytest.raises(psycopg.errors.DivisionByZero) as caught:
            await pool.transaction([(sql, []), (b"SELECT 1 / 0", [])], local=[(b"app.user_id", b"x")])
        assert caught.value.step == 1  # type: ignore[attr-defined]

    run_pool(test)


# --- Behind PgBouncer in transaction mode ----------------------------------------------------------------------------


@pytest.mark.parametrize("prepare", [True, False])
def test_behind_a_transaction_pooler(
    prepare: bool, behind: Behind, sizes: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """With preparing on, too: a pooler that forgets prepared statements costs a warning, never a wrong answer."""
    sizes.DATABASE_PREPARED_STATEMENTS = prepare

    async def test(pool: Pool) -> None:
        pools = [pool, Pool(), Pool()]
        await asyncio.gather(
            *(busy(each, client, rounds=12) for each in pools for client in range(12)),
            *(transact(each, table, client) for each in pools for client in range(24)),
        )
        for other in pools[1:]:
            await other.close()

    with PgBouncer(pool_size=12) as bouncer, Table() as table, caplog.at_level(logging.WARNING):
        behind(host=str(bouncer.directory), port=str(bouncer.PORT))
        run_pool(test)
        assert table.rows() == [client for client in range(3, 24, 4) for _ in range(9)]
    if not prepare:
        assert "DATABASE_PREPARED_STATEMENTS" not in caplog.text


# --- Who waits, and for how long -------------------------------------------------------------------------------------


def test_nobody_holds_more_than_half_of_the_pool() -> None:
    async def test(pool: Pool) -> None:
        with Gate() as gate:
            sql = gate.sql.encode() + b" -- " + b"x" * (BURST // 4)  # so large that only three fit on a connection
            flood = [asyncio.create_task(pool.fetch(sql, key="rude", effect=Effect.SAFE)) for _ in range(200)]
            await until(lambda: gate.waiting() == 2)
            await asyncio.sleep(2 * STALL)  # from here on, nobody is put behind them
            for n in range(100):
                rows = await pool.fetch(b"SELECT $1::int", [number(n)], key=f"user {n}")
                assert rows == [(number(n),)]
                assert sum("rude" in connection.keys for connection in pool._connections) <= 2
            gate.open()
            await asyncio.gather(*flood)

    run_pool(test)


def test_dear_jobs_wait_for_their_own_kind(sizes: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes.DATABASE_POOL_MAX = 8
    monkeypatch.setattr(pool_module, "DEAR_TIME", 3)

    async def test(pool: Pool) -> None:
        with Gate() as gate:
            dear = [asyncio.create_task(pool.fetch(gate.sql.encode(), dear=True)) for _ in range(10)]
            await until(lambda: gate.waiting() == 2)
            for n in range(50):
                assert await pool.fetch(b"SELECT $1::int", [number(n)]) == [(number(n),)]
                assert sum(connection.dear > 0 for connection in pool._connections) <= 2
            for answer in await asyncio.gather(*dear, return_exceptions=True):  # out of time
                assert isinstance(answer, Overloaded)
                assert not answer.unknown
            await until(lambda: not gate.waiting())

    run_pool(test)


def test_a_full_queue_refuses_at_once(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1

    async def test(pool: Pool) -> None:
        with Gate() as gate:
            waiting = [asyncio.create_task(pool.fetch(gate.sql.encode(), effect=Effect.SAFE))]
            await until(gate.waiting)
            waiting += [asyncio.create_task(pool.fetch(b"SELECT 1")) for _ in range(1200)]
            await until(lambda: any(task.done() for task in waiting))
            refused = [task for task in waiting if task.done()]
            assert not slow_ones(refused)
            gate.open()
            answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert answers.count([(b"1",)]) + sum(isinstance(answer, Overloaded) for answer in answers) == 1201
        assert await pool.fetch(b"SELECT 1") == [(b"1",)]

    def slow_ones(tasks: list[asyncio.Task[list[tuple[bytes | None, ...]]]]) -> list[object]:
        return [task for task in tasks if not isinstance(task.exception(), Overloaded)]

    run_pool(test)


# --- No connection is lost -------------------------------------------------------------------------------------------


def test_no_connection_is_lost_whenever_requests_are_cancelled() -> None:
    """Half of them: while they wait, in the moment they take off, or half-way."""
    chance = random.Random(1)

    async def test(pool: Pool) -> None:
        async def one() -> None:
            task = asyncio.create_task(pool.fetch(b"SELECT 1", effect=Effect.SAFE))
            if chance.random() < 0.5:
                for _ in range(chance.randrange(12)):
                    await asyncio.sleep(0)
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)

        for _ in range(20):
            await asyncio.gather(*(one() for _ in range(50)))
        await until(lambda: not pool.active and pool._opener.running is None)
        assert 1 <= pool.size <= 4
        assert not (pool._cheap.size or pool._dear.size or pool._cheap._flying)
        assert await pool.fetch(b"SELECT 1") == [(b"1",)]

    run_pool(test)
