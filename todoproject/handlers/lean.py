"""The handler of asynchronous views: no threads, no signals, and only as much of the middleware as the API needs."""

from __future__ import annotations

from io import BytesIO

from corsheaders.middleware import CorsMiddleware
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from todoproject.rest import problems

from .base import ClientGone, Receive, Scope, Send, Sender, read_body
from .middleware import new_request_id
from .request import LeanRequest
from .routes import Route


class LeanHandler:
    """Serves coroutine functions, on the event loop alone.

    Django's middleware takes about 0.1 ms for each hop into a thread. What the API needs of it is done here: request
    ids, CORS, the check of the host, a limit to the body, and every error as a problem.
    """

    def __init__(self) -> None:
        self._cors = CorsMiddleware(_unused)
        self._known_hosts: set[str] = set()
        self._sender = Sender()

    async def __call__(self, scope: Scope, receive: Receive, send: Send, route: Route) -> None:
        request_id = new_request_id("")
        request: LeanRequest | None = None
        try:
            body = BytesIO()
            request = LeanRequest(scope, body)
            if incoming := request.META.get("HTTP_X_REQUEST_ID"):
                request_id = new_request_id(incoming)
            if request.method == "HEAD":  # the server leaves out the body
                request.method = "GET"
            if request.method != "GET":  # whose body would mean nothing (RFC 9110, 9.3.1)
                await read_body(receive, body)
            if route.login_required:  # the other views are asked by machines, which know an address and no name
                self._check_host(request)
            response = self._preflight(request) or await route.view(request, **route.arguments)
            response = problems.replace_bare_error(response)
        except ClientGone:
            return
        except UnicodeDecodeError:
            response = problems.of_status(400).response()
        except Exception as error:
            response = problems.of(error).response()
        if request is not None and "HTTP_ORIGIN" in request.META:
            self._cors.add_response_headers(request, response)
        await self._sender.send(scope, receive, send, response, request_id)

    def _preflight(self, request: LeanRequest) -> HttpResponseBase | None:
        if request.method != "OPTIONS" or "HTTP_ORIGIN" not in request.META:
            return None
        response = self._cors.check_preflight(request)
        if response is not None:
            del response["Content-Length"]  # the sender adds it
        return response

    def _check_host(self, request: HttpRequest) -> None:
        host = request.META.get("HTTP_HOST", "")
        if host in self._known_hosts:
            return
        try:
            request.get_host()
        except DisallowedHost:
            raise problems.of_status(400, "The Host header does not name this service.") from None
        if len(self._known_hosts) < 100:  # a wildcard in ALLOWED_HOSTS lets any number of them through
            self._known_hosts.add(host)


async def _unused(request: HttpRequest) -> HttpResponseBase:
    raise AssertionError("only single steps of this middleware are used")
