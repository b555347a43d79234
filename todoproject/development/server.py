"""`make run`: the service on this machine, with everything it needs.

    python -m todoproject.development              # serve
    python -m todoproject.development COMMAND ...  # a command of manage.py, in the same environment

Without DATABASE_URL, in the environment or in `.env`, it brings its own PostgreSQL, with a demo account.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import uvicorn
from dotenv import load_dotenv

from todoproject.development.embedded import EmbeddedPostgres, EmbeddedPostgresError

BASE_DIR = Path(__file__).resolve().parents[2]
LOCAL = BASE_DIR / ".local"
TOKEN_FILE = LOCAL / "demo-token"

BANNER = """
  To-dos     {url}/api/v1/todos
  API docs   {url}/api/v1/docs
  Admin      {url}/admin/
  Health     {url}/health
"""
DEMO_BANNER = """\
  Log in     demo@example.com, password: demo

  curl -H "Authorization: Bearer {token}" {url}/api/v1/todos
"""


class StartError(Exception):
    """The service cannot start; the message says why in one line."""


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


class Server(uvicorn.Server):
    """Says where it is as soon as it answers."""

    def __init__(self, config: uvicorn.Config, banner: str) -> None:
        super().__init__(config)
        self.banner = banner

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            say(self.banner)


def main(command: Sequence[str] | None = None) -> int:
    """Serve, or run a command; return the exit status."""
    command = sys.argv[1:] if command is None else command
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell starts its background jobs without
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    load_dotenv(os.environ.get("ENV_FILE", BASE_DIR / ".env"))
    try:
        with ExitStack() as stack:
            listener = None if command else stack.enter_context(reserved_port())
            is_embedded = prepare_environment(stack)
            if listener is None:
                return manage(command)
            return serve(listener, is_embedded)
    except (StartError, EmbeddedPostgresError) as error:
        sys.stderr.write(f"todoproject: {error}\n")
        return 1
    except KeyboardInterrupt:
        return 130


def reserved_port() -> socket.socket:
    """A socket on PORT, listening from now on, so that a port already taken is noticed before anything is started."""
    text = os.environ.get("PORT", "").strip() or "8000"
    port = int(text) if text.isascii() and text.isdecimal() else 0
    if not 0 < port < 65536:
        raise StartError("PORT should be a number from 1 to 65535: PORT=8001 make run")
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        other = port + 1 if 1024 <= port < 65535 else 8001
        raise StartError(f"port {port}: {error.strerror}. Choose another one: PORT={other} make run") from error
    return listener


def prepare_environment(stack: ExitStack) -> bool:
    """Set what is not set: a database, DEBUG and SECRET_KEY. Return whether the database is the embedded one."""
    is_embedded = not is_set("DATABASE_URL")
    if is_embedded:
        os.environ["DATABASE_URL"] = stack.enter_context(EmbeddedPostgres(LOCAL / "postgres")).url()
    if not is_set("DEBUG"):
        os.environ["DEBUG"] = "1"
    if not is_set("SECRET_KEY"):
        os.environ["SECRET_KEY"] = kept_secret(LOCAL / "secret-key")
    if is_set("ALLOWED_HOSTS"):  # it serves on this machine, whatever its name is elsewhere
        os.environ["ALLOWED_HOSTS"] += ",127.0.0.1,localhost"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
    return is_embedded


def is_set(name: str) -> bool:
    return bool(os.environ.get(name, "").strip())


def kept_secret(path: Path) -> str:
    """The secret in `path`, made at the first call."""
    try:
        path.parent.mkdir(exist_ok=True)
        with open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if not (secret := file.read().strip()):
                secret = secrets.token_urlsafe(50)
                file.write(secret)
    except OSError as error:
        raise StartError(f"cannot use {path}: {error.strerror}") from error
    return secret


def manage(command: Sequence[str]) -> int:
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", *command])
    return 0


def serve(listener: socket.socket, is_embedded: bool) -> int:
    migrate(with_demo=is_embedded)
    url = "http://{}:{}".format(*listener.getsockname())
    banner = BANNER.format(url=url)
    if is_embedded:
        banner += DEMO_BANNER.format(url=url, token=TOKEN_FILE.read_text().strip())
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # the banner says it better
    config = uvicorn.Config("todoproject.asgi:application", log_config=None, timeout_graceful_shutdown=5)
    server = Server(config, f"{banner}\n  Ctrl-C stops it.\n")
    with suppress(KeyboardInterrupt, SystemExit):  # uvicorn has stopped, and passes on the signal that asked it to
        server.run(sockets=[listener])
    return 0 if server.started else 1


def migrate(*, with_demo: bool) -> None:
    """Bring the database up to date: one process at a time, as Django's own command does not see to that."""
    import django
    from django.core.management import CommandError, call_command
    from django.db import Error

    django.setup()
    try:
        LOCAL.mkdir(exist_ok=True)
        with (LOCAL / "prepare.lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            call_command("migrate", interactive=False, verbosity=0)
            say("Database: migrated.")
            if with_demo:
                call_command("demo", token_file=TOKEN_FILE)
    except Error as error:
        raise StartError(f"the database cannot be migrated: {' '.join(str(error).split())}") from error
    except CommandError as error:
        raise StartError(str(error)) from error
    except OSError as error:
        raise StartError(f"cannot use {error.filename or LOCAL}: {error.strerror}") from error
