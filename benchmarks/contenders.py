"""The contenders, and a server for each: uvicorn with uvloop and httptools, for WSGI gunicorn; the access log off."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Contender:
    name: str
    title: str
    application: tuple[str, ...]  # the server's arguments
    credential: str  # "token" or "jwt": what its users would send
    environment: Mapping[str, str] = field(default_factory=dict)
    server: str = "uvicorn"


OURS = "ours"
CONTENDERS = {
    contender.name: contender
    for contender in (
        Contender(OURS, "todoproject", ("todoproject.asgi:application",), "token"),
        Contender("fastapi", "FastAPI + SQLModel + asyncpg", ("benchmarks.peers.fastapi_sqlmodel:app",), "jwt"),
        Contender(
            "stock",
            "stock Django + ninja",
            ("--factory", "django.core.asgi:get_asgi_application"),
            "jwt",
            {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.stock_settings"},
        ),
        Contender(
            "wsgi",
            "stock Django + ninja, WSGI",
            ("django.core.wsgi:get_wsgi_application()",),
            "jwt",
            {"DJANGO_SETTINGS_MODULE": "benchmarks.peers.stock_wsgi_settings", "GUNICORN_CMD_ARGS": ""},
            server="gunicorn",
        ),
        Contender("bare", "bare ASGI + psycopg", ("benchmarks.peers.bare_asgi:app",), "token"),
    )
}


@dataclass(frozen=True, eq=False)
class Server:
    contender: Contender
    url: str
    pid: int
    token: str


class ServerError(Exception):
    """A contender did not start."""


@contextlib.contextmanager
def serving(
    contender: Contender, environment: Mapping[str, str], tokens: Mapping[str, str], *, workers: int, logs: Path
) -> Iterator[Server]:
    """The contender on a loopback port of its own, until the block ends. Raises ServerError."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", contender.server, *contender.application, f"--workers={workers}"]
    if contender.server == "uvicorn":
        command += [f"--port={port}", "--loop=uvloop", "--http=httptools", "--no-access-log"]
    else:
        command += [f"--bind=127.0.0.1:{port}", f"--threads={environment['DATABASE_POOL_MAX']}", "--keep-alive=60"]
        command += ["--no-control-socket"]  # it would lie in the home directory, perhaps in place of another's
    command += ["--log-level=warning"]
    log = logs / f"{contender.name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**os.environ, **environment, **contender.environment},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for the benchmark, which then stops everything in order
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, url, log)
        yield Server(contender, url, process.pid, tokens[contender.credential])
    finally:
        _stop(process)


def _wait_until_ready(process: subprocess.Popen[bytes], url: str, log: Path, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/livez", timeout=5):
            return
        time.sleep(0.05)
    raise ServerError(f"did not start: {log.read_text().strip() or 'nothing in its log'}")


def _stop(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # the group is the server's alone: it leads its own session
        process.wait()
