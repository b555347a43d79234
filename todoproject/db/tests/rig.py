"""Doors in front of the tests' PostgreSQL, of kinds that a real one is not: shut, silent, counting."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from typing import Any, Self, TypeVar

import psycopg
import uvloop
from django.db import connections

from todoproject.db.opener import connection_parameters
from todoproject.db.pool import Pool
from todoproject.tests.waiting import PATIENCE, until

T = TypeVar("T")

CANCEL_REQUEST, SSL_REQUEST, GSS_REQUEST = 80877102, 80877103, 80877104
# https://www.postgresql.org/docs/current/protocol-message-formats.html
ASK_FOR_PASSWORD = b"R" + struct.pack("!II", 8, 3)


# The two event loops that the service may run on; they do not treat a socket in error alike.
LOOPS: tuple[Callable[[], asyncio.AbstractEventLoop], ...] = (uvloop.new_event_loop, asyncio.new_event_loop)
new_loop = LOOPS[0]  # of this test; see the fixture `each_loop`


def run_on_loop(coroutine: Coroutine[Any, Any, T]) -> T:
    """What `asyncio.run` does, on the loop of this test, and not for ever."""

    async def guarded() -> T:
        async with asyncio.timeout(PATIENCE):
            return await coroutine

    with asyncio.Runner(loop_factory=new_loop) as runner:
        return runner.run(guarded())


def fatal(sqlstate: str, message: str) -> bytes:
    return _words(b"E", severity="FATAL", sqlstate=sqlstate, message=message)


def notice(message: str) -> bytes:
    return _words(b"N", severity="NOTICE", sqlstate="00000", message=message)


def _words(kind: bytes, *, severity: str, sqlstate: str, message: str) -> bytes:
    fields = (("S", severity), ("V", severity), ("C", sqlstate), ("M", message))
    body = b"".join(f"{field}{text}\0".encode() for field, text in fields)
    return kind + struct.pack("!I", len(body) + 5) + body + b"\0"


def server_address() -> str | tuple[str, int]:
    """Where the tests' PostgreSQL listens: the path of its socket, or host and port."""
    settings = connections["default"].settings_dict
    host, port = settings["HOST"] or "localhost", int(settings["PORT"] or 5432)
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)


def url(
    *,
    host: str = "127.0.0.1",
    port: int | str,
    user: str = "",
    password: str = "",
    query: str = f"connect_timeout={PATIENCE}",
) -> str:
    """DATABASE_URL of the tests' database at another address."""
    settings = connections["default"].settings_dict
    login = f"{user or settings['USER']}:{password}"
    return f"postgresql://{login}@{host}:{port}/{settings['NAME']}?{query}"


def admin(sql: str) -> None:
    """Run SQL on a connection of its own."""
    with psycopg.connect(**connection_parameters(), autocommit=True) as connection:
        connection.execute(sql.encode())


def kill(pid: bytes | None) -> None:
    """End the server process `pid`, and wait until it has ended."""
    admin(f"SELECT pg_terminate_backend({int(pid or 0)}, {PATIENCE * 1000})")


@cache
def closed_port() -> int:
    """A port on which nothing listens, nor will while this process runs: a socket of its own has taken it."""
    taken = socket.socket()
    taken.bind(("127.0.0.1", 0))
    port: int = taken.getsockname()[1]
    taken.detach()
    return port


class Gate:
    """Holds statements up until it opens: an advisory lock, for which they wait.

    `condition` belongs into the FROM of a statement; `sql` is a whole one, which returns 1.
    """

    def __enter__(self) -> Self:
        key = secrets.randbits(31)
        self.condition = f"pg_advisory_xact_lock_shared({key})"
        self.sql = f"SELECT 1 FROM {self.condition}"
        self._connection = psycopg.connect(**connection_parameters(), autocommit=True)
        self._connection.execute("SELECT pg_advisory_lock(%s)", [key])
        self._waiting = f"SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = {key} AND NOT granted"
        return self

    def __exit__(self, *_: object) -> None:
        self.open()

    def open(self) -> None:
        self._connection.close()

    def waiting(self) -> int:
        """How many statements wait at it."""
        return self._connection.execute(self._waiting.encode()).rowcount

    async def reached(self, count: int = 1) -> None:
        """Wait until so many statements wait at it."""
        await until(lambda: self.waiting() == count)


class Table:
    """A table of numbers."""

    def __enter__(self) -> Self:
        self.name = f"scratch_{secrets.token_hex(8)}"
        admin(f"CREATE TABLE {self.name} (n bigint)")
        return self

    def __exit__(self, *_: object) -> None:
        admin(f"DROP TABLE {self.name}")

    def rows(self) -> list[int]:
        with psycopg.connect(**connection_parameters()) as connection:
            return [n for (n,) in connection.execute(f"SELECT n FROM {self.name} ORDER BY n".encode())]


class Watch:
    """The most server connections with this application_name at any time, seen from a thread of its own."""

    def __init__(self, name: str) -> None:
        self.name, self.most, self._end = name, 0, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _look(self) -> None:
        sql = "SELECT count(*) FROM pg_stat_activity WHERE application_name = %s"
        with psycopg.connect(**connection_parameters(), autocommit=True) as connection:
            while not self._end.wait(0.01):
                row = connection.execute(sql, [self.name]).fetchone()
                assert row is not None
                self.most = max(self.most, row[0])


def run_pool(test: Callable[[Pool], Awaitable[T]]) -> T:
    """Run the test with a pool of its own."""

    async def main() -> T:
        pool = Pool()
        try:
            return await test(pool)
        finally:
            await pool.close()
            await until(lambda: not pool.size)

    return run_on_loop(main())


@contextmanager
def service(**environment: str) -> Iterator[tuple[str, list[str]]]:
    """The service in a process of its own: its URL and, once it has ended, all that it wrote."""
    output: list[str] = []
    options = ["--timeout-keep-alive", str(PATIENCE)]
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "todoproject.asgi:application", *options, "--fd", str(listener.fileno())],
            env=os.environ | environment,
            pass_fds=[listener.fileno()],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
    try:
        yield f"http://127.0.0.1:{port}", output
    finally:
        process.terminate()
        output.append(process.communicate(timeout=PATIENCE)[0])


class Front:
    """A TCP server on this machine that leads to the tests' PostgreSQL, in a thread of its own.

    `shut`: nothing happens on a new connection before `open` is called. `silent`: it is accepted, and that was all.
    `refusal`: what the client is told at once. `password_refusal`: what it is told when it has sent a password. `tls`:
    the connection may be encrypted.
    """

    def __init__(
        self,
        *,
        shut: bool = False,
        silent: bool = False,
        refusal: bytes = b"",
        password_refusal: bytes = b"",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.silent, self.tls = silent, tls
        self.refusal, self.password_refusal = refusal, password_refusal
        self.connections = self.cancels = 0
        self.messages: Counter[str] = Counter()  # from the client, by their type: S is Sync, E is Execute
        self._opened = asyncio.Event()
        if not shut:
            self._opened.set()
        self._writers: set[asyncio.StreamWriter] = set()
        self._frozen: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="front", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._accept, "127.0.0.1", 0))
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def open(self) -> None:
        self._loop.call_soon_threadsafe(self._opened.set)

    def cut(self) -> None:
        """End every connection without a word."""

        async def abort() -> None:
            for writer in self._writers:
                writer.transport.abort()

        self._call(abort())

    def say(self, words: bytes) -> None:
        """Send these bytes to every client."""

        async def write() -> None:
            for writer in self._writers:
                writer.write(words)

        self._call(write())

    def reset(self, words: bytes = b"") -> None:
        """Send these bytes to every client, and then no FIN, but an RST."""

        async def abort() -> None:
            for writer in self._writers:
                writer.write(words)
                client = writer.get_extra_info("socket")
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()

        self._call(abort())
        time.sleep(0.05)  # the socket closes in the next turn of the front's own loop

    def freeze(self) -> None:
        """Let nothing through any more on the connections that there are; new ones work."""
        self._frozen |= self._writers

    def _call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(PATIENCE)

    async def _stop(self) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self._writers.add(writer)
        try:
            with suppress(OSError, EOFError, asyncio.CancelledError):
                await self._serve(reader, writer)
        finally:
            self._writers.discard(writer)
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.silent:
            await reader.read(-1)
            return
        await self._opened.wait()
        startup = await self._startup(reader, writer)
        if self.password_refusal:
            writer.write(ASK_FOR_PASSWORD)
            await reader.read(1)
        if refusal := self.refusal or self.password_refusal:
            writer.write(refusal)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
            return
        await self._lead_on(reader, writer, startup)

    async def _startup(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
        while True:
            head = await reader.readexactly(4)
            body = await reader.readexactly(struct.unpack("!I", head)[0] - 4)
            code = struct.unpack("!I", body[:4])[0]
            if code == SSL_REQUEST and self.tls:
                writer.write(b"S")
                await writer.start_tls(self.tls)
            elif code in (SSL_REQUEST, GSS_REQUEST):
                writer.write(b"N")
            else:
                self.cancels += code == CANCEL_REQUEST
                return head + body

    async def _lead_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, startup: bytes) -> None:
        address = server_address()
        if isinstance(address, str):
            answers, server = await asyncio.open_unix_connection(address)
        else:
            answers, server = await asyncio.open_connection(*address)
        server.write(startup)
        back = asyncio.ensure_future(self._back(answers, writer))
        try:
            while True:
                head = await reader.readexactly(5)
                body = await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)
                self.messages[chr(head[0])] += 1
                if writer not in self._frozen:
                    server.write(head + body)
                    await server.drain()
        finally:
            back.cancel()
            server.transport.abort()

    async def _back(self, answers: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await answers.read(65536):
                if writer not in self._frozen:
                    writer.write(data)
                    await writer.drain()
        writer.close()
