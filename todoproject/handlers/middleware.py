"""What every answer of the API carries, whichever handler it comes from."""

from __future__ import annotations

import os
import re
from collections.abc import Awaitable, Callable

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from todoproject.monitoring.logs import request_id
from todoproject.rest.problems import replace_bare_error

API_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "Vary": "Authorization, Cookie, Origin",
}
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


def new_request_id(incoming: str) -> str:
    """The caller's own id if it is safe to repeat, or else a new one. From here on log lines carry it."""
    value = incoming if incoming and WELL_FORMED_ID.fullmatch(incoming) else os.urandom(16).hex()
    request_id.set(value)
    return value


def is_api(request: HttpRequest) -> bool:
    return request.path_info.startswith(settings.API_PATH)


def wants_problem(request: HttpRequest) -> bool:
    """Whether an error goes to a program: at an address of the API, or to a client that does not ask for HTML."""
    return is_api(request) or "text/html" not in request.META.get("HTTP_ACCEPT", "")


class ApiMiddleware:
    """For Django's own handler: the request id, and errors as problems. The lean handler does both itself."""

    sync_capable = False
    async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]]):
        assert iscoroutinefunction(get_response)
        self.get_response = get_response
        markcoroutinefunction(self)

    async def __call__(self, request: HttpRequest) -> HttpResponseBase:
        current = new_request_id(request.META.get("HTTP_X_REQUEST_ID", ""))
        response = await self.get_response(request)
        if wants_problem(request):
            response = replace_bare_error(response)
        if is_api(request) and not response.headers.get("Content-Type", "").startswith("text/html"):  # the docs page
            for name, value in API_HEADERS.items():
                response.headers[name] = value
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-ID"] = current
        if response.status_code in (204, 304):  # CommonMiddleware says 0, which RFC 9110 forbids (8.6)
            del response.headers["Content-Length"]
        return response


def strict_transport_security() -> str:
    """The header that keeps browsers on HTTPS, as Django's SecurityMiddleware would write it."""
    value = f"max-age={settings.SECURE_HSTS_SECONDS}"
    if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS:
        value += "; includeSubDomains"
    return value + "; preload" if settings.SECURE_HSTS_PRELOAD else value
