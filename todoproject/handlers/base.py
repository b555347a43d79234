"""What both handlers share: ASGI's messages, bodies, and the headers of every answer of the API."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import aclosing
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.conf import settings
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from todoproject.rest import problems

from .middleware import API_HEADERS, strict_transport_security

# https://asgi.readthedocs.io/en/latest/specs/www.html
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class ClientGone(Exception):
    """The client hung up before its request was complete."""


async def read_body(receive: Receive, body: BytesIO) -> None:
    """Read the whole body of a request to the API. Raises a 413 as soon as it is too large, and ClientGone."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        body.write(message.get("body", b""))
        if body.tell() > settings.API_BODY_LIMIT:
            raise problems.of_status(413, f"The body is larger than {settings.API_BODY_LIMIT // 1024} KiB.")
        more = message.get("more_body", False)
    body.seek(0)


class Sender:
    """Sends responses with the headers that every answer of the API carries."""

    def __init__(self) -> None:
        self._headers = [_encoded(name, value) for name, value in API_HEADERS.items()]
        self._hsts = (b"Strict-Transport-Security", strict_transport_security().encode())

    async def send(
        self, scope: Scope, receive: Receive, send: Send, response: HttpResponseBase, request_id: str
    ) -> None:
        """Send the whole response. One that streams ends when the client hangs up."""
        headers = [_encoded(name, value) for name, value in response.items()]
        headers += self._headers
        headers.append((b"X-Request-ID", request_id.encode()))
        if "Cache-Control" not in response.headers:
            headers.append((b"Cache-Control", b"no-store"))
        if scope["scheme"] == "https" and settings.SECURE_HSTS_SECONDS:
            headers.append(self._hsts)
        start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
        if isinstance(response, StreamingHttpResponse):
            await send(start)
            if scope["method"] == "HEAD":
                await send({"type": "http.response.body"})
            else:
                await _while_connected(_stream(response, send), receive)
            return
        assert isinstance(response, HttpResponse)
        content = response.content
        if response.status_code not in (204, 304):
            headers.append((b"Content-Length", b"%d" % len(content)))
        await send(start)
        await send({"type": "http.response.body", "body": content})


@lru_cache(maxsize=1000)  # most answers have the same few
def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode(), value.encode("latin-1")


async def _stream(response: StreamingHttpResponse, send: Send) -> None:
    async with aclosing(aiter(response)) as parts:  # type: ignore[type-var]  # an async generator, whatever its stub says
        async for part in parts:
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


async def _while_connected(work: Any, receive: Receive) -> None:
    """Do the work to its end, or cancel it when the client hangs up."""
    working, gone = asyncio.ensure_future(work), asyncio.ensure_future(_disconnected(receive))
    try:
        await asyncio.wait((working, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (working, gone):
            task.cancel()
        await asyncio.wait((working, gone))
    if not working.cancelled():
        working.result()  # raises what the work raised


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # a body that nobody reads, because it means nothing
