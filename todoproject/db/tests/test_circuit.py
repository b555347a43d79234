"""When the database is away: requests wait for a while, then are refused at once, until one probe gets through."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from pytest_django.fixtures import Settings

from todoproject.db import opener as opener_module
from todoproject.db.circuit import Circuit
from todoproject.db.connection import Connection
from todoproject.db.failures import reason
from todoproject.db.job import Effect, Unavailable
from todoproject.db.pool import Pool
from todoproject.db.tests.conftest import Behind
from todoproject.db.tests.rig import Front, closed_port, fatal, run_pool
from todoproject.tests.waiting import until

pytestmark = pytest.mark.usefixtures("each_loop", "sizes")

AWAY = ConnectionRefusedError("refused")


def is_back(pool: Pool) -> bool:
    """What each refused request does: it asks for a probe."""
    pool._opener.grow()
    return pool.size > 0


def test_it_opens_after_its_patience_and_closes_with_the_first_success() -> None:
    circuit = Circuit(3)
    assert not circuit.is_open(100)
    circuit.failed(100, AWAY)
    assert not circuit.is_open(102.9)
    circuit.failed(102, AWAY)
    assert circuit.is_open(103)
    circuit.succeeded()
    assert not circuit.is_open(103)


def test_it_opens_at_once_where_waiting_does_not_help() -> None:
    circuit = Circuit(3)
    circuit.failed(100, AWAY, hopeless=True)
    assert circuit.is_open(100)


def test_one_attempt_in_a_second_until_one_succeeds() -> None:
    circuit = Circuit(3)
    assert circuit.may_try(100)
    circuit.tried(100)
    assert not circuit.may_try(100.9)
    assert circuit.may_try(101)
    circuit.succeeded()
    assert circuit.may_try(100.1)


def test_refused_after_a_while_then_at_once_and_back_when_the_database_is(behind: Behind, sizes: Settings) -> None:
    sizes.DATABASE_TIMEOUT = sizes.DATABASE_WAKE_TIMEOUT = 2

    async def test(pool: Pool) -> None:
        refused = asyncio.gather(*(pool.fetch(b"SELECT 1") for _ in range(20)), return_exceptions=True)
        for answer in await refused:
            assert isinstance(answer, Unavailable)
            assert not answer.unknown
        assert 1 <= front.connections <= 4
        before, started = front.connections, time.monotonic()
        for _ in range(500):
            with pytest.raises(Unavailable):
                await pool.fetch(b"SELECT 1")
        assert front.connections - before <= 1 + time.monotonic() - started  # one probe in a second
        front.refusal = b""
        await until(lambda: is_back(pool))
        assert await pool.fetch(b"SELECT 1") == [(b"1",)]

    with Front(refusal=fatal("57P03", "the database system is starting up")) as front:
        behind(port=front.port)
        run_pool(test)


def test_a_database_that_is_soon_back_fails_nobody(behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        tasks = [asyncio.create_task(pool.fetch(b"SELECT 1")) for _ in range(20)]
        await until(lambda: front.connections)
        front.refusal = b""
        assert await asyncio.gather(*tasks) == [[(b"1",)]] * 20

    with Front(refusal=fatal("57P03", "the database system is starting up")) as front:
        behind(port=front.port)
        run_pool(test)


def test_a_wrong_password_is_said_at_once(behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        for answer in await asyncio.gather(*(pool.fetch(b"SELECT 1") for _ in range(20)), return_exceptions=True):
            assert isinstance(answer, Unavailable)
            assert reason(answer) == "auth"
        assert front.connections == 1

    with Front(password_refusal=fatal("28P01", "password authentication failed for user x")) as front:
        behind(port=front.port)
        run_pool(test)


def test_errors_of_statements_do_not_open_it() -> None:
    async def test(pool: Pool) -> None:
        for _ in range(50):
            with pytest.raises(psycopg.errors.DivisionByZero):
                await pool.fetch(b"SELECT 1 / 0")
        assert pool._opener.circuit.error is None

    run_pool(test)


def test_a_connect_that_hangs_has_a_second_one_beside_it(behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        task = asyncio.create_task(pool.fetch(b"SELECT 1"))
        await until(lambda: front.connections)
        front.silent = False
        assert await task == [(b"1",)]
        assert front.connections == 2

    with Front(silent=True) as front:
        behind(port=front.port)
        run_pool(test)


def test_a_sleeping_database_has_more_time_than_a_request(behind: Behind, sizes: Settings) -> None:
    sizes.DATABASE_TIMEOUT = 0.5

    async def test(pool: Pool) -> None:
        requests = asyncio.gather(*(pool.fetch(b"SELECT 1") for _ in range(20)))
        await asyncio.sleep(3 * sizes.DATABASE_TIMEOUT)
        front.open()
        assert await requests == [[(b"1",)]] * 20

    with Front(shut=True) as front:
        behind(port=front.port)
        run_pool(test)


def test_a_database_that_hangs_is_given_up(behind: Behind, sizes: Settings) -> None:
    sizes.DATABASE_TIMEOUT = sizes.DATABASE_WAKE_TIMEOUT = 1.5

    async def test(pool: Pool) -> None:
        for answer in await asyncio.gather(*(pool.fetch(b"SELECT 1") for _ in range(20)), return_exceptions=True):
            assert isinstance(answer, Unavailable)
            assert reason(answer) == "timeout"
        with pytest.raises(Unavailable):
            await pool.fetch(b"SELECT 1")
        front.silent = False
        await until(lambda: is_back(pool))
        assert await pool.fetch(b"SELECT 1") == [(b"1",)]

    with Front(silent=True) as front:
        behind(port=front.port)
        run_pool(test)


def test_who_stops_waiting_does_not_stop_the_connect(behind: Behind) -> None:
    async def test(pool: Pool) -> None:
        task = asyncio.create_task(pool.fetch(b"SELECT 1"))
        await until(lambda: front.connections)
        task.cancel()
        front.open()
        await until(lambda: pool.size)
        assert front.connections == 1

    with Front(shut=True) as front:
        behind(port=front.port)
        run_pool(test)


def test_any_error_of_a_connect_reaches_those_who_wait(monkeypatch: pytest.MonkeyPatch, sizes: Settings) -> None:
    sizes.DATABASE_TIMEOUT = sizes.DATABASE_WAKE_TIMEOUT = 1
    monkeypatch.setattr(opener_module, "connection_parameters", lambda: {"host": "x" * 64})  # UnicodeError, of Python

    async def test(pool: Pool) -> None:
        with pytest.raises(Unavailable):
            await pool.fetch(b"SELECT 1")

    run_pool(test)


def test_while_others_are_open_a_refused_connect_fails_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """As when the role has a limit of connections that is smaller than the pool."""
    original: Callable[..., Any] = Connection.open
    opened: list[Connection] = []

    async def limited(*args: Any, **options: Any) -> Connection:
        if opened:
            raise psycopg.OperationalError("too many connections for role")
        opened.append(await original(*args, **options))
        return opened[0]

    monkeypatch.setattr(Connection, "open", limited)

    async def test(pool: Pool) -> None:
        asked = (pool.fetch(b"SELECT 1 FROM pg_sleep(0.002)", effect=Effect.SAFE) for _ in range(100))
        assert await asyncio.gather(*asked) == [[(b"1",)]] * 100
        assert pool._opener.circuit.error is None

    run_pool(test)


# --- At the start ----------------------------------------------------------------------------------------------------


def test_it_starts_with_the_smallest_size(sizes: Settings) -> None:
    sizes.DATABASE_POOL_MIN = 2

    async def test(pool: Pool) -> None:
        await pool.open(patience=30)
        assert (pool.size, pool.active) == (2, 0)

    run_pool(test)


def test_it_starts_without_a_database(sizes: Settings, behind: Behind) -> None:
    sizes.DATABASE_POOL_MIN = 2

    async def test(pool: Pool) -> None:
        async with asyncio.timeout(10):
            await pool.open(patience=0.2)
        assert pool.size == 0

    behind(port=closed_port())
    run_pool(test)
    with Front(silent=True) as front:
        behind(port=front.port)
        run_pool(test)
