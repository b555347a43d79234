"""Which handler serves a request: decided by its view, and by who says who calls."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path

from todoproject.handlers.dispatch import Dispatcher
from todoproject.handlers.tests.asgi import Exchange

COOKIE = "a=1; sessionid=made-up"


def handler_of(request: HttpRequest) -> HttpResponse:
    return HttpResponse("Django's" if hasattr(request, "session") else "lean")


def synchronous(request: HttpRequest) -> HttpResponse:
    return handler_of(request)


async def asynchronous(request: HttpRequest, id: str = "") -> HttpResponse:
    return handler_of(request)


@login_not_required
async def public(request: HttpRequest) -> HttpResponse:
    return handler_of(request)


urlpatterns = [
    path("api/synchronous", synchronous),
    path("asynchronous", asynchronous),
    path("asynchronous/<id>", asynchronous),
    path("public", public),
]


@pytest.fixture
def dispatcher() -> Iterator[Dispatcher]:
    with override_settings(ROOT_URLCONF=__name__):
        yield Dispatcher()


def answer(dispatcher: Dispatcher, path: str, *, scheme: str = "http", **headers: str) -> Exchange:
    async def ask() -> Exchange:
        exchange = Exchange(path, headers)
        exchange.scope["scheme"] = scheme
        await dispatcher(exchange.scope, exchange.receive, exchange.send)
        return exchange

    return asyncio.run(ask())


def test_a_coroutine_function_takes_the_lean_one(dispatcher: Dispatcher) -> None:
    assert answer(dispatcher, "/asynchronous").parts == [b"lean"]
    assert answer(dispatcher, f"/asynchronous/{uuid4()}").parts == [b"lean"]


def test_a_synchronous_view_takes_djangos_wherever_it_is(dispatcher: Dispatcher) -> None:
    assert b"".join(answer(dispatcher, "/api/synchronous").parts) == b"Django's"


def test_a_session_cookie_takes_djangos(dispatcher: Dispatcher) -> None:
    assert b"".join(answer(dispatcher, "/asynchronous", cookie=COOKIE).parts) == b"Django's"
    assert answer(dispatcher, "/asynchronous", cookie="a=1").parts == [b"lean"]


def test_a_bearer_token_beside_the_cookie_takes_the_lean_one(dispatcher: Dispatcher) -> None:
    assert answer(dispatcher, "/asynchronous", cookie=COOKIE, authorization="Bearer x").parts == [b"lean"]


def test_a_view_that_does_not_ask_who_calls_takes_the_lean_one(dispatcher: Dispatcher) -> None:
    assert answer(dispatcher, "/public", cookie=COOKIE).parts == [b"lean"]


def test_such_a_view_answers_under_any_host_and_no_other_does(dispatcher: Dispatcher) -> None:
    with override_settings(ALLOWED_HOSTS=["elsewhere.example.com"]):
        assert answer(dispatcher, "/public").status == 200
        assert answer(dispatcher, "/asynchronous").status == 400
        assert answer(dispatcher, "/api/synchronous").status == 400


def test_an_address_without_a_view_takes_djangos(dispatcher: Dispatcher) -> None:
    assert answer(dispatcher, "/nothing").status == 404


def test_a_prefix_that_a_proxy_leaves_in_the_path_is_no_part_of_it(dispatcher: Dispatcher) -> None:
    async def ask() -> Exchange:
        exchange = Exchange("/todo/asynchronous")
        exchange.scope["root_path"] = "/todo"
        await dispatcher(exchange.scope, exchange.receive, exchange.send)
        return exchange

    assert asyncio.run(ask()).parts == [b"lean"]


def test_the_hosts_that_a_wildcard_lets_through_do_not_pile_up(dispatcher: Dispatcher) -> None:
    with override_settings(ALLOWED_HOSTS=["*"]):
        for number in range(150):
            exchange = answer(dispatcher, "/asynchronous", host=f"{number}.example.com")
            assert exchange.status == 200
    assert len(dispatcher._lean._known_hosts) == 100


@pytest.mark.parametrize("path", ["/asynchronous", "/api/synchronous"])
def test_browsers_are_kept_to_https_by_both(path: str) -> None:
    with override_settings(ROOT_URLCONF=__name__, SECURE_HSTS_SECONDS=3600, SECURE_HSTS_PRELOAD=True):
        dispatcher = Dispatcher()
        over_tls = answer(dispatcher, path, scheme="https")
        assert over_tls.headers["strict-transport-security"] == "max-age=3600; includeSubDomains; preload"
        assert "strict-transport-security" not in answer(dispatcher, path).headers
    with override_settings(ROOT_URLCONF=__name__, SECURE_HSTS_SECONDS=0):
        assert "strict-transport-security" not in answer(Dispatcher(), path, scheme="https").headers


def test_only_as_many_paths_are_remembered_as_there_are_routes(dispatcher: Dispatcher) -> None:
    for number in range(100):
        for last in ("", f"/{number}", f"/{uuid4()}", f"/{uuid4()}/nothing"):
            dispatcher._routes.find(f"/asynchronous{last}")
    assert len(dispatcher._routes._known) == 2
