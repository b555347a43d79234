"""One connection: what it sends, what comes back, and what becomes of it when something goes wrong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from psycopg import errors

from todoproject.db.connection import Connection
from todoproject.db.failures import reason
from todoproject.db.job import ConnectionLost, Row
from todoproject.db.opener import connection_parameters
from todoproject.db.statement import encode
from todoproject.db.tests.rig import Front, admin, fatal, kill, notice, run_on_loop

pytestmark = pytest.mark.usefixtures("each_loop")


class Session:
    """A connection of a test."""

    def __init__(self, *, prepare: bool = True, patience: float = 20, **parameters: Any) -> None:
        self.parameters = connection_parameters() | parameters
        self.prepare, self.patience = prepare, patience

    async def __aenter__(self) -> Session:
        self.connection = await Connection.open(self.parameters, prepare=self.prepare, patience=self.patience)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.connection.close()

    @property
    def closed(self) -> bool:
        return self.connection.closed

    async def fetch(self, sql: str, *values: Any) -> list[Row]:
        return await self.connection.fetch(sql.encode(), [encode(value) for value in values])


def run(test: Callable[[Session], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with Session(**options) as session:
            await test(session)

    run_on_loop(main())


# --- What it sends ---------------------------------------------------------------------------------------------------


def test_a_statement_is_prepared_once() -> None:
    async def test(session: Session) -> None:
        for number in range(5):
            assert await session.fetch("SELECT $1::int + 1", number) == [(str(number + 1).encode(),)]
        assert (front.messages["P"], front.messages["E"]) == (1, 5)
        await session.fetch("SELECT $1::int + 2", 1)
        assert (front.messages["P"], front.messages["E"], front.messages["S"]) == (2, 6, 6)

    with Front() as front:
        run(test, host="127.0.0.1", port=front.port)


def test_without_preparing() -> None:
    async def test(session: Session) -> None:
        for number in range(3):
            assert await session.fetch("SELECT $1::int + 1", number) == [(str(number + 1).encode(),)]
        assert await session.fetch("SELECT count(*) FROM pg_prepared_statements") == [(b"0",)]
        assert front.messages["S"] == 4

    with Front() as front:
        run(test, prepare=False, host="127.0.0.1", port=front.port)


def test_a_statement_may_be_planned_for_its_values() -> None:
    async def test(session: Session) -> None:
        for number in range(3):
            rows = await session.connection.fetch(b"SELECT $1::int + 1", [encode(number)], prepare=False)
            assert rows == [(str(number + 1).encode(),)]
        assert (front.messages["P"], front.messages["E"], front.messages["S"]) == (3, 3, 3)
        assert await session.fetch("SELECT count(*) FROM pg_prepared_statements") == [(b"1",)]  # this one

    with Front() as front:
        run(test, host="127.0.0.1", port=front.port)


def test_a_name_stands_for_one_statement_whoever_prepares_it() -> None:
    """Else a pooler without knowledge of prepared statements could run the one of another client."""

    async def test(session: Session) -> None:
        await session.fetch("SELECT 1")
        await session.fetch("SELECT 2")
        rows = await session.fetch("SELECT name, statement FROM pg_prepared_statements")
        names.append({statement: name for name, statement in rows})

    names: list[dict[bytes | None, bytes | None]] = []
    run(test)
    run(test)
    assert names[0] == names[1]
    assert len(set(names[0].values())) == 3


@pytest.mark.parametrize("prepare", [True, False])
@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        " ",
        "it's a \"quote\" \\ backslash \\' ; -- $1 %s %(x)s {}",
        "line\nfeed\ttab\r",
        "\u00e9 \u4f60\u597d \U0001f600 \u202e \ufeff \x01",
        "NULL",
        "\\x41",
    ],
)
def test_a_text_comes_back_as_it_went(value: str | None, prepare: bool) -> None:
    async def test(session: Session) -> None:
        [(text, is_null)] = await session.fetch("SELECT $1::text, $1::text IS NULL", value)
        assert (text, is_null) == (encode(value), b"t" if value is None else b"f")

    run(test, prepare=prepare)


def test_a_text_larger_than_any_buffer() -> None:
    async def test(session: Session) -> None:
        value = "\u00e9\u00e0" * 1_300_000
        assert await session.fetch("SELECT length($1), $1", value) == [(b"2600000", value.encode())]
        assert await session.fetch("SELECT 1") == [(b"1",)]

    run(test)
    with Front() as front:
        run(test, host="127.0.0.1", port=front.port)


def test_rows_and_none() -> None:
    async def test(session: Session) -> None:
        assert await session.fetch("SELECT n, NULL FROM generate_series(1, 3) n") == [
            (b"1", None),
            (b"2", None),
            (b"3", None),
        ]
        assert await session.fetch("SELECT 1 WHERE false") == []
        assert await session.fetch("SET application_name TO 'x'") == []

    run(test)


def test_the_time_zone_is_utc_whatever_the_database_says() -> None:
    name = f"scratch_{uuid4().hex}"
    admin(f"CREATE DATABASE {name}")
    try:
        admin(f"ALTER DATABASE {name} SET timezone TO 'Asia/Kolkata'")

        async def test(session: Session) -> None:
            [(json,)] = await session.fetch("SELECT to_json('2026-01-01T00:00:00Z'::timestamptz)")
            assert json == b'"2026-01-01T00:00:00+00:00"'

        run(test, dbname=name)
    finally:
        admin(f"DROP DATABASE {name} WITH (FORCE)")


# --- What goes wrong -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prepare", [True, False])
def test_an_error_says_its_code_and_constraint_and_the_connection_lives(prepare: bool) -> None:
    async def test(session: Session) -> None:
        with pytest.raises(errors.CheckViolation) as caught:
            await session.fetch(
                "INSERT INTO accounts_user (password, is_superuser, email, display_name) VALUES ('', false, $1, '')",
                f"{uuid4().hex}@example.com",
            )
        assert caught.value.sqlstate == "23514"
        assert caught.value.diag.constraint_name == "user_display_name_length"
        with pytest.raises(errors.SyntaxError):
            await session.fetch("SELEC")
        with pytest.raises(errors.InvalidTextRepresentation):
            await session.fetch("SELECT $1::uuid", "no uuid")
        assert await session.fetch("SELECT 1") == [(b"1",)]
        assert not session.closed

    run(test, prepare=prepare)


def test_an_error_without_a_class_of_its_own() -> None:
    async def test(session: Session) -> None:
        for code, kind in {"UT001": psycopg.DatabaseError, "53XYZ": psycopg.OperationalError}.items():
            with pytest.raises(kind) as caught:
                await session.fetch(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{code}'; END $$")
            assert type(caught.value) is kind
            assert caught.value.sqlstate == code

    run(test)


def test_cancelled_half_way_it_closes() -> None:
    async def test(session: Session) -> None:
        task = asyncio.create_task(session.fetch("SELECT pg_sleep(0.5)"))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert session.connection.closed
        assert session.closed

    run(test)


def test_an_answer_that_takes_too_long_closes_it() -> None:
    async def test(session: Session) -> None:
        started = time.monotonic()
        with pytest.raises(ConnectionLost, match="timeout") as caught:
            await session.fetch("SELECT pg_sleep(1)")
        assert 0.1 <= time.monotonic() - started < 0.9
        assert caught.value.unknown
        assert reason(caught.value) == "timeout"
        assert session.closed

    run(test, patience=0.1)


def test_the_servers_own_timeout_leaves_it_open() -> None:
    async def test(session: Session) -> None:
        await session.fetch("SET statement_timeout = 50")
        with pytest.raises(errors.QueryCanceled) as caught:
            await session.fetch("SELECT pg_sleep(1)")
        assert reason(caught.value) == "timeout"
        assert await session.fetch("SELECT 1") == [(b"1",)]

    run(test)


def test_killed_while_it_idles_it_closes_by_itself() -> None:
    async def test(session: Session) -> None:
        [(pid,)] = await session.fetch("SELECT pg_backend_pid()")
        await asyncio.to_thread(kill, pid)
        async with asyncio.timeout(5):
            while not session.closed:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        assert session.connection.closed
        with pytest.raises(ConnectionLost) as caught:
            await session.fetch("SELECT 1")
        assert not caught.value.unknown

    run(test)


def test_killed_in_the_middle_it_says_what_the_server_said() -> None:
    async def test(session: Session) -> None:
        [(pid,)] = await session.fetch("SELECT pg_backend_pid()")
        task = asyncio.create_task(session.fetch("SELECT pg_sleep(5)"))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(kill, pid)
        with pytest.raises(ConnectionLost) as caught:
            await task
        assert not caught.value.unknown  # the server has stopped in good order, and not committed
        assert caught.value.sqlstate == "57P01"
        assert session.closed

    run(test)


def test_cut_in_the_middle() -> None:
    async def test(session: Session) -> None:
        task = asyncio.create_task(session.fetch("SELECT pg_sleep(0.5)"))
        await asyncio.sleep(0.1)
        await asyncio.to_thread(front.cut)
        with pytest.raises(ConnectionLost) as caught:
            await task
        assert caught.value.unknown
        assert reason(caught.value) == "unavailable"
        assert session.closed

    with Front() as front:
        run(test, host="127.0.0.1", port=front.port)


@pytest.mark.parametrize("is_idle", [True, False])
def test_a_reset_right_behind_other_words_is_noticed_at_once(is_idle: bool) -> None:
    """An event loop may report both in one event, and nothing after it."""

    async def test(session: Session) -> None:
        running = [] if is_idle else [asyncio.create_task(session.fetch("SELECT pg_sleep(3)"))]
        await asyncio.sleep(0.1)
        front.reset(notice("the last words"))  # the event loop stands still until all of it has arrived
        async with asyncio.timeout(5):
            while not session.closed:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        for answer in await asyncio.gather(*running, return_exceptions=True):
            assert isinstance(answer, ConnectionLost)
            assert answer.unknown

    with Front() as front:
        run(test, host="127.0.0.1", port=front.port)


def test_a_server_that_says_farewell_and_keeps_the_socket_is_gone() -> None:
    async def test(session: Session) -> None:
        running = asyncio.create_task(session.fetch("SELECT pg_sleep(3)"))
        await asyncio.sleep(0.1)
        front.say(fatal("57P01", "terminating connection due to administrator command"))
        async with asyncio.timeout(5):
            with pytest.raises(ConnectionLost) as caught:
                await running
        assert caught.value.sqlstate == "57P01"

    with Front() as front:
        run(test, host="127.0.0.1", port=front.port)


def test_a_notice_or_a_changed_setting_while_it_idles_is_no_farewell() -> None:
    async def test(session: Session) -> None:
        await session.fetch("LISTEN nobody")
        await asyncio.to_thread(admin, "NOTIFY nobody, 'x'")
        await session.fetch("DO $$ BEGIN RAISE WARNING 'x'; END $$")
        await asyncio.sleep(0.05)
        assert await session.fetch("SELECT 1") == [(b"1",)]

    run(test)


def test_a_table_that_changed_is_prepared_anew() -> None:
    table = f"scratch_{uuid4().hex}"

    async def test(session: Session) -> None:
        assert await session.fetch(f"SELECT * FROM {table}") == []
        await asyncio.to_thread(admin, f"ALTER TABLE {table} ADD COLUMN b int")
        with pytest.raises(errors.FeatureNotSupported):
            await session.fetch(f"SELECT * FROM {table}")
        assert await session.fetch(f"SELECT * FROM {table}") == []
        assert not session.closed

    admin(f"CREATE TABLE {table} (a int)")
    try:
        run(test)
    finally:
        admin(f"DROP TABLE {table}")


@pytest.mark.parametrize("user", ["nobody-of-this-name"])
def test_a_connect_that_fails_says_why(user: str) -> None:
    async def connect() -> None:
        async with Session(user=user):
            pass

    with pytest.raises(psycopg.OperationalError) as caught:
        run_on_loop(connect())
    assert reason(caught.value) == "auth"
