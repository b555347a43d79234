"""Django's own handler, with all of its middleware, behind a queue."""

from __future__ import annotations

import asyncio
from io import BytesIO

from django.conf import settings
from django.core.handlers.asgi import ASGIHandler

from todoproject.rest import problems

from .base import ClientGone, Message, Receive, Scope, Send, Sender, read_body
from .middleware import new_request_id
from .routes import Route


class FullHandler:
    """Serves every view.

    Each request here may hold a thread and a database connection, and anybody can send a session cookie. So only as
    many requests as the pool has connections are let in at a time; the others wait.
    """

    def __init__(self) -> None:
        self._django = ASGIHandler()
        self._free = asyncio.Semaphore(settings.DATABASE_POOL_MAX)
        self._sender = Sender()

    async def __call__(self, scope: Scope, receive: Receive, send: Send, route: Route | None) -> None:
        """`route` is None for an address without a view, which may still be that of a static file."""
        try:
            if route is not None and route.is_async:  # the API, with a session cookie
                receive = await self._with_limited_body(receive)
                if scope["method"] == "HEAD":  # the server leaves out the body
                    scope = {**scope, "method": "GET"}
            await self._enter()
        except ClientGone:
            return
        except problems.Problem as problem:
            request_id = new_request_id("")
            await self._sender.send(scope, receive, send, problem.response(), request_id)
            return
        try:
            await self._django(scope, receive, send)  # type: ignore[arg-type]
        finally:
            self._free.release()

    async def _enter(self) -> None:
        try:
            async with asyncio.timeout(settings.DATABASE_TIMEOUT):
                await self._free.acquire()
        except TimeoutError:
            raise problems.overloaded() from None

    @staticmethod
    async def _with_limited_body(receive: Receive) -> Receive:
        """Read the body to its end before Django stores it."""
        body = BytesIO()
        await read_body(receive, body)
        messages: list[Message] = [{"type": "http.request", "body": body.read(), "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        return replay
