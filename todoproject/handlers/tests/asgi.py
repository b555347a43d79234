"""An ASGI server's side of one request, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from todoproject.handlers.base import Message, Scope


class Exchange:
    """One request, and what is sent in answer to it. `hang_up` is the client's."""

    def __init__(
        self, path: str, headers: Mapping[str, str] = MappingProxyType({}), *, method: str = "GET", body: bytes = b""
    ) -> None:
        headers = {"host": "localhost"} | dict(headers)
        self.scope: Scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "headers": [
                (name.encode(), value.encode()) for name, value in ({"host": "localhost"} | dict(headers)).items()
            ],
        }
        self.sent: list[Message] = []
        self._received: list[Message] = [{"type": "http.request", "body": body}]
        self._hung_up = asyncio.Event()

    def hang_up(self) -> None:
        self._hung_up.set()

    async def receive(self) -> Message:
        if self._received:
            return self._received.pop()
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def headers(self) -> dict[str, str]:
        return {name.decode().lower(): value.decode() for name, value in self.sent[0]["headers"]}

    @property
    def parts(self) -> list[Any]:
        """The pieces that the body came in."""
        return [message.get("body", b"") for message in self.sent[1:]]
