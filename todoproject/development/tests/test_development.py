"""`make run`, less the installation: real processes in a checkout of their own."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from todoproject.development.embedded import ROOT_STATE, EmbeddedPostgres
from todoproject.development.server import StartError, kept_secret, reserved_port

SOURCES = Path(__file__).resolve().parents[3]


class Checkout:
    def __init__(self, path: Path) -> None:
        self.path = path
        for package in ("todoproject", "accounts", "todos"):
            shutil.copytree(SOURCES / package, path / package, ignore=shutil.ignore_patterns("__pycache__", "tests"))

    def start(self, *command: str, **environment: str) -> subprocess.Popen[str]:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return subprocess.Popen(
            [sys.executable, "-m", "todoproject.development", *command],
            cwd=self.path,
            env=inherited | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def says(self, *command: str, **environment: str) -> tuple[int, str]:
        """The exit status, and all that it said on standard error."""
        with self.start(*command, **environment) as process:
            _, errors = process.communicate(timeout=120)
            return process.returncode, errors

    @contextmanager
    def running(self, port: int, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The process and its banner."""
        with self.start(PORT=str(port), **environment) as process:
            try:
                assert process.stdout
                lines = []
                while line := process.stdout.readline():
                    lines.append(line)
                    if "Ctrl-C" in line:
                        break
                yield process, "".join(lines)
            finally:
                process.terminate()
                process.communicate()


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    path = Path(tempfile.mkdtemp(prefix="test-development-"))
    yield Checkout(path)
    marker = path / ".local" / "postgres" / "id"
    if marker.exists():
        shutil.rmtree(ROOT_STATE / marker.read_text(), ignore_errors=True)
    shutil.rmtree(path)


@pytest.fixture
def port() -> int:
    return free_port()


def free_port() -> int:
    """Not one that the system may give to an outgoing connection of another test at any moment."""
    while True:
        number = random.randrange(20_000, 30_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", number)):
                return number


def stop(process: subprocess.Popen[str], number: signal.Signals) -> int:
    process.send_signal(number)
    process.communicate(timeout=60)
    return process.returncode


def listed(banner: str) -> list[Any]:
    """What the banner's curl line answers."""
    match = re.search(r'curl -H "Authorization: (Bearer tdo_\w+)" (http://\S+)', banner)
    assert match, banner
    request = urllib.request.Request(match[2], headers={"Authorization": match[1]})
    with urllib.request.urlopen(request, timeout=30) as response:
        items: list[Any] = json.load(response)["items"]
    return items


def test_two_runs_share_data_and_server_and_the_last_one_stops_it(checkout: Checkout, port: int) -> None:
    with checkout.running(port) as (first, banner):
        assert len(listed(banner)) == 12
        status, errors = checkout.says(PORT=str(port))
        assert status == 1
        assert re.fullmatch(rf"todoproject: port {port}: Address already in use\. .*: PORT=\d+ make run\n", errors)
        second_port = free_port()
        with checkout.running(second_port) as (second, second_banner):
            assert stop(first, signal.SIGINT) == 0
            assert len(listed(second_banner)) == 12
            assert stop(second, signal.SIGTERM) == 0
    assert not list(checkout.path.glob(".local/postgres/**/postmaster.pid"))
    with checkout.running(port) as (again, later_banner):
        assert later_banner.replace("already there", "created") == banner
        assert stop(again, signal.SIGTERM) == 0


def test_a_database_of_ones_own_gets_no_demo_account(checkout: Checkout, port: int) -> None:
    with EmbeddedPostgres(checkout.path / ".local" / "postgres") as server:
        url = server.url("own")
        with checkout.running(port, DATABASE_URL=url) as (process, banner):
            assert "API docs" in banner
            assert "demo" not in banner
            assert stop(process, signal.SIGTERM) == 0
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT FROM accounts_user").rowcount == 0


NO_PORT = "PORT should be a number from 1 to 65535: PORT=8001 make run"


def test_a_port_that_is_none_is_one_line(checkout: Checkout) -> None:
    assert checkout.says(PORT="eighty") == (1, f"todoproject: {NO_PORT}\n")


@pytest.mark.parametrize("value", ["0", "65536", "-1", "٨٠", "80.0"])
def test_it_takes_no_other_number_for_a_port(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(StartError, match=f"^{re.escape(NO_PORT)}$"):
        reserved_port()


def test_a_database_that_does_not_answer_is_one_line(checkout: Checkout, port: int) -> None:
    status, errors = checkout.says(PORT=str(port), DATABASE_URL="postgresql://someone@127.0.0.1:1/todo")
    assert status == 1
    assert re.fullmatch(r"todoproject: the database cannot be .*Connection refused.*\n", errors)


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    secret = kept_secret(path)
    assert len(secret) >= 50
    assert kept_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
