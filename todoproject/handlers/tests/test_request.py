"""The lean request is to views what Django's own is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIRequest

from todoproject.handlers.request import LeanRequest

SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "PATCH",
    "path": "/api/v1/todos",
    "query_string": b"limit=5&completed=true",
    "root_path": "",
    "scheme": "https",
    "client": ("192.0.2.1", 50_000),
    "server": ("192.0.2.2", 443),
    "headers": [(b"host", b"todo.example.com"), (b"authorization", b"Bearer x"), (b"if-match", b'"1"')],
}


@pytest.mark.parametrize(
    "different",
    [
        {},
        {"headers": []},
        {"headers": [(b"content-type", b"application/json; charset=latin-1"), (b"content-length", b"2")]},
        {"headers": [(b"content-type", b"text/plain; charset=no-such")]},
        {"headers": [(b"cookie", b"a=1"), (b"x-forwarded-for", b"192.0.2.3"), (b"cookie", b"b=2")]},
        {"headers": [(b"x_forwarded_for", b"192.0.2.3"), (b"content_type", b"text/html")]},
        {"headers": [(b"x-name", "é".encode("latin-1"))]},
        {"root_path": "/todo", "path": "/todo/api/v1/todos"},
        {"client": None, "server": None},
        {"query_string": b""},
        {"scheme": "http"},
    ],
)
def test_it_has_the_attributes_of_djangos(different: dict[str, Any]) -> None:
    scope = SCOPE | different
    lean, full = LeanRequest(scope, body := BytesIO()), ASGIRequest(scope, body)
    assert vars(lean) == vars(full)
    for name in ("scheme", "encoding", "GET", "COOKIES", "headers"):
        assert getattr(lean, name) == getattr(full, name), name


def test_a_query_that_is_no_text_is_refused_as_django_does() -> None:
    for request in (LeanRequest, ASGIRequest):
        with pytest.raises(UnicodeDecodeError):
            request(SCOPE | {"query_string": b"\xff"}, BytesIO())
