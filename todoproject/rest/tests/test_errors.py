"""Every error, wherever it comes from, is a problem (RFC 9457) and tells nothing of the inside."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from http import HTTPStatus
from io import StringIO
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest

from todoproject.db.job import ConnectionLost, Overloaded, Unavailable
from todoproject.db.pool import pool
from todoproject.monitoring.logs import JsonFormatter
from todoproject.rest import problems
from todoproject.rest.verbs import Verbs
from todoproject.tests.client import Client, Person, assert_problem
from todoproject.tests.waiting import PATIENCE

TODOS = "/api/v1/todos"
JSON = {"Content-Type": "application/json"}
LIMIT = 64 * 1024


def post(person: Person, content: bytes | Iterator[bytes], **headers: str) -> Any:
    return person.client.post(TODOS, content=content, headers=JSON | headers)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the service logs, as it logs it."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonFormatter())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


def test_a_problem_is_complete(anonymous: Client) -> None:
    response = anonymous.get("/api/v1/nothing")
    body = assert_problem(response, 404, "not_found")
    assert body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "detail": "There is nothing at this address.",
        "code": "not_found",
        "request_id": response.headers["x-request-id"],
    }
    assert response.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/api", "/api/", "/api/v1", "/api/v1/", "/api/v2/todos", "/api/v1/todos/", "/api/v1/%FF", "/%00"],
)
def test_an_unknown_address(alice: Person, path: str) -> None:
    assert_problem(alice.client.get(path), 404, "not_found")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", TODOS, {"GET", "POST"}),
        ("PUT", "/api/v1/me", {"GET", "PATCH", "DELETE"}),
        ("TRACE", "/api/v1/categories", {"GET", "POST"}),
        ("PROPFIND", f"{TODOS}/0198c0de-0000-7000-8000-000000000000", {"GET", "PUT", "PATCH", "DELETE"}),
        ("GET", f"{TODOS}/0198c0de-0000-7000-8000-000000000000/complete", {"POST"}),
        ("OPTIONS", TODOS, {"GET", "POST"}),
    ],
)
def test_a_method_that_the_address_does_not_know(alice: Person, method: str, path: str, allowed: set[str]) -> None:
    response = alice.client.request(method, path)
    assert_problem(response, 405, "method_not_allowed")
    assert set(response.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize(
    ("status", "code"), [(409, "conflict"), (429, "too_many_requests"), (503, "service_unavailable")]
)
def test_a_status_without_words_of_its_own_has_those_of_http(status: int, code: str) -> None:
    problem = problems.of_status(status)
    assert (problem.status, problem.code) == (status, code)
    assert problem.detail == f"{HTTPStatus(status).phrase}."


def test_the_detail_of_an_invalid_body_says_where(alice: Person) -> None:
    of_a_field = alice.client.post(TODOS, json={"title": " "}).json()
    assert of_a_field["detail"] == f"/title: {of_a_field['errors'][0]['message']}"
    of_the_whole = alice.client.post(TODOS, json=[]).json()
    assert of_the_whole["errors"][0]["pointer"] == ""
    assert of_the_whole["detail"] == f"the body: {of_the_whole['errors'][0]['message']}"


# --- Bodies -----------------------------------------------------------------------------------------------------------


def test_a_body_of_64_kib_is_read(alice: Person) -> None:
    assert post(alice, b'{"title":"x"}'.ljust(LIMIT)).status_code == 201


def test_a_body_of_more_is_not(alice: Person) -> None:
    assert_problem(post(alice, b'{"title":"x"}'.ljust(LIMIT + 1)), 413, "too_large")


def test_a_body_of_more_without_a_length_is_not(alice: Person) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"title":"x"}'
        for _ in range(64):
            yield b" " * 1024

    assert_problem(post(alice, chunks()), 413, "too_large")
    assert alice.client.get(TODOS).json()["items"] == []


def test_a_body_without_a_length_is_read(alice: Person) -> None:
    assert post(alice, iter([b'{"title":', b'"x"}'])).status_code == 201


@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "",
        "application",
    ],
)
def test_a_body_that_does_not_say_it_is_json(alice: Person, media_type: str) -> None:
    response = post(alice, b'{"title":"x"}', **{"Content-Type": media_type})
    assert_problem(response, 415, "unsupported_media_type")


def test_a_body_that_says_nothing_of_its_type(alice: Person) -> None:
    assert_problem(alice.client.post(TODOS, content=b'{"title":"x"}'), 415, "unsupported_media_type")


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_may_be_said_differently(alice: Person, media_type: str) -> None:
    assert post(alice, b'{"title":"x"}', **{"Content-Type": media_type}).status_code == 201


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"nothing",
        b'{"title":"x"} {}',
        b'{"title":"x",}',
        b"{'title':'x'}",
        b'{"title":NaN}',
        b'{"title":Infinity}',
        b'{"title":"\\ud800"}',
        b'{"\\udfff":"x"}',
        b'{"title":"\xff\xfe"}',
        b'{"title":"\xed\xa0\x80"}',
        b"\xef\xbb\xbf{",
        b"\0",
        b'{"title":"a\0b"}',
        b"[" * 60_000,
        b'{"title":' + b"[" * 30_000 + b"]" * 30_000 + b"}",
        b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    ],
    ids=lambda content: repr(content[:20]),
)
def test_a_body_that_is_not_json(alice: Person, content: bytes) -> None:
    body = assert_problem(post(alice, content), 422, "invalid", "")
    assert body["errors"][0]["code"] == "invalid_json"


@pytest.mark.parametrize("content", [b"", b"null", b"1", b'"x"', b"[]", b'[{"title":"x"}]', b"true"])
def test_a_body_that_is_no_object(alice: Person, content: bytes) -> None:
    assert_problem(post(alice, content), 422, "invalid", "")


@pytest.mark.parametrize("number", ["9" * 19, "9" * 5000, "-" + "9" * 5000, "1e400", "1" + "0" * 60_000])
def test_a_huge_number(alice: Person, number: str) -> None:
    response = post(alice, b'{"title":"x","priority":%b}' % number.encode())
    assert response.status_code == 422
    assert_problem(response, 422, "invalid", *[error["pointer"] for error in response.json()["errors"]])
    assert len(response.content) < 1000


def test_unknown_fields_each_get_an_error_of_their_own(alice: Person) -> None:
    assert_problem(post(alice, b'{"title":"x","a":1,"b":2,"a":3}'), 422, "invalid", "/a", "/b")


def test_of_a_field_that_is_there_twice_the_last_one_counts(alice: Person) -> None:
    assert post(alice, b'{"title":"x","title":"y"}').json()["title"] == "y"


# --- Addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "id", ["%FF", "%00", "x" * 36, "%ED%A0%80", "x" * 5000, "0198c0de-0000-7000-8000-00000000000%00"]
)
def test_a_path_that_is_no_id(alice: Person, id: str) -> None:
    assert_problem(alice.client.get(f"{TODOS}/{id}"), 422, "invalid", "/path/todo_id")


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("limit=%FF", "/query/limit"),
        ("cursor=%FF%00", "/query/cursor"),
        ("completed=%ED%A0%80", "/query/completed"),
        ("%FF=1", "/query/�"),
        ("%00=1", "/query/\0"),
        ("=1", "/query/"),
        ("limit=1;limit=2", "/query/limit"),
        ("limit", "/query/limit"),
    ],
)
def test_a_query_string_that_is_nonsense(alice: Person, query: str, pointer: str) -> None:
    assert_problem(alice.client.get(f"{TODOS}?{query}"), 422, "invalid", pointer)


def test_a_long_query_string_is_no_trouble(alice: Person) -> None:
    query = "&".join(f"a{number}=1" for number in range(1500))
    response = alice.client.get(f"{TODOS}?{query}")
    assert response.status_code in (400, 422)
    assert response.headers["content-type"] == "application/problem+json"


def raw_request(service: str, request: bytes) -> bytes:
    """What comes back for bytes that an HTTP library would not send."""
    address = urlsplit(service)
    with socket.create_connection((address.hostname, address.port), timeout=PATIENCE) as connection:
        connection.sendall(request)
        answer = b""
        while chunk := connection.recv(65_536):
            answer += chunk
    return answer


@pytest.mark.parametrize("path", [b"/api/v1/todos/\xff", b"/api/v1/todos?q=\xff", b"/api/v1/\xc3\xa4"])
def test_bytes_in_the_address_that_are_not_ascii_are_no_server_error(service: str, path: bytes) -> None:
    answer = raw_request(service, b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path)
    assert answer.startswith((b"HTTP/1.1 4",)), answer


def test_a_header_that_is_not_text_is_no_server_error(alice: Person) -> None:
    headers = [(b"If-None-Match", b'"\xff"'), (b"X-Request-ID", b"\xc3\xa4")]
    assert alice.client.get(f"{TODOS}/{alice.todo()['id']}", headers=headers).status_code == 200


# --- Host -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "a b", "localhost:x", "[::1"])
def test_a_host_that_is_not_this_service(alice: Person, host: str) -> None:
    assert_problem(alice.client.get(TODOS, headers={"Host": host}), 400, "bad_request")


def test_a_host_that_was_refused_stays_refused(alice: Person) -> None:
    for host, status in (("evil.example", 400), ("localhost", 200), ("evil.example", 400), ("LOCALHOST:81", 200)):
        assert alice.client.get(TODOS, headers={"Host": host}).status_code == status


@pytest.mark.parametrize("path", ["/livez", "/health", "/health/db", "/readyz"])
def test_health_answers_under_any_name(anonymous: Client, path: str) -> None:
    assert anonymous.get(path, headers={"Host": "evil.example"}).status_code == 200


# --- The server's own fault -------------------------------------------------------------------------------------------


def test_what_nobody_expected_is_a_500_that_says_nothing(
    alice: Person, monkeypatch: pytest.MonkeyPatch, log: StringIO
) -> None:
    async def fail(*_: Any) -> None:
        raise RuntimeError("SELECT secrets FROM postgres")

    monkeypatch.setattr(Verbs, "get", fail)
    response = alice.client.get(f"{TODOS}/{alice.todo()['id']}")
    body = assert_problem(response, 500, "internal_error")
    assert "secrets" not in response.text
    (line,) = [json.loads(line) for line in log.getvalue().splitlines()]
    assert line["level"] == "error"
    assert line["request_id"] == body["request_id"]
    assert "RuntimeError: SELECT secrets" in line["exception"]


def test_an_error_of_the_database_that_nobody_expected_says_nothing(
    alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert alice.client.get(TODOS).status_code == 200  # the token is known from here on

    async def fail(*_: Any, **__: Any) -> None:
        raise psycopg.errors.UndefinedFunction("function secrets() does not exist\nLINE 1: SELECT")

    monkeypatch.setattr(pool, "transaction", fail)
    response = alice.client.get(TODOS)
    assert_problem(response, 500, "internal_error")
    assert "secrets" not in response.text


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (psycopg.OperationalError('connection to server at "10.1.2.3", user "neo": refused'), "database_unavailable"),
        (psycopg.errors.AdminShutdown("terminating connection due to user neo at 10.1.2.3"), "database_unavailable"),
        (ConnectionRefusedError(111, "10.1.2.3"), "database_unavailable"),
        (Unavailable("timeout: no connection to 10.1.2.3 for neo"), "database_unavailable"),
        (Overloaded("timeout: no connection to 10.1.2.3 for neo"), "overloaded"),
        (Overloaded("timeout: no connection to 10.1.2.3 for neo", unknown=True), "outcome_unknown"),
        (ConnectionLost("timeout: no connection to 10.1.2.3 for neo"), "database_unavailable"),
        (ConnectionLost("timeout: no connection to 10.1.2.3 for neo", unknown=True), "outcome_unknown"),
    ],
    ids=lambda value: type(value).__name__,
)
@pytest.mark.parametrize("known", [True, False])
def test_a_database_that_is_away_is_a_503(
    alice: Person, monkeypatch: pytest.MonkeyPatch, error: Exception, code: str, known: bool
) -> None:
    if known:  # else the look-up of the token fails
        assert alice.client.get(TODOS).status_code == 200

    async def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(pool, "transaction", fail)
    for response in (alice.client.get(TODOS), alice.client.post(TODOS, json={"title": "x"})):
        assert_problem(response, 503, code)
        assert int(response.headers["retry-after"]) >= 1
        assert "10.1.2.3" not in response.text
        assert "neo" not in response.text
    monkeypatch.undo()
    assert alice.client.get(TODOS).json()["items"] == []
