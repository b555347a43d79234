"""The pages that people see in place of the one they asked for. Programs get problems (`todoproject.rest.problems`)."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import NamedTuple

from django import db
from django.http import HttpRequest, HttpResponse
from django.template import loader

from .handlers.middleware import wants_problem
from .monitoring.logs import request_id
from .rest.problems import of_outage


class Text(NamedTuple):
    title: str
    advice: str


TEXTS = {
    400: Text("This request cannot be understood", "Check the address, or go back and fill in the form once more."),
    403: Text("This is not allowed", "Log in with an account that may do this, or ask for the permission."),
    404: Text("There is nothing here", "Check the address, or look for it from the overview."),
    500: Text("Something went wrong on our side", "Try again. If it happens again, report the id below."),
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
    """The answer to the exception that is being handled: 503 if the database is away or not migrated, else 500."""
    error = sys.exception()
    problem = of_outage(error) if isinstance(error, db.Error) else None
    if problem is None:
        return page(500)
    response = problem.response() if wants_problem(request) else page(problem.status, headers=problem.headers)
    response._has_been_logged = True  # type: ignore[attr-defined]  # in a line; Django would add a traceback
    return response
