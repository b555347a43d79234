"""Chooses the handler for a request: by its view, and by whether a session cookie says who is calling."""

from __future__ import annotations

from django.conf import settings

from .base import Receive, Scope, Send
from .full import FullHandler
from .lean import LeanHandler
from .routes import Route, Routes


class Dispatcher:
    """An ASGI application out of two handlers that serve the same URLconf.

    A coroutine function takes the lean one. Whatever needs Django's middleware takes Django's own: a synchronous view
    (the admin, the docs page), a static file, and a request with a session cookie to say who is calling, because a
    cookie needs protection from other sites' forms (CSRF).
    """

    def __init__(self) -> None:
        self._routes = Routes()
        self._lean, self._full = LeanHandler(), FullHandler()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.find(scope["path"].removeprefix(scope.get("root_path", "")))
        if route is not None and route.is_async and not _is_for_django(scope, route):
            await self._lean(scope, receive, send, route)
        else:
            await self._full(scope, receive, send, route)


def _is_for_django(scope: Scope, route: Route) -> bool:
    """Whether a session cookie, and no bearer token, says who is calling."""
    if not route.login_required:
        return False
    cookie = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return False
        if name == b"cookie":
            cookie = value
    return settings.SESSION_COOKIE_NAME.encode() + b"=" in cookie
