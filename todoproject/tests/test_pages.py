"""What a browser shows, and a program gets, in place of the page that was asked for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from django.db import InterfaceError, OperationalError

from todoproject import dashboard
from todoproject.db.tests import rig
from todoproject.tests.admin import logged_in, staff, superuser
from todoproject.tests.client import assert_problem

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
PROGRAM = {"Accept": "application/json"}


def cookie(*, may_everything: bool = True) -> dict[str, str]:
    user = superuser() if may_everything else staff()
    return {"Cookie": f"sessionid={logged_in(user).cookies['sessionid'].value}"}


def assert_page(response: httpx.Response, status: int, title: str) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert f"<h1>{title}</h1>" in response.text
    assert "<script" not in response.text
    assert (response.headers["x-request-id"] in response.text) == (status >= 500)


@pytest.fixture
def get(service: str) -> Callable[..., httpx.Response]:
    def get(path: str, *headers: dict[str, str]) -> httpx.Response:
        merged = {name: value for each in headers for name, value in each.items()}
        return httpx.get(service + path, headers=merged, timeout=20)

    return get


def test_nothing_is_there(get: Callable[..., httpx.Response]) -> None:
    for path in ("/nowhere", "/static/nowhere.css"):
        assert_page(get(path, BROWSER), 404, "There is nothing here")
        assert_problem(get(path, PROGRAM), 404, "not_found")
    assert_problem(get("/api/v1/nowhere", BROWSER), 404, "not_found")
    assert_page(get("/admin/nowhere", BROWSER, cookie()), 404, "There is nothing here")


def test_it_is_not_allowed(get: Callable[..., httpx.Response]) -> None:
    nobody = cookie(may_everything=False)
    assert_page(get("/admin/todos/todo/", BROWSER, nobody), 403, "This is not allowed")
    assert_problem(get("/admin/todos/todo/", PROGRAM, nobody), 403, "forbidden")


def test_it_cannot_be_understood(get: Callable[..., httpx.Response]) -> None:
    title = "This request cannot be understood"
    assert_page(get("/admin/todos/todo/?title=%00", BROWSER, cookie()), 400, title)
    assert_page(get("/admin/", BROWSER, {"Host": "elsewhere.example.com"}), 400, title)
    assert_problem(get("/admin/", PROGRAM, {"Host": "elsewhere.example.com"}), 400, "bad_request")


def test_a_form_without_the_csrf_token(service: str) -> None:
    response = httpx.post(f"{service}/admin/login/", data={"username": "x", "password": "x"}, headers=BROWSER)
    assert_page(response, 403, "This form has expired")


def break_the_overview(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(dashboard, "_todo_cards", fail)


def test_something_goes_wrong(
    get: Callable[..., httpx.Response], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    break_the_overview(monkeypatch, RuntimeError("of the inside"))
    response = get("/admin/", BROWSER, cookie())
    assert_page(response, 500, "Something went wrong on our side")
    assert "of the inside" not in response.text
    assert [(record.name, record.exc_info is not None) for record in caplog.records] == [("django.request", True)]
    assert_problem(get("/admin/", PROGRAM, cookie()), 500, "internal_error")


@pytest.mark.parametrize("kind", [OperationalError, InterfaceError])
def test_the_database_goes_away_on_the_way(
    get: Callable[..., httpx.Response],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    kind: type[Exception],
) -> None:
    break_the_overview(monkeypatch, kind("connection refused"))
    response = get("/admin/", BROWSER, cookie())
    assert_page(response, 503, "The service is unavailable")
    assert response.headers["retry-after"] in ("1", "2", "3")
    (record,) = caplog.records
    assert (record.getMessage(), record.levelname, record.exc_info) == ("database: refused", "WARNING", None)


def test_the_database_is_away() -> None:
    logged_in_once = cookie()
    token = "x" * 32
    form = {"username": "x@example.com", "password": "x", "csrfmiddlewaretoken": token}
    with (
        rig.service(DATABASE_URL=rig.url(port=rig.closed_port()), LOG_FORMAT="json") as (service, output),
        httpx.Client(base_url=service, timeout=20) as client,
    ):
        answers = {
            kind["Accept"]: [
                client.get("/admin/", headers=kind | logged_in_once),
                client.get("/admin/login/", headers=kind | logged_in_once),
                client.get("/admin/todos/todo/", headers=kind | logged_in_once),
                client.post("/admin/login/", data=form, headers=kind | {"Cookie": f"csrftoken={token}"}),
            ]
            for kind in (BROWSER, PROGRAM)
        }
        assert_page(client.get("/nowhere", headers=BROWSER | logged_in_once), 404, "There is nothing here")
    for response in answers[BROWSER["Accept"]]:
        assert_page(response, 503, "The service is unavailable")
        assert response.headers["retry-after"] in ("1", "2", "3")
    for response in answers[PROGRAM["Accept"]]:
        assert_problem(response, 503, "database_unavailable")
        assert response.headers["retry-after"] in ("1", "2", "3")
    lines = [json.loads(line) for line in output[0].splitlines()]
    events = [line["event"] for line in lines if line.get("request_id")]
    assert events == ["database: refused"] * 8 + ["Not Found: /nowhere"]
    assert not any("exception" in line for line in lines)
