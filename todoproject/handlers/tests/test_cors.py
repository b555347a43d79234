"""What browsers let another site's pages do with the API."""

from __future__ import annotations

from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import httpx
import pytest

from todoproject.tests.client import Client, Person, assert_problem
from todoproject.tests.waiting import PATIENCE

TODOS = "/api/v1/todos"
ALLOWED = {"Origin": "https://app.example.com"}


def cors(response: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("access-control-")}


def listed(value: str) -> set[str]:
    return {item.strip().lower() for item in value.split(",")}


def assert_readable(response: httpx.Response) -> None:
    headers = cors(response)
    assert headers["access-control-allow-origin"] == "https://app.example.com"
    assert headers["access-control-allow-credentials"] == "true"
    assert {"etag", "location", "retry-after", "x-request-id"} <= listed(headers["access-control-expose-headers"])
    assert "origin" in listed(response.headers["vary"])


def test_the_allowed_site_may_read_answers(alice: Person) -> None:
    assert_readable(alice.client.get(TODOS, headers=ALLOWED))
    created = alice.client.post(TODOS, json={"title": "x"}, headers=ALLOWED)
    assert created.status_code == 201
    assert_readable(created)


def test_it_may_read_errors(alice: Person, anonymous: Client) -> None:
    for status, response in (
        (401, anonymous.get(TODOS, headers=ALLOWED)),
        (422, alice.client.get(TODOS, params={"limit": 0}, headers=ALLOWED)),
        (405, alice.client.delete(TODOS, headers=ALLOWED)),
    ):
        assert response.status_code == status
        assert_readable(response)


def test_it_may_read_that_there_is_nothing_at_an_address(alice: Person) -> None:
    response = alice.client.get("/api/v1/nothing", headers=ALLOWED)
    assert_problem(response, 404, "not_found")
    assert_readable(response)


def test_it_may_read_that_its_body_was_too_large(alice: Person) -> None:
    response = alice.client.post(TODOS, content=b" " * 65_537, headers=ALLOWED)
    assert_problem(response, 413, "too_large")
    assert_readable(response)


@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "http://app.example.com", "https://app.example.com.evil.example", "null", "x", ""],
)
def test_another_site_may_not(alice: Person, origin: str) -> None:
    response = alice.client.get(TODOS, headers={"Origin": origin})
    assert cors(response) == {}
    assert "origin" in listed(response.headers["vary"])
    preflight = {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    assert "access-control-allow-origin" not in alice.client.options(TODOS, headers=preflight).headers


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
def test_the_allowed_site_may_ask_first(anonymous: Client, method: str) -> None:
    sent = "authorization, content-type, if-match, if-none-match, x-csrftoken, x-request-id"
    preflight = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": sent}
    response = anonymous.options(f"{TODOS}/0198c0de-0000-7000-8000-000000000000", headers=ALLOWED | preflight)
    assert response.status_code == 200
    assert_readable(response)
    assert method.lower() in listed(response.headers["access-control-allow-methods"])
    assert listed(sent) <= listed(response.headers["access-control-allow-headers"])
    assert int(response.headers["access-control-max-age"]) > 0


def test_the_answer_to_asking_has_one_length(service: str) -> None:
    connection = HTTPConnection(urlsplit(service).netloc, timeout=PATIENCE)  # httpx hides that a header is there twice
    with closing(connection):
        connection.request("OPTIONS", TODOS, headers=ALLOWED | {"Access-Control-Request-Method": "PATCH"})
        assert connection.getresponse().headers.get_all("content-length") == ["0"]


def test_options_with_an_origin_that_asks_for_no_method_is_no_preflight(alice: Person, anonymous: Client) -> None:
    for client, headers in ((alice.client, ALLOWED), (anonymous, ALLOWED | {"Cookie": "sessionid=made-up"})):
        response = client.options(TODOS, headers=headers)
        assert_problem(response, 405, "method_not_allowed")
        assert_readable(response)


def test_without_an_origin_there_is_nothing_to_say(alice: Person) -> None:
    response = alice.client.get(TODOS)
    assert cors(response) == {}
    assert "origin" in listed(response.headers["vary"])


def test_health_is_not_for_other_sites(anonymous: Client) -> None:
    assert cors(anonymous.get("/livez", headers=ALLOWED)) == {}
