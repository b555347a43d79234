"""`make run`, less the installation, and `manage.py` beside it: real processes in a checkout of their own."""

from __future__ import annotations

import json
import os
import random
import re
import secrets
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
from typing import IO, Any

import psycopg
import pytest

from todoproject.development import environment
from todoproject.development.embedded import ROOT_STATE, EmbeddedPostgres, locked
from todoproject.development.environment import StartError, kept_secret
from todoproject.development.run import reserved_port
from todoproject.tests.waiting import PATIENCE

SOURCES = Path(__file__).resolve().parents[3]
RUN = ("-m", "todoproject.development")


class Checkout:
    def __init__(self, path: Path) -> None:
        self.path = path
        for package in ("todoproject", "accounts", "todos"):
            shutil.copytree(SOURCES / package, path / package, ignore=shutil.ignore_patterns("__pycache__", "tests"))
        shutil.copy(SOURCES / "manage.py", path)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Python, in a session of its own, as in a terminal of its own."""
        names = ("PATH", "HOME", "LANG", "COVERAGE_PROCESS_CONFIG")
        inherited = {name: os.environ[name] for name in names if name in os.environ}
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=self.path,
            env=inherited | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def says(self, *arguments: str, **environment: str) -> tuple[int, str, str]:
        """The exit status, standard output and standard error."""
        with self.start(*arguments, **environment) as process:
            output, errors = process.communicate(timeout=PATIENCE)
            return process.returncode, output, errors

    @contextmanager
    def running(self, port: int, **environment: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
        """The process and its banner."""
        with self.start(*RUN, PORT=str(port), **environment) as process:
            try:
                yield process, read_until("Ctrl-C", process.stdout)
            finally:
                process.terminate()
                process.communicate(timeout=PATIENCE)

    def has_server(self) -> bool:
        return bool(list(self.path.glob(".local/postgres/**/postmaster.pid")))


def read_until(text: str, stream: IO[str] | None) -> str:
    """What a process has said since, up to the line with this text."""
    assert stream
    lines: list[str] = []
    while not lines or text not in lines[-1]:
        lines.append(stream.readline())
        assert lines[-1], "it ended"
    return "".join(lines)


@pytest.fixture
def new_checkout(tmp_path: Path) -> Checkout:
    """One in which nothing has been run yet."""
    return Checkout(tmp_path / "checkout")


@pytest.fixture(scope="module")
def checkout() -> Iterator[Checkout]:
    directory = Path(tempfile.mkdtemp(prefix="test-development-"))
    path = directory / "checkout"
    yield Checkout(path)
    marker = path / ".local" / "postgres" / "id"
    if marker.exists():
        shutil.rmtree(ROOT_STATE / marker.read_text(), ignore_errors=True)
    shutil.rmtree(directory)


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
    process.communicate(timeout=PATIENCE)
    return process.returncode


def listed(banner: str) -> list[Any]:
    """What the banner's curl line answers."""
    match = re.search(r'curl -H "Authorization: (Bearer tdo_\w+)" (http://\S+)', banner)
    assert match, banner
    request = urllib.request.Request(match[2], headers={"Authorization": match[1]})
    with urllib.request.urlopen(request, timeout=PATIENCE) as response:
        items: list[Any] = json.load(response)["items"]
    return items


def test_two_runs_share_data_and_server_and_the_last_one_stops_it(checkout: Checkout, port: int) -> None:
    with checkout.running(port) as (first, banner):
        assert len(listed(banner)) == 12
        status, _, errors = checkout.says(*RUN, PORT=str(port))
        assert status == 1
        assert re.fullmatch(rf"todoproject: port {port}: Address already in use\. .*: PORT=\d+ make run\n", errors)
        second_port = free_port()
        with checkout.running(second_port) as (second, second_banner):
            assert stop(first, signal.SIGINT) == 0
            assert len(listed(second_banner)) == 12
            assert stop(second, signal.SIGTERM) == 0
    assert not checkout.has_server()
    with checkout.running(port) as (again, later_banner):
        assert later_banner.replace("already there", "created") == banner
        assert stop(again, signal.SIGTERM) == 0


def test_an_edit_is_served_and_a_mistake_waits_for_the_next_one(checkout: Checkout, port: int) -> None:
    source, models = checkout.path / "todoproject" / "api.py", checkout.path / "todos" / "models.py"
    right = models.read_text()
    with checkout.running(port) as (process, _):
        source.write_text(source.read_text().replace("title=", 'title="Edited" or ', 1))
        assert read_until("Reloaded", process.stdout) == "\nReloaded.\n"
        assert title(port) == "Edited"
        models.write_text("mistake = (\n")
        assert "Traceback" not in read_until("SyntaxError", process.stderr)
        models.write_text(right)
        assert read_until("Reloaded", process.stdout) == "Reloaded.\n"
        assert title(port) == "Edited"
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does, to all of them
        output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output) == (0, "")
    assert [line for line in errors.splitlines() if "uvicorn.access" not in line] == []
    assert not checkout.has_server()


def title(port: int) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/api/v1/openapi.json", timeout=PATIENCE) as response:
        text: str = json.load(response)["info"]["title"]
    return text


def test_nothing_serves_on_after_kill_9(checkout: Checkout, port: int) -> None:
    with checkout.running(port) as (process, _):
        process.kill()
        process.communicate(timeout=PATIENCE)  # ends once nobody can write any more
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port)) != 0
    assert checkout.says("manage.py", "check")[0] == 0  # adopts its PostgreSQL, and stops it
    assert not checkout.has_server()


def test_ctrl_c_before_it_serves_leaves_nothing(checkout: Checkout, port: int) -> None:
    with checkout.start(*RUN, PORT=str(port)) as process:
        read_until("Database: migrated.", process.stdout)
        os.killpg(process.pid, signal.SIGINT)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode in (0, 130), errors) == (True, "")  # 0: it was just about to serve
    assert not checkout.has_server()


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
    assert checkout.says(*RUN, PORT="eighty") == (1, "", f"todoproject: {NO_PORT}\n")


@pytest.mark.parametrize("value", ["0", "65536", "-1", "٨٠", "80.0"])
def test_it_takes_no_other_number_for_a_port(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", value)
    with pytest.raises(StartError, match=f"^{re.escape(NO_PORT)}$"):
        reserved_port()


def test_a_database_that_does_not_answer_is_one_line(checkout: Checkout, port: int) -> None:
    status, _, errors = checkout.says(*RUN, PORT=str(port), DATABASE_URL="postgresql://someone@127.0.0.1:1/todo")
    assert status == 1
    assert re.fullmatch(r"todoproject: the database cannot be .*Connection refused.*\n", errors)


def test_a_secret_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret"
    secret = kept_secret(path)
    assert len(secret) >= 50
    assert kept_secret(path) == secret
    assert path.stat().st_mode & 0o777 == 0o600


# --- manage.py -------------------------------------------------------------------------------------------------------

MANAGE = ("manage.py",)


def test_manage_uses_the_database_of_make_run_during_and_after_it(checkout: Checkout, port: int) -> None:
    with checkout.running(port) as (process, banner):
        status, token, errors = checkout.says(*MANAGE, "apitoken", "demo@example.com")
        assert (status, errors) == (0, "")
        assert re.fullmatch(r"tdo_\w+\n", token)
        assert len(listed(re.sub(r"tdo_\w+", token.strip(), banner))) == 12
        assert stop(process, signal.SIGINT) == 0
    assert checkout.says(*MANAGE, "check", "--database", "default")[0] == 0
    assert not checkout.has_server()


def test_runserver_serves_that_database_too_and_stops_it(checkout: Checkout, port: int) -> None:
    with checkout.running(port) as (process, banner):
        stop(process, signal.SIGTERM)
    with checkout.start(*MANAGE, "runserver", str(port)) as process:
        read_until("Serving", process.stdout)
        assert len(listed(banner)) == 12
        assert stop(process, signal.SIGTERM) == 0
    assert not checkout.has_server()


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["check"], r"there is no database yet\. Type: make run .*"),
        (["test"], r"pytest runs the tests\. Type: make test"),
    ],
)
def test_manage_says_what_to_type(arguments: list[str], line: str, new_checkout: Checkout) -> None:
    status, output, errors = new_checkout.says(*MANAGE, *arguments)
    assert (status, output) == (1, "")
    assert re.fullmatch(f"todoproject: {line}\n", errors)


def test_manage_uses_what_is_configured(new_checkout: Checkout) -> None:
    (new_checkout.path / ".env").write_text(
        f"DATABASE_URL=postgresql://someone@127.0.0.1:1/todo\nSECRET_KEY={secrets.token_urlsafe(50)}\n"
        "ALLOWED_HOSTS=x.example.com\n"
    )
    assert new_checkout.says(*MANAGE, "check")[0] == 0
    assert "127.0.0.1" in new_checkout.says(*MANAGE, "migrate")[2]
    status, _, errors = new_checkout.says(*MANAGE, "check", ENV_FILE=os.devnull)
    assert (status, errors.partition(". ")[0]) == (2, "todoproject: DATABASE_URL is not set")
    assert not (new_checkout.path / ".local").exists()


def test_an_env_file_that_is_no_text_is_one_line(new_checkout: Checkout) -> None:
    (new_checkout.path / ".env").write_bytes(b"DATABASE_URL=postgresql:///\xff\n")
    (new_checkout.path / ".local").mkdir()
    (new_checkout.path / ".local" / "demo-token").touch()
    status, _, errors = new_checkout.says(*MANAGE, "check")
    assert status == 2
    assert re.fullmatch(r"todoproject: .*\.env cannot be read: it should be a text file in UTF-8\n", errors)


def test_manage_starts_no_database_without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("ENV_FILE")
    monkeypatch.setattr(environment, "read_env_file", lambda: None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with environment.database_at_hand():
        assert "DATABASE_URL" not in os.environ


def test_manage_with_another_python_says_what_to_type(new_checkout: Checkout) -> None:
    without_packages = ("-S", *MANAGE, "apitoken", "a b")
    typed = r"\.venv/bin/python manage\.py apitoken 'a b'\n"
    status, _, errors = new_checkout.says(*without_packages)
    assert status == 1
    assert re.fullmatch(rf"todoproject: .*\. Type: make run \(once\), and then {typed}", errors)
    program = new_checkout.path / ".venv" / "bin" / "python"
    program.parent.mkdir(parents=True)
    program.touch()
    assert re.fullmatch(rf"todoproject: .*\. Type: {typed}", new_checkout.says(*without_packages)[2])


def test_nobody_else_can_hold_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "some.lock"
    path.touch(mode=0o644)
    with locked(path):
        assert path.stat().st_mode & 0o777 == 0o600
