"""A response that streams, through the lean handler."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from types import MappingProxyType

import pytest
from django.http import HttpRequest, StreamingHttpResponse

from todoproject.handlers.lean import LeanHandler
from todoproject.handlers.routes import Route
from todoproject.handlers.tests.asgi import Exchange

NOTHING: Mapping[str, str] = MappingProxyType({})


def route(parts: Callable[[], AsyncIterator[str]]) -> Route:
    async def view(request: HttpRequest) -> StreamingHttpResponse:
        return StreamingHttpResponse(parts(), content_type="text/plain")

    return Route(view, NOTHING, is_async=True, login_required=True)


async def ask(exchange: Exchange, parts: Callable[[], AsyncIterator[str]]) -> None:
    await LeanHandler()(exchange.scope, exchange.receive, exchange.send, route(parts))


async def two_parts() -> AsyncIterator[str]:
    yield "one, "
    yield "two"


def test_it_leaves_part_by_part() -> None:
    async def main() -> None:
        exchange = Exchange("/")
        await ask(exchange, two_parts)
        assert exchange.status == 200
        assert exchange.headers["content-type"] == "text/plain"
        assert exchange.headers["x-content-type-options"] == "nosniff"
        assert "x-request-id" in exchange.headers
        assert "content-length" not in exchange.headers
        assert exchange.parts == [b"one, ", b"two", b""]
        assert [message.get("more_body", False) for message in exchange.sent[1:]] == [True, True, False]

    asyncio.run(main())


def test_head_makes_no_part() -> None:
    async def main() -> None:
        exchange = Exchange("/", method="HEAD")
        await ask(exchange, two_parts)
        assert (exchange.status, exchange.parts) == (200, [b""])

    asyncio.run(main())


def test_it_ends_when_the_client_hangs_up() -> None:
    ended = False
    exchange = Exchange("/", method="POST", body=b"x")

    async def endless() -> AsyncIterator[str]:
        nonlocal ended
        try:
            yield "one"
            exchange.hang_up()
            await asyncio.Event().wait()
        finally:
            ended = True

    async def main() -> None:
        await ask(exchange, endless)
        assert ended
        assert exchange.parts == [b"one"]

    asyncio.run(main())


def test_an_error_on_the_way_cuts_the_answer_off() -> None:
    """To send its rest, or an end, would make half of an answer look whole."""

    async def broken() -> AsyncIterator[str]:
        yield "one"
        raise ZeroDivisionError

    async def main() -> None:
        exchange = Exchange("/")
        with pytest.raises(ZeroDivisionError):
            await ask(exchange, broken)
        assert exchange.parts == [b"one"]

    asyncio.run(main())
