"""/livez, /health, /health/db and /readyz: for uptime robots and orchestrators, under any Host."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from todoproject.db import failures
from todoproject.db.pool import pool

from . import health as checks


def _respond(body: dict[str, Any]) -> HttpResponse:
    healthy = body["status"] == "healthy"
    response = JsonResponse(body, status=200 if healthy else 503)
    if not healthy:
        error = body.get("error") or body["checks"]["database"]["error"]
        response["Retry-After"] = str(failures.wait(error))
    return response


def _report(database: dict[str, Any]) -> HttpResponse:
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return _respond({"status": database["status"], "timestamp": now, "checks": {"database": database}})


ALIVE = HttpResponse(b'{"status":"healthy"}', content_type="application/json")


@login_not_required
@require_safe
async def livez(request: HttpRequest) -> HttpResponse:
    """The process is alive. It touches nothing, so the database can sleep while this is polled."""
    return ALIVE


@login_not_required
@require_safe
async def health(request: HttpRequest) -> HttpResponse:
    """The service and its database."""
    return _report(replace(await checks.probe.health(), migrated=None).body())


@login_not_required
@require_safe
async def health_db(request: HttpRequest) -> HttpResponse:
    """The database, and this process's connections to it."""
    body = replace(await checks.probe.health(), migrated=None).body()
    if body["connected"]:
        body |= {"pool_size": pool.size, "active_connections": pool.active}
    return _respond(body)


@login_not_required
@require_safe
async def readyz(request: HttpRequest) -> HttpResponse:
    """Whether requests would succeed: the database answers and has all of this code's migrations."""
    return _report((await checks.probe.health()).body())
