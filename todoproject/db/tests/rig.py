"""Doors in front of the tests' PostgreSQL, of kinds that a real one is not: slow, silent, counting, pooling."""

from __future__ import annotations

import asyncio
import os
import pwd
import re
import shutil
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest
from django.db import connections

from todoproject.db.pool import connection_parameters

SSL_REQUEST, GSS_REQUEST = 80877103, 80877104
# https://www.postgresql.org/docs/current/protocol-message-formats.html
ASK_FOR_PASSWORD = b"R" + struct.pack("!II", 8, 3)


def fatal(sqlstate: str, message: str) -> bytes:
    body = b"".join(f"{kind}{text}\0".encode() for kind, text in (("S", "FATAL"), ("C", sqlstate), ("M", message)))
    return b"E" + struct.pack("!I", len(body) + 5) + body + b"\0"


def server_address() -> str | tuple[str, int]:
    """Where the tests' PostgreSQL listens: the path of its socket, or host and port."""
    settings = connections["default"].settings_dict
    host, port = settings["HOST"] or "localhost", int(settings["PORT"] or 5432)
    return f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)


def url(*, host: str = "127.0.0.1", port: int | str, user: str = "", password: str = "", query: str = "") -> str:
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
    admin(f"SELECT pg_terminate_backend({int(pid or 0)}, 5000)")


def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@contextmanager
def service(**environment: str) -> Iterator[tuple[str, list[str]]]:
    """The service in a process of its own: its URL and, once it has ended, all that it wrote."""
    output: list[str] = []
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        port = listener.getsockname()[1]
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "todoproject.asgi:application", "--fd", str(listener.fileno())],
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
        output.append(process.communicate(timeout=30)[0])


class Front:
    """A TCP server on this machine that leads to the tests' PostgreSQL, in a thread of its own.

    `delay`: seconds before anything happens on a new connection. `silent`: it is accepted, and that was all.
    `refusal`: what the client is told at once. `password_refusal`: what it is told when it has sent a password. `tls`:
    the connection may be encrypted.
    """

    def __init__(
        self,
        *,
        delay: float = 0,
        silent: bool = False,
        refusal: bytes = b"",
        password_refusal: bytes = b"",
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.delay, self.silent, self.tls = delay, silent, tls
        self.refusal, self.password_refusal = refusal, password_refusal
        self.connections = 0
        self.messages: Counter[str] = Counter()  # from the client, by their type: S is Sync, E is Execute
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

    def cut(self) -> None:
        """End every connection without a word."""

        async def abort() -> None:
            for writer in self._writers:
                writer.transport.abort()

        self._call(abort())

    def freeze(self) -> None:
        """Let nothing through any more on the connections that there are; new ones work."""
        self._frozen |= self._writers

    def _call(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(10)

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
        await asyncio.sleep(self.delay)
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


class PgBouncer:
    """PgBouncer in transaction mode on a socket in front of the tests' PostgreSQL.

    Without the program, the test fails where it runs for all (CI is set) and is skipped elsewhere.
    """

    PORT = 6432  # only part of the socket's name

    def __init__(self, *, pool_size: int) -> None:
        program = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
        if program is None:
            message = "there is no pgbouncer: install it (Debian, Ubuntu: apt install pgbouncer)"
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        self.program, self.pool_size = program, pool_size

    @property
    def version(self) -> tuple[int, int]:
        output = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout
        match = re.search(r"PgBouncer (\d+)\.(\d+)", output)
        assert match, output
        return int(match[1]), int(match[2])

    def __enter__(self) -> Self:
        self.directory = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        self._configure()
        account = None  # PgBouncer refuses to run as root, and PostgreSQL's socket is open to its own account
        if os.geteuid() == 0:
            account = pwd.getpwnam(os.environ.get("EMBEDDED_POSTGRES_USER") or "nobody")
            for path in (self.directory, *self.directory.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)
        self._process = subprocess.Popen(
            [self.program, "-q", str(self.directory / "ini")],
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=[] if account else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory)

    def _configure(self) -> None:
        address = server_address()
        if isinstance(address, str):
            host, port = address.rpartition("/")[0], address.rpartition(".")[2]
        else:
            host, port = address[0], str(address[1])
        user = connections["default"].settings_dict["USER"]
        (self.directory / "users").write_text(f'"{user}" "{os.environ.get("PGPASSWORD", "")}"\n')
        (self.directory / "ini").write_text(
            f"[databases]\n* = host={host} port={port}\n"
            "[pgbouncer]\nlisten_addr =\nauth_type = trust\npool_mode = transaction\n"
            f"unix_socket_dir = {self.directory}\nlisten_port = {self.PORT}\nauth_file = {self.directory}/users\n"
            f"default_pool_size = {self.pool_size}\nlogfile = {self.directory}/log\n"
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + 20
        while True:
            with socket.socket(socket.AF_UNIX) as client:
                if client.connect_ex(f"{self.directory}/.s.PGSQL.{self.PORT}") == 0:
                    return
            if self._process.poll() is not None or time.monotonic() > deadline:
                pytest.fail("pgbouncer did not start: " + (self.directory / "log").read_text())
            time.sleep(0.02)
