from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing

import pytest

from benchmarks.distance import distant
from todoproject.tests.waiting import PATIENCE

ROUND_TRIP = 0.05


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that sends back what it gets, until the client closes."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            while data := connection.recv(100_000):
                connection.sendall(data)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with closing(listener):
        yield listener.getsockname()[1]
    thread.join(PATIENCE)


def receive(client: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        data += client.recv(size - len(data))
    return data


def test_an_answer_takes_a_round_trip_and_each_is_counted(echo: int) -> None:
    with distant(f"postgresql://user@127.0.0.1:{echo}/name", ROUND_TRIP) as network:
        with socket.create_connection(("127.0.0.1", network.port), timeout=PATIENCE) as client:
            for _ in range(3):
                before = time.monotonic()
                client.sendall(b"question")
                assert receive(client, 8) == b"question"
                assert time.monotonic() - before >= ROUND_TRIP
        assert network.round_trips == 3


def test_bytes_arrive_complete_and_in_order(echo: int) -> None:
    sent = bytes(range(256)) * 2000
    with (
        distant(f"postgresql://user@127.0.0.1:{echo}/name", 0.002) as network,
        socket.create_connection(("127.0.0.1", network.port), timeout=PATIENCE) as client,
    ):
        threading.Thread(target=client.sendall, args=(sent,), daemon=True).start()
        assert receive(client, len(sent)) == sent


def test_url_leads_to_the_proxy_and_keeps_user_and_name() -> None:
    with distant("postgresql://user@/name?host=%2Fsocket", ROUND_TRIP) as network:
        url = network.url("postgresql://user@/name?host=%2Fsocket")
        assert url == f"postgresql://user@127.0.0.1:{network.port}/name"
