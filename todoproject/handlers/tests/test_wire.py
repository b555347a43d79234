"""What really goes over the wire, which an HTTP client would smooth over."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

from todoproject.tests.client import Person


def exchange(connection: socket.socket, method: str, path: str, token: str) -> bytes:
    """Send a request without a body and return the answer's head, and with it whatever came at once."""
    lines = (f"{method} {path} HTTP/1.1", "Host: localhost", f"Authorization: Bearer {token}", "", "")
    connection.sendall("\r\n".join(lines).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        received = connection.recv(65_536)
        assert received, answer
        answer += received
    return answer


def test_a_204_has_no_length_and_leaves_the_connection_usable(alice: Person, service: str) -> None:
    path = f"/api/v1/todos/{alice.todo()['id']}"
    with socket.create_connection((urlsplit(service).hostname, urlsplit(service).port), timeout=60) as connection:
        deleted = exchange(connection, "DELETE", path, alice.token)
        assert deleted.startswith(b"HTTP/1.1 204 ")
        assert b"content-length" not in deleted.lower()
        assert b"\r\ncontent-type" not in deleted.lower()
        assert b"transfer-encoding" not in deleted.lower()
        assert deleted.endswith(b"\r\n\r\n")
        assert exchange(connection, "GET", path, alice.token).startswith(b"HTTP/1.1 404 ")
