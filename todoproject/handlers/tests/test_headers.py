"""The headers that every answer of the API carries, whichever handler it comes from."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest
from django.test import Client as Browser
from django.utils.crypto import get_random_string

from todoproject.tests.client import Client, Person
from todoproject.tests.waiting import PATIENCE

TODOS = "/api/v1/todos"


def answers(alice: Person) -> list[httpx.Response]:
    browser = Browser()
    browser.force_login(alice.user)
    cookie = {"Cookie": f"sessionid={browser.cookies['sessionid'].value}"}
    todo = alice.todo()
    with httpx.Client(base_url=alice.client.base_url, headers=cookie, verify=False, timeout=PATIENCE) as session:
        return [
            alice.client.get(TODOS),
            alice.client.get(f"{TODOS}/{todo['id']}"),
            alice.client.get(f"{TODOS}/{todo['id']}", headers={"If-None-Match": "*"}),
            alice.client.get(f"{TODOS}/{uuid4()}"),
            alice.client.post(TODOS, json={}),
            alice.client.get("/api/v1/nothing"),
            alice.client.put("/api/v1/me"),
            alice.client.delete(f"{TODOS}/{todo['id']}"),
            session.get(TODOS),
            session.get("/api/v1/nothing"),
            session.post(TODOS, json={}),
        ]


def test_browsers_are_told_to_be_careful(alice: Person) -> None:
    for response in answers(alice):
        assert response.headers["x-content-type-options"] == "nosniff"
        assert response.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert response.headers["referrer-policy"] == "no-referrer"


def test_no_answer_is_kept_for_somebody_else(alice: Person) -> None:
    for response in answers(alice):
        assert response.headers["cache-control"] in ("no-store", "private, no-cache")
        assert {"Authorization", "Cookie", "Origin"} <= {name.strip() for name in response.headers["vary"].split(",")}


def test_nothing_says_what_the_service_is_made_of(alice: Person) -> None:
    for response in answers(alice):
        assert "x-powered-by" not in response.headers
        assert "django" not in str(response.headers).lower()


def test_each_answer_has_an_id_of_its_own(alice: Person) -> None:
    ids = [response.headers["x-request-id"] for response in answers(alice)]
    assert all(len(id) >= 16 for id in ids)
    assert len(set(ids)) == len(ids)


def test_no_header_is_empty_or_there_twice(alice: Person) -> None:
    for response in answers(alice):
        names = [name for name, _ in response.headers.multi_items() if name not in ("vary", "set-cookie")]
        assert len(names) == len(set(names))
        assert all(response.headers.values()), response.headers


@pytest.mark.parametrize("id", ["a", "0198c0de-0000-7000-8000-000000000000", "A_z-9" * 12])
@pytest.mark.parametrize("path", [TODOS, "/api/v1/nothing", "/api/v1/me", "/livez"])
def test_a_well_formed_request_id_is_kept(alice: Person, id: str, path: str) -> None:
    assert alice.client.get(path, headers={"X-Request-ID": id}).headers["x-request-id"] == id


def test_it_is_kept_when_the_body_is_too_large(alice: Person) -> None:
    response = alice.client.post(TODOS, content=b" " * 65_537, headers={"X-Request-ID": "abc"})
    assert response.status_code == 413
    assert response.headers["x-request-id"] == response.json()["request_id"] == "abc"


@pytest.mark.parametrize("id", ["", "a" * 65, "a b", "a\tb", 'a"b', "a;b", "<script>", "ä", "a,b", "../a"])
def test_another_request_id_is_replaced(alice: Person, id: str) -> None:
    for path in (TODOS, "/api/v1/nothing"):
        response = alice.client.get(path, headers=[(b"X-Request-ID", id.encode())])
        assert response.headers["x-request-id"] != id
        assert len(response.headers["x-request-id"]) >= 16


def cookie_of(person: Person) -> dict[str, str]:
    """The headers of somebody who is logged in on this site and may change something."""
    browser, token = Browser(), get_random_string(32)
    browser.force_login(person.user)
    return {"Cookie": f"sessionid={browser.cookies['sessionid'].value}; csrftoken={token}", "X-CSRFToken": token}


@pytest.mark.parametrize("handler", ["lean", "full"])
def test_an_answer_without_a_body_has_no_length_and_the_connection_goes_on(
    alice: Person, service: str, handler: str
) -> None:
    headers = {"Authorization": f"Bearer {alice.token}"} if handler == "lean" else cookie_of(alice)
    url = f"{TODOS}/{alice.todo()['id']}"
    connection = HTTPConnection(urlsplit(service).netloc, timeout=PATIENCE)
    with closing(connection):
        connection.connect()
        connection.auto_open = 0  # once it is closed, it stays closed
        for method, condition, status in (
            ("GET", {"If-None-Match": "*"}, 304),
            ("DELETE", {}, 204),
            ("GET", {}, 404),
        ):
            connection.request(method, url, headers=headers | condition)
            response = connection.getresponse()
            assert response.status == status
            lengths = [name for name in ("content-length", "transfer-encoding") if name in response.headers]
            assert bool(lengths) == bool(response.read()) == (status == 404), lengths


@pytest.mark.parametrize("headers", [{}, {"Cookie": "sessionid=made-up"}], ids=["lean", "full"])
def test_over_tls_browsers_are_told_to_stay_there(anonymous: Client, headers: dict[str, str]) -> None:
    policy = "max-age=31536000; includeSubDomains; preload"
    for path in (TODOS, "/livez", "/api/v1/docs"):
        tls = anonymous.get(path, headers=headers | {"X-Forwarded-Proto": "https"})
        assert tls.headers.get_list("strict-transport-security") == [policy]
        assert "strict-transport-security" not in anonymous.get(path, headers=headers).headers


def test_health_is_not_kept_either(anonymous: Client) -> None:
    for path in ("/livez", "/health", "/health/db", "/readyz"):
        assert anonymous.get(path).headers["cache-control"] == "no-store"
