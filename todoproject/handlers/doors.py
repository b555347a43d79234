"""The two doors through which a request comes in: the lean one, and Django's own."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from io import BytesIO
from typing import Any

from corsheaders.middleware import CorsMiddleware
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import Resolver404

from todoproject.rest import problems

from .middleware import API_HEADERS, new_request_id, strict_transport_security
from .request import LeanRequest
from .routes import Routes

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

# Asked for by machines that know the service by its address, not by its name
HEALTH = frozenset(("/livez", "/readyz", "/health", "/health/db"))


class ClientGone(Exception):
    """The client hung up before its request was complete."""


async def read_body(receive: Receive, body: BytesIO) -> None:
    """The whole body of a request to the API. Raises a 413 as soon as it is too large, and ClientGone."""
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


class Answer:
    """Sends a response with what every answer of the API carries."""

    def __init__(self) -> None:
        self._headers = [_encoded(name, value) for name, value in API_HEADERS.items()]
        self._hsts = (b"Strict-Transport-Security", strict_transport_security().encode())

    async def send(self, scope: Scope, send: Send, response: HttpResponseBase, request_id: str) -> None:
        content: bytes = response.content  # type: ignore[attr-defined]
        headers = [_encoded(name, value) for name, value in response.items()]
        if response.status_code not in (204, 304):
            headers.append((b"Content-Length", b"%d" % len(content)))
        headers += self._headers
        headers.append((b"X-Request-ID", request_id.encode()))
        if "Cache-Control" not in response.headers:
            headers.append((b"Cache-Control", b"no-store"))
        if scope["scheme"] == "https" and settings.SECURE_HSTS_SECONDS:
            headers.append(self._hsts)
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": content})


@lru_cache(maxsize=1000)  # most answers have the same few
def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    return name.encode(), value.encode("latin-1")


class LeanDoor:
    """Serves asynchronous views without Django's middleware. A synchronous view here is a mistake, and says so: it
    would open a database connection in a thread that nobody closes.
    """

    def __init__(self) -> None:
        self._routes = Routes()
        self._cors = CorsMiddleware(self._view)
        self._known_hosts: set[str] = set()
        self._answer = Answer()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        current = new_request_id("")
        request: LeanRequest | None = None
        try:
            body = BytesIO()
            request = LeanRequest(scope, body)
            if incoming := request.META.get("HTTP_X_REQUEST_ID"):
                current = new_request_id(incoming)
            if request.method == "HEAD":  # the server leaves out the body
                request.method = "GET"
            if request.method != "GET":  # whose body would mean nothing (RFC 9110, 9.3.1)
                await read_body(receive, body)
            self._check_host(request)
            response = self._preflight(request) or await self._view(request)
            response = problems.replace_bare_error(response)
        except ClientGone:
            return
        except Resolver404:
            response = problems.of_status(404).response()
        except UnicodeDecodeError:
            response = problems.of_status(400).response()
        except Exception as error:
            response = problems.of(error).response()
        if request is not None and "HTTP_ORIGIN" in request.META:
            self._cors.add_response_headers(request, response)
        await self._answer.send(scope, send, response, current)

    def _preflight(self, request: LeanRequest) -> HttpResponseBase | None:
        if request.method != "OPTIONS" or "HTTP_ORIGIN" not in request.META:
            return None
        response = self._cors.check_preflight(request)
        if response is not None:
            del response["Content-Length"]  # the door adds it
        return response

    def _check_host(self, request: HttpRequest) -> None:
        host = request.META.get("HTTP_HOST", "")
        if host in self._known_hosts or request.path_info in HEALTH:
            return
        try:
            request.get_host()
        except DisallowedHost:
            raise problems.of_status(400, "The Host header names no host of this service.") from None
        if len(self._known_hosts) < 100:  # a wildcard allows any number
            self._known_hosts.add(host)

    async def _view(self, request: HttpRequest) -> HttpResponseBase:
        view, arguments = self._routes.resolve(request.path_info)
        return await view(request, **arguments)


class FullDoor:
    """Django's own handler, with all of its middleware.

    Each request there may hold a thread and a database connection, and anybody can send a session cookie, so that only
    as many as the pool has connections are let in at a time; the others wait. The API's limit of a body holds here,
    too, before Django stores it.
    """

    def __init__(self) -> None:
        self._django = ASGIHandler()
        self._free = asyncio.Semaphore(settings.DATABASE_POOL_MAX)
        self._answer = Answer()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["path"].startswith("/api/"):
                receive = await self._with_limited_body(receive)
                if scope["method"] == "HEAD":  # the server leaves out the body
                    scope = {**scope, "method": "GET"}
            await self._enter()
        except ClientGone:
            return
        except problems.Problem as problem:
            request_id = new_request_id("")
            await self._answer.send(scope, send, problem.response(), request_id)
            return
        try:
            await self._django(scope, receive, send)  # type: ignore[arg-type]
        finally:
            self._free.release()

    async def _enter(self) -> None:
        try:
            async with asyncio.timeout(settings.DATABASE_POOL_TIMEOUT):
                await self._free.acquire()
        except TimeoutError:
            raise problems.overloaded() from None

    @staticmethod
    async def _with_limited_body(receive: Receive) -> Receive:
        body = BytesIO()
        await read_body(receive, body)
        messages: list[Message] = [{"type": "http.request", "body": body.read(), "more_body": False}]

        async def replay() -> Message:
            return messages.pop() if messages else await receive()

        return replay
