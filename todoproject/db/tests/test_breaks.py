"""When a connection breaks: it is noticed, what may be repeated is, and of the rest it is said what is known."""

from __future__ import annotations

import asyncio
import itertools
import time

import psycopg
import pytest
from pytest_django.fixtures import Settings

from todoproject.db import opener
from todoproject.db.job import Answer, ConnectionLost, Effect
from todoproject.db.pool import Pool
from todoproject.db.tests.conftest import Behind
from todoproject.db.tests.rig import Front, Gate, Table, admin, kill, run_pool
from todoproject.tests.waiting import until

pytestmark = pytest.mark.usefixtures("each_loop", "sizes")

WAYS = ("fin", "rst", "57P01", "swallowed")


async def pid(pool: Pool) -> bytes:
    return (await pool.fetch(b"SELECT pg_backend_pid()"))[0][0] or b""


async def breaks(front: Front, pool: Pool, way: str) -> None:
    """Every connection of the pool, in this way."""
    if way == "57P01":
        for connection in pool._connections:
            await asyncio.to_thread(admin, f"SELECT pg_terminate_backend({connection._pg.backend_pid})")
    else:
        await asyncio.to_thread({"fin": front.cut, "rst": front.reset, "swallowed": front.freeze}[way])


async def cut_off(front: Front, pool: Pool, way: str, gate: Gate, effect: Effect, table: Table) -> Answer:
    """A write whose connection breaks while it waits at the gate, which opens after that."""
    sql = f"INSERT INTO {table.name} SELECT 1 FROM ({gate.sql}) wait".encode()
    task = asyncio.create_task(pool.transaction([(sql, [])], effect=effect))
    await until(gate.waiting)
    connections = list(pool._connections)
    await breaks(front, pool, way)
    await until(lambda: all(connection.closed for connection in connections))
    gate.open()
    return await task


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("effect", [Effect.SAFE, Effect.IDEMPOTENT])
def test_what_may_be_repeated_is(way: str, effect: Effect, behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        answer = await cut_off(front, pool, way, gate, effect, table)
        assert answer.repeated == (effect is Effect.IDEMPOTENT and way != "57P01")

    with Front() as front, Table() as table, Gate() as gate:
        behind(port=front.port)
        run_pool(test)


@pytest.mark.parametrize("way", ["fin", "rst", "swallowed"])
def test_of_any_other_write_it_is_said_that_its_fate_is_unknown(way: str, behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        with pytest.raises(ConnectionLost) as caught:
            await cut_off(front, pool, way, gate, Effect.ONCE, table)
        assert caught.value.unknown
        await until(lambda: len(table.rows()) <= 1)

    with Front() as front, Table() as table, Gate() as gate:
        behind(port=front.port)
        run_pool(test)


def test_a_server_that_shuts_down_in_good_order_has_not_executed_what_it_did_not_answer(behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        assert await cut_off(front, pool, "57P01", gate, Effect.ONCE, table) == Answer([[]])
        assert table.rows() == [1]

    with Front() as front, Table() as table, Gate() as gate:
        behind(port=front.port)
        run_pool(test)


@pytest.mark.parametrize("way", ["fin", "rst", "57P01"])
def test_idle_connections_that_break_leave_by_themselves(way: str, behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        await pid(pool)
        await asyncio.sleep(1)  # one that dies young stands for a database that is away
        await breaks(front, pool, way)
        await until(lambda: not pool.size)
        assert await pool.fetch(b"SELECT 1") == [(b"1",)]

    with Front() as front:
        behind(port=front.port)
        run_pool(test)


def test_nothing_is_sent_on_a_connection_whose_end_has_arrived_but_was_not_seen() -> None:
    async def test(pool: Pool) -> None:
        killed = await pid(pool)
        kill(killed)  # blocks the event loop, which then has no time to look
        assert await pid(pool) != killed  # a write, for all the pool knows

    run_pool(test)


def test_reads_and_writes_under_load_are_neither_lost_nor_doubled(
    behind: Behind, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opener, "PATIENCE", 30)
    done, unknown = set[int](), set[int]()

    async def test(pool: Pool) -> None:
        is_over = asyncio.Event()

        async def client(k: int) -> None:
            for n in itertools.count(k, 30):
                if is_over.is_set():
                    return
                number = str(n).encode()
                if k % 2:
                    assert await pool.fetch(b"SELECT $1::int", [number], effect=Effect.SAFE) == [(number,)]
                    continue
                try:
                    await pool.fetch(f"INSERT INTO {table.name} VALUES ($1)".encode(), [number])
                    done.add(n)
                except ConnectionLost as error:
                    assert error.unknown
                    unknown.add(n)

        async def trouble() -> None:
            for way in ("fin", "rst", "57P01", "swallowed"):
                await until(lambda: pool.active)
                await breaks(front, pool, way)
                await asyncio.sleep(0.1)
            is_over.set()

        await asyncio.gather(trouble(), *(client(k) for k in range(30)))

    with Front() as front, Table() as table:
        behind(port=front.port)
        run_pool(test)
        rows = table.rows()
    assert len(rows) == len(set(rows))
    assert done <= set(rows) <= done | unknown


def test_a_table_that_changed_is_no_error() -> None:
    async def test(pool: Pool) -> None:
        sql = f"SELECT * FROM {table.name}".encode()
        assert await pool.fetch(sql) == []
        await asyncio.to_thread(admin, f"ALTER TABLE {table.name} ADD COLUMN b int")
        assert await pool.fetch(sql) == []
        await asyncio.to_thread(admin, f"INSERT INTO {table.name} VALUES (1, 2)")
        assert await asyncio.gather(*(pool.fetch(sql) for _ in range(9))) == [[(b"1", b"2")]] * 9

    with Table() as table:
        run_pool(test)


def test_an_error_of_the_statement_keeps_the_connection() -> None:
    async def test(pool: Pool) -> None:
        before = await pid(pool)
        with pytest.raises(psycopg.errors.DivisionByZero):
            await pool.fetch(b"SELECT 1 / 0")
        assert await pid(pool) == before

    run_pool(test)


def test_what_is_in_flight_may_finish_when_the_pool_closes(patient: None) -> None:
    async def test(pool: Pool) -> None:
        running = asyncio.create_task(pool.fetch(gate.sql.encode()))
        await until(gate.waiting)
        await pool.close()
        with pytest.raises(psycopg.OperationalError):
            await pool.fetch(b"SELECT 1")
        gate.open()
        await running
        assert (pool.size, pool.active) == (0, 0)

    with Gate() as gate:
        run_pool(test)


def test_a_silent_server_costs_a_read_about_a_second(behind: Behind, sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1

    async def test(pool: Pool) -> None:
        await pid(pool)
        await breaks(front, pool, "swallowed")
        started = time.monotonic()
        assert await pool.fetch(b"SELECT 1", effect=Effect.SAFE) == [(b"1",)]
        assert time.monotonic() - started < 10  # and not for as long as a statement may take
        assert front.cancels >= 1

    with Front() as front:
        behind(port=front.port)
        run_pool(test)
