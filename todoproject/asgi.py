"""Two doors, one house.

API and health go through the lean door: no thread, no signals, no middleware that hops into a thread (each hop costs
about 0.1 ms). Everything that needs Django's middleware (the admin, the docs page, a request with a session cookie and
therefore CSRF protection) takes Django's own handler. Both serve the same URLconf.
"""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402

from .db.pool import pool  # noqa: E402
from .handlers.doors import HEALTH, FullDoor, LeanDoor  # noqa: E402
from .monitoring.health import probe  # noqa: E402
from .monitoring.logs import flush_mail  # noqa: E402

if TYPE_CHECKING:
    from .handlers.doors import Receive, Scope, Send

FOR_BROWSERS = frozenset(("/api/v1/", "/api/v1/docs", "/api/v1/openapi.json"))  # rendered by synchronous views


def takes_lean_door(scope: Scope) -> bool:
    """Health, and the API unless the request comes with a session cookie in place of a bearer token."""
    path = scope["path"]
    if path in HEALTH:
        return True
    if not path.startswith("/api/") or path in FOR_BROWSERS:
        return False
    cookie = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return True
        if name == b"cookie":
            cookie = value
    return settings.SESSION_COOKIE_NAME.encode() + b"=" not in cookie


async def lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await pool.open()
            await send({"type": "lifespan.startup.complete"})
        else:
            await pool.close()
            await probe.close()
            await asyncio.to_thread(flush_mail)
            await send({"type": "lifespan.shutdown.complete"})
            return


lean = LeanDoor()
full = FullDoor()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "http":
        await (lean if takes_lean_door(scope) else full)(scope, receive, send)
    elif scope["type"] == "websocket":  # there are none here
        await send({"type": "websocket.close"})
