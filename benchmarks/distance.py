"""A network between service and database: a TCP proxy on loopback that holds back every byte for a while.

It runs in a thread of the benchmark, which has nothing to do while a load runs, and counts round trips.
"""

from __future__ import annotations

import asyncio
import contextlib
import selectors
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import cast
from urllib.parse import parse_qsl, urlsplit, urlunsplit


class Network:
    """Where the proxy listens, and how often a client has waited for the server so far."""

    def __init__(self, one_way: float) -> None:
        self.one_way = one_way  # seconds
        self.round_trips = 0
        self.port = 0
        self.transports: set[asyncio.Transport] = set()

    def url(self, direct: str) -> str:
        """The database's URL by way of the proxy."""
        parts = urlsplit(direct)
        user = parts.netloc.rpartition("@")[0]
        return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{self.port}", query=""))


class _Address:
    """Where the database really is: a socket's directory or a host, as in libpq's URLs."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        self.host = query.get("host") or parts.hostname or "127.0.0.1"
        self.port = parts.port or int(query.get("port", 5432))

    async def connect(self, loop: asyncio.AbstractEventLoop, protocol: Callable[[], asyncio.Protocol]) -> None:
        if self.host.startswith("/"):
            await loop.create_unix_connection(protocol, f"{self.host}/.s.PGSQL.{self.port}")
        else:
            await loop.create_connection(protocol, self.host, self.port)


class _End(asyncio.Protocol):
    """One end of a connection: what it receives leaves at the other end a while later, in order."""

    transport: asyncio.Transport

    def __init__(self, network: Network) -> None:
        self.network = network
        self.loop = asyncio.get_running_loop()
        self.is_connected = False
        self.held: deque[tuple[float, bytes | None]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.network.transports.add(self.transport)
        self.is_connected = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.network.transports.discard(self.transport)
        self.hold(None)

    def hold(self, data: bytes | None) -> None:
        self.held.append((self.loop.time() + self.network.one_way, data))
        if len(self.held) == 1:
            self.loop.call_at(self.held[0][0], self.release)

    def release(self) -> None:
        """Pass on what is due; bytes that come before the server is connected wait for that."""
        while self.held and self.held[0][0] <= self.loop.time():
            if not self.other.is_connected:
                self.loop.call_later(0.001, self.release)
                return
            data = self.held.popleft()[1]
            if data is None:
                self.other.transport.close()
            else:
                self.other.transport.write(data)
        if self.held:
            self.loop.call_at(self.held[0][0], self.release)

    @property
    def other(self) -> _End:
        raise NotImplementedError


class _Client(_End):
    def __init__(self, network: Network, address: _Address) -> None:
        super().__init__(network)
        self.address = address
        self.server = _Server(network, self)
        self.is_waiting = False

    @property
    def other(self) -> _End:
        return self.server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.connecting = self.loop.create_task(self.connect())

    async def connect(self) -> None:
        try:
            await self.address.connect(self.loop, lambda: self.server)
        except OSError:
            self.held.clear()
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.network.round_trips += not self.is_waiting
        self.is_waiting = True
        self.hold(data)


class _Server(_End):
    def __init__(self, network: Network, client: _Client) -> None:
        super().__init__(network)
        self.client = client

    @property
    def other(self) -> _End:
        return self.client

    def data_received(self, data: bytes) -> None:
        self.client.is_waiting = False
        self.hold(data)


@contextlib.contextmanager
def distant(url: str, round_trip: float) -> Iterator[Network]:
    """Let the database at `url` be `round_trip` seconds away, until the block ends.

    Each direction takes half of it.
    """
    network = Network(round_trip / 2)
    started = threading.Event()
    ended = asyncio.Event()

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: _Client(network, _Address(url)), "127.0.0.1", 0)
        network.port = server.sockets[0].getsockname()[1]
        started.set()
        await ended.wait()
        server.close()
        for transport in list(network.transports):
            transport.abort()

    # epoll waits in whole milliseconds, select() in microseconds; the delays are that short.
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selectors.SelectSelector())) as runner:
        thread = threading.Thread(target=runner.run, args=(serve(),), name="distance", daemon=True)
        thread.start()
        started.wait(10)
        try:
            yield network
        finally:
            runner.get_loop().call_soon_threadsafe(ended.set)
            thread.join(10)
