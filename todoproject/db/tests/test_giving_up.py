"""What nobody waits for any more is cancelled on the server, and what was refused never happens later."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import psycopg
import pytest
import trustme
from pytest_django.fixtures import Settings

from todoproject.db.job import Effect, Overloaded, Refused
from todoproject.db.pool import Pool
from todoproject.db.tests.conftest import Behind
from todoproject.db.tests.pgbouncer import PgBouncer
from todoproject.db.tests.rig import Front, Gate, Table, Watch, run_pool
from todoproject.tests.waiting import until

pytestmark = pytest.mark.usefixtures("each_loop", "sizes", "slow_but_alive")


def write(table: Table, gate: Gate) -> bytes:
    """A statement that adds its parameter to the table as soon as the gate is open."""
    return f"INSERT INTO {table.name} SELECT $1::bigint FROM ({gate.sql}) wait".encode()


@contextmanager
def way(to: str, behind: Behind) -> Iterator[None]:
    """Straight to the server, with TLS, or through a pooler."""
    if to == "tls":
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        trustme.CA().issue_cert("localhost").configure_cert(context)
        with Front(tls=context) as front:
            behind(port=front.port, sslmode="require")
            yield
    elif to == "pooler":
        with PgBouncer(pool_size=8) as bouncer:
            behind(host=str(bouncer.directory), port=str(bouncer.PORT))
            yield
    else:
        yield


@pytest.mark.parametrize("to", ["server", "tls", "pooler"])
@pytest.mark.parametrize("how", ["out of time", "gone"])
def test_a_write_that_was_given_up_never_happens_later(how: str, to: str, behind: Behind, sizes: Settings) -> None:
    if how == "out of time":
        sizes.DATABASE_TIMEOUT = 0.3

    async def test(pool: Pool) -> None:
        task = asyncio.create_task(pool.fetch(write(table, gate), [b"1"]))
        await until(gate.waiting)
        if how == "gone":
            task.cancel()
        [answer] = await asyncio.gather(task, return_exceptions=True)
        if how == "gone":
            assert task.cancelled()
        else:
            assert isinstance(answer, Overloaded)
            assert not answer.unknown
        await until(lambda: not gate.waiting())
        gate.open()
        assert await pool.fetch(b"SELECT 1") == [(b"1",)]
        assert table.rows() == []

    with way(to, behind), Table() as table, Gate() as gate:
        run_pool(test)


@pytest.mark.usefixtures("patient")
def test_a_neighbour_that_a_cancel_hits_is_repeated(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MAX = 1

    async def test(pool: Pool) -> None:
        await pool.fetch(b"SELECT 1")
        first = asyncio.create_task(pool.fetch(write(table, gate), [b"1"]))
        second = asyncio.create_task(pool.fetch(write(table, gate), [b"2"]))
        await until(gate.waiting)
        second.cancel()  # it is behind the first, which is what the server is at and what a cancel hits
        await until(lambda: pool._connections[0].canceller._last > 0)
        await until(lambda: not any(job.unwanted for job in pool._connections[0].flights))
        gate.open()
        await first
        assert table.rows() == [1]

    with Table() as table, Gate() as gate:
        run_pool(test)


def test_a_statement_that_is_slower_than_the_others_may_like_goes_on_elsewhere() -> None:
    """After a while a cancel finds out whether the server is still there. If it is, the statement is not lost."""

    async def test(pool: Pool) -> None:
        slow = asyncio.create_task(pool.fetch(write(table, gate), [b"1"]))
        await until(lambda: any(connection.dear for connection in pool._connections))
        await until(gate.waiting)
        gate.open()
        await slow
        assert table.rows() == [1]

    with Table() as table, Gate() as gate:
        run_pool(test)


def test_a_slow_statement_does_not_hold_up_those_who_come_later() -> None:
    async def test(pool: Pool) -> None:
        with Gate() as gate:
            slow = asyncio.create_task(pool.fetch(gate.sql.encode()))
            await until(gate.waiting)
            for n in range(50):
                assert await pool.fetch(b"SELECT %d" % n) == [(b"%d" % n,)]
            assert not slow.done()
            gate.open()
            await slow

    run_pool(test)


def test_the_servers_own_timeout_is_not_ours() -> None:
    async def test(pool: Pool) -> None:
        with pytest.raises(psycopg.errors.QueryCanceled):
            await pool.transaction(
                [(b"SELECT pg_sleep(30)", [])], local=[(b"statement_timeout", b"50")], effect=Effect.SAFE
            )
        assert await pool.fetch(b"SELECT 1") == [(b"1",)]

    run_pool(test)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("to", ["server", "pooler"])
def test_no_write_is_lost_or_doubled_among_cancels(to: str, behind: Behind, sizes: Settings) -> None:
    """Clients with little time, clients that leave, and somebody who locks what they write to."""
    sizes.DATABASE_TIMEOUT = 2
    chance = random.Random(1)
    name = uuid4().hex
    done, refused, unknown = set[int](), set[int](), set[int]()

    async def test(pool: Pool) -> None:
        sql = (
            f"WITH locked AS (UPDATE {locks.name} SET n = n WHERE n = $2::bigint RETURNING n) "
            f"INSERT INTO {table.name} SELECT $1::bigint FROM locked"
        ).encode()

        async def one(n: int) -> None:
            task = asyncio.create_task(pool.fetch(sql, [str(n).encode(), str(n % 8).encode()]))
            if chance.random() < 0.4:
                asyncio.get_running_loop().call_later(chance.random() * 0.1, task.cancel)
            try:
                await task
                done.add(n)
            except asyncio.CancelledError:
                pass
            except Refused as error:
                (unknown if error.unknown else refused).add(n)

        async def hold() -> None:
            sql = f"SELECT pg_sleep(0.1) FROM {locks.name} WHERE n = $1::bigint FOR UPDATE".encode()
            while True:
                await other.fetch(sql, [str(chance.randrange(8)).encode()])

        async def reader(n: int) -> None:
            assert await pool.fetch(b"SELECT $1::int", [str(n).encode()], effect=Effect.SAFE) == [(str(n).encode(),)]

        other = Pool()
        for n in range(8):
            await other.fetch(f"INSERT INTO {locks.name} VALUES ($1::bigint)".encode(), [str(n).encode()])
        holding = asyncio.create_task(hold())
        behind(**({"application_name": name} | address))
        for start in range(0, 600, 60):
            await asyncio.gather(*(one(n) for n in range(start, start + 60)), *(reader(n) for n in range(60)))
        holding.cancel()
        await asyncio.gather(holding, return_exceptions=True)
        await until(lambda: not other.active and not pool.active)
        await other.close()

    with Table() as table, Table() as locks, PgBouncer(pool_size=8) as bouncer, Watch(name) as watch:
        address: dict[str, object] = {}
        if to == "pooler":
            address = {"host": str(bouncer.directory), "port": str(bouncer.PORT)}
        run_pool(test)
        rows = table.rows()
    assert len(rows) == len(set(rows))
    assert done <= set(rows)
    assert not refused & set(rows)
    assert not unknown
    assert len(done) > 100
    if to == "server":  # a pooler has its own idea of how many it needs
        assert watch.most <= 4
