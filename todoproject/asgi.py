"""The ASGI application: `uvicorn todoproject.asgi:application`."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
django.setup(set_prefix=False)

from .db.pool import pool  # noqa: E402
from .handlers.dispatch import Dispatcher  # noqa: E402
from .monitoring.health import probe  # noqa: E402
from .monitoring.logs import flush_mail  # noqa: E402

if TYPE_CHECKING:
    from .handlers.base import Receive, Scope, Send

dispatch = Dispatcher()


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http":
        await dispatch(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["type"] == "websocket":  # there are none here
        await send({"type": "websocket.close"})


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
