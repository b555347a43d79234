"""Django's runserver, but what it serves is the ASGI application: the one that is served in production."""

from __future__ import annotations

import socket
import sys
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import runserver
from django.db import DatabaseError, connections

from todoproject.db.failures import reason
from todoproject.development.server import serve


class Command(runserver.Command):
    addr: str
    port: str
    use_ipv6: bool

    help = "Serves the ASGI application for development and starts it anew whenever its code changes."

    def run(self, **options: Any) -> None:
        if not options["skip_checks"]:
            self.check(display_num_errors=True)
        self.warn_of_unapplied_migrations()
        with self.listener() as listener:
            self.serve(listener, reload=options["use_reloader"])

    def serve(self, listener: socket.socket, *, reload: bool) -> None:
        """Until SIGINT or SIGTERM."""
        host = f"[{self.addr}]" if self.use_ipv6 else self.addr
        url = f"http://{host}:{listener.getsockname()[1]}/"
        if not serve(listener, f"Serving {url} (Ctrl-C stops it)", reload=reload):
            sys.exit(1)

    def listener(self) -> socket.socket:
        """A socket that listens from now on, so that a port already taken is noticed before anything is started."""
        address = "0.0.0.0" if self.addr == "0" else self.addr
        try:
            family = socket.AF_INET6 if self.use_ipv6 else socket.AF_INET
            return socket.create_server((address, int(self.port)), family=family, backlog=2048)
        except (OSError, OverflowError) as error:
            why = str(getattr(error, "strerror", None) or error).partition(" (")[0]
            raise CommandError(f"cannot serve at {address}:{self.port}: {why}") from None

    def warn_of_unapplied_migrations(self) -> None:
        try:
            self.check_migrations()
        except DatabaseError as error:
            self.stderr.write(f"The database cannot be reached ({reason(error)}); serving all the same.")
        finally:
            connections.close_all()
