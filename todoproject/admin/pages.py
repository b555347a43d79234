"""The pages that people see in place of the one they asked for. Programs get problems (`todoproject.rest.problems`)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import NamedTuple

from django import db
from django.http import HttpRequest, HttpResponse
from django.template import loader

from todoproject.handlers.middleware import is_api
from todoproject.monitoring.logs import request_id
from todoproject.rest import problems


class Text(NamedTuple):
    title: str
    advice: str


TEXTS = {
    400: Text("This request cannot be understood", "Check the address, or go back and fill in the form once more."),
    403: Text("This is not allowed", "Log in with an account that may do this, or ask for the permission."),
    404: Text("There is nothing here", "Check the address, or look for it from the overview."),
    500: Text("Something went wrong on this side", "Try again. If it goes wrong again, report the id below."),
    503: Text("The service is unavailable", "This should not take long: wait a moment, then try again."),
}
EXPIRED = Text("This form has expired", "Go back, reload the page and send the form again. It needs cookies.")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def page(status: int, text: Text | None = None, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The page for a status of `TEXTS`. It needs neither the request nor the database."""
    context = {"status": status, "text": text or TEXTS[status], "request_id": request_id.get()}
    html = loader.render_to_string("error.html", context)
    always = {"Cache-Control": "no-store", "Content-Security-Policy": POLICY}
    return HttpResponse(html, status=status, headers=always | dict(headers or {}))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return page(403, EXPIRED)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return page(404)


def server_error(request: HttpRequest) -> HttpResponse:
    """The answer to the exception being handled: a 503 where it says that the database is away, else a 500."""
    error = sys.exception()
    if not isinstance(error, (db.OperationalError, db.InterfaceError)):
        return page(500)
    problem = problems.of(error)
    response = problem.response() if is_api(request) else page(problem.status, headers=problem.headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # Django would add a traceback to the line of `of`
    return response
