"""The server for development: it serves what production serves, and starts it anew whenever the code changes."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import socket
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from multiprocessing import resource_tracker
from multiprocessing.process import BaseProcess
from pathlib import Path

import uvicorn
from django.apps import apps
from django.conf import settings
from uvicorn.supervisors.watchfilesreload import WatchFilesReload


def serve(listener: socket.socket, announcement: str, *, reload: bool = True) -> bool:
    """Serve until SIGINT or SIGTERM, and say `announcement` as soon as there are answers.

    Django has to be set up. Returns whether it started; with `reload` it waits for the change that lets it start.
    """
    for name in ("uvicorn.error", "watchfiles"):  # what they say of their work, the server says in a line
        logging.getLogger(name).setLevel(logging.ERROR)
    config = uvicorn.Config(
        "todoproject.asgi:application",
        reload=reload,
        reload_dirs=own_packages() if reload else None,
        reload_includes=["*.html"] if reload else None,
        log_config=None,  # the settings have said where log lines go
        timeout_graceful_shutdown=5,
    )
    server = Server(config, announcement)
    if reload:
        Supervisor(config, target=server.run, sockets=[listener]).run()
        return True
    with suppress(KeyboardInterrupt):  # uvicorn has stopped, and passes on the signal that asked it to
        server.run(sockets=[listener])
    return server.started


def own_packages() -> list[str]:
    """The directories of the project's own apps: to watch all of the checkout would be to watch `.venv`, too."""
    paths = [Path(config.path).resolve() for config in apps.get_app_configs()]
    return [str(path) for path in paths if path.parent == settings.BASE_DIR]


class Server(uvicorn.Server):
    """Says where it is as soon as it answers, and that it is back each time it has been started anew."""

    def __init__(self, config: uvicorn.Config, announcement: str) -> None:
        super().__init__(config)
        self.announcement = announcement
        self.announced = multiprocessing.get_context("spawn").RawValue("b", 0)  # shared by all the processes that serve

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        if parent := multiprocessing.parent_process():
            threading.Thread(target=self._end_with, args=[parent], daemon=True).start()
        try:
            self.config.load()
            import_module(settings.ROOT_URLCONF)  # or a mistake in it would only show with the first request
        except SyntaxError as error:
            sys.exit("".join(traceback.format_exception_only(error)).rstrip())
        super().run(sockets)

    def _end_with(self, parent: BaseProcess) -> None:
        """Do not go on serving after a `kill -9` of the supervisor."""
        parent.join()
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        if self.started:
            say("Reloaded." if self.announced.value else self.announcement)
            self.announced.value = 1


class Supervisor(WatchFilesReload):
    """Keeps one process serving. Ctrl-C is its own business: it asks that process to stop, whatever it is doing."""

    def startup(self) -> None:
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # the terminal has been closed
            signal.signal(signal.SIGHUP, self.signal_handler)
        resource_tracker.ensure_running()  # or it would be started with the first process, and let SIGINT through again
        with interrupts_held():
            super().startup()

    def restart(self) -> None:
        with interrupts_held():
            super().restart()


@contextmanager
def interrupts_held() -> Iterator[None]:
    """Let SIGINT wait; a process that is started meanwhile never gets any."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()
