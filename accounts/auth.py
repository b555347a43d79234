"""Who is calling: a bearer token says it, or the session cookie of somebody who is logged in on this site."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from todoproject.rest.problems import Problem

from .models import ApiToken, User
from .queries import owner_of_token


@dataclass(frozen=True, slots=True)
class Caller:
    """What an operation knows about its user without a query."""

    user_id: UUID


class AuthenticatedRequest(HttpRequest):
    auth: Caller


class TokenCache:
    """From the digest of a token to its caller, as the database said at most TTL seconds ago.

    A revoked token or a deactivated account therefore stops working everywhere within five seconds, and a busy client
    costs one look-up in four. Requests that arrive together share it.
    """

    TTL = 4.0
    LIMIT = 10_000

    def __init__(self) -> None:
        self._known: dict[bytes, tuple[Caller | None, float]] = {}
        self._asking: dict[bytes, asyncio.Task[Caller | None]] = {}

    async def caller(self, secret: str) -> Caller | None:
        """Whose token it is; None if nobody's. Raises psycopg.Error when the database cannot say."""
        digest = ApiToken.digest_of(secret)
        known = self._known.get(digest)
        if known is not None and known[1] > time.monotonic():
            return known[0]
        if not ApiToken.is_well_formed(secret):
            return None
        task = self._asking.get(digest)
        if task is None:
            task = self._asking[digest] = asyncio.create_task(self._ask(digest))
            task.add_done_callback(lambda _: self._asking.pop(digest, None))
        return await asyncio.shield(task)

    async def _ask(self, digest: bytes) -> Caller | None:
        row = await owner_of_token().row({"digest": digest})
        caller = Caller(UUID(str(row[0], "ascii"))) if row and row[0] else None
        if len(self._known) >= self.LIMIT:
            self._known.clear()
        self._known[digest] = caller, time.monotonic() + self.TTL
        return caller


tokens = TokenCache()


class BearerToken(AuthBase):
    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "A personal API token: `manage.py apitoken EMAIL` prints one."

    async def __call__(self, request: HttpRequest) -> Caller | None:
        scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        return await tokens.caller(secret.strip())


class SessionCookie(AuthBase):
    """Works only behind Django's own middleware, which every request with a session cookie passes."""

    openapi_type = "apiKey"
    openapi_in = "cookie"
    openapi_name = settings.SESSION_COOKIE_NAME
    openapi_description = (
        "The session of a log-in on this site. Requests that change something also need `X-CSRFToken`."
    )

    async def __call__(self, request: HttpRequest) -> Caller | None:
        if "HTTP_AUTHORIZATION" in request.META or not hasattr(request, "auser"):
            return None
        user: User | AnonymousUser = await request.auser()
        if not isinstance(user, User):
            return None
        if check_csrf(request) is not None:
            raise Problem(403, "csrf_failed", "Send the value of the csrftoken cookie in the X-CSRFToken header.")
        return Caller(user.pk)


AUTH: list[Any] = [BearerToken(), SessionCookie()]
