"""`make run`: the service on this machine, with everything it needs.

Without DATABASE_URL, in the environment or in `.env`, it brings its own PostgreSQL, with a demo account.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from contextlib import ExitStack
from types import FrameType

from todoproject.development.embedded import EmbeddedPostgresError, locked, signals_held
from todoproject.development.environment import (
    LOCAL,
    TOKEN_FILE,
    StartError,
    complete,
    is_set,
    private_postgres,
    read_env_file,
)
from todoproject.development.server import say, serve

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


def main() -> int:
    """Serve until SIGINT or SIGTERM; return the exit status."""
    read_env_file()
    try:
        with ExitStack() as stack:
            stop_at_signals(stack)
            listener = stack.enter_context(reserved_port())
            is_private = not is_set("DATABASE_URL")
            if is_private:
                with signals_held():
                    stack.enter_context(private_postgres())
            complete()
            migrate(with_demo=is_private)
            serve(listener, banner(listener, with_demo=is_private))
    except (StartError, EmbeddedPostgresError) as error:
        sys.stderr.write(f"todoproject: {error}\n")
        return 1
    return 0


def stop_at_signals(stack: ExitStack) -> None:
    """Until the server has handlers of its own, close the stack at a signal and end.

    An exception would not do: raised at any place of any library, it may be swallowed there, or come out as another.
    """

    def stop(number: int, frame: FrameType | None) -> None:
        stack.close()
        os._exit(128 + number)

    signal.signal(signal.SIGINT, stop)  # also where a shell, for its background jobs, has it ignored
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, stop)


def reserved_port() -> socket.socket:
    """A socket on PORT, listening from now on, so that a port already taken is noticed before anything is started."""
    text = os.environ.get("PORT", "").strip() or "8000"
    port = int(text) if text.isascii() and text.isdecimal() else 0
    if not 0 < port < 65536:
        raise StartError("PORT should be a number from 1 to 65535: PORT=8001 make run")
    try:
        return socket.create_server(("127.0.0.1", port), backlog=2048)
    except OSError as error:
        other = port + 1 if 1024 <= port < 65535 else 8001
        why = os.strerror(error.errno) if error.errno else str(error)
        raise StartError(f"port {port}: {why}. Choose another one: PORT={other} make run") from error


def migrate(*, with_demo: bool) -> None:
    """Bring the database up to date: one process at a time, as Django's own command does not see to that."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
    import django
    from django.core.management import CommandError, call_command
    from django.db import Error, connections

    django.setup()
    try:
        LOCAL.mkdir(exist_ok=True)
        with locked(LOCAL / "prepare.lock"):
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
    finally:
        connections.close_all()


def banner(listener: socket.socket, *, with_demo: bool) -> str:
    url = "http://{}:{}".format(*listener.getsockname())
    text = BANNER.format(url=url)
    if with_demo:
        text += DEMO_BANNER.format(url=url, token=TOKEN_FILE.read_text().strip())
    return f"{text}\n  Ctrl-C stops it.\n"
