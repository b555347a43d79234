"""Which handler serves a request, and what holds for both."""

from __future__ import annotations

import asyncio
import logging
import re
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from django.core import mail
from django.db import OperationalError
from django.test import Client as DjangoClient
from django.test import override_settings

from todoproject.handlers.full import FullHandler
from todoproject.monitoring.logs import MailHandler
from todoproject.rest import problems
from todoproject.tests.client import Person, assert_problem
from todoproject.tests.waiting import PATIENCE

TODOS = "/api/v1/todos"
FAKE = {"Cookie": "sessionid=made-up"}


def address(service: str) -> tuple[str, int]:
    host, _, port = service.removeprefix("http://").partition(":")
    return host, int(port)


@pytest.fixture
def session(alice: Person, service: str) -> Iterator[httpx.Client]:
    """Alice in a browser: her session cookie and no token."""
    browser = DjangoClient()
    browser.force_login(alice.user)
    cookie = f"sessionid={browser.cookies['sessionid'].value}"
    with httpx.Client(base_url=service, headers={"Cookie": cookie}, timeout=PATIENCE) as client:
        yield client


def test_a_made_up_session_does_not_get_around_the_limit_of_a_body(service: str) -> None:
    response = httpx.post(service + TODOS, content=b"x" * 65_537, headers=FAKE, timeout=PATIENCE)
    assert_problem(response, 413, "too_large")


def test_head_is_get_without_a_body(alice: Person, session: httpx.Client) -> None:
    for client in (alice.client, session):
        response = client.head(TODOS)
        assert response.status_code == 200
        assert response.content == b""


def test_the_body_of_a_get_is_neither_awaited_nor_taken_for_a_request(service: str) -> None:
    head = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
    body = b"GET /x HTTP/1.1\r\n\r\n" * 5000
    with socket.create_connection(address(service), timeout=PATIENCE) as connection:
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body))
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(body + head + b"Connection: close\r\n\r\n")
        rest = b"".join(iter(lambda: connection.recv(65_536), b""))
    assert re.findall(rb"HTTP/1.1 \d+", rest) == [b"HTTP/1.1 200"]


@override_settings(DATABASE_TIMEOUT=0.05)
def test_only_so_many_are_let_in_by_djangos_own_handler() -> None:
    full = FullHandler()
    full._free = asyncio.Semaphore(0)  # as if all of them were in
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(full({"type": "http", "path": TODOS, "method": "GET", "scheme": "http"}, receive, send, None))
    assert sent[0]["status"] == 503
    assert 1 <= int(dict(sent[0]["headers"])[b"Retry-After"]) <= 3
    assert b'"overloaded"' in sent[1]["body"]


def test_an_outage_seen_by_django_is_503_as_well() -> None:
    assert problems.of(OperationalError("connection refused")).status == 503


def test_there_are_no_websockets(service: str) -> None:
    with socket.create_connection(address(service), timeout=PATIENCE) as connection:
        connection.sendall(
            b"GET /api/v1/todos HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        )
        assert connection.recv(100).startswith(b"HTTP/1.1 403")


def test_no_request_is_logged_in_production() -> None:
    assert not logging.getLogger("uvicorn.access").propagate
    assert logging.getLogger("uvicorn.error").propagate


@override_settings(ADMINS=[("", "operator@example.com")])
def test_the_operator_gets_a_mail_about_an_error_of_the_lean_handler(settings: Any) -> None:
    handler = MailHandler()
    problems.logger.addHandler(handler)
    try:
        problems.of(RuntimeError("unexpected"))
    finally:
        problems.logger.removeHandler(handler)
    handler.flush()
    assert ["operator@example.com"] in [message.to for message in mail.outbox]
