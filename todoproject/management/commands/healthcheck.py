"""`manage.py healthcheck`: does the database answer the service?"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

import psycopg
from django.core.management.base import BaseCommand

from todoproject.db.failures import Reason, reason
from todoproject.monitoring.health import DatabaseHealth, check_database_health, connect

MEANINGS: dict[Reason, str] = {
    "timeout": "no answer in time",
    "refused": "nothing listens at the host and port of DATABASE_URL",
    "dns": "the host of DATABASE_URL cannot be found",
    "tls": "no secure connection, or a certificate that cannot be trusted",
    "auth": "user, password or address not accepted",
    "too_many_connections": "the database takes no more connections",
    "quota": "the account's quota at the database's provider is used up",
    "unavailable": "the database cannot be used",
    "migrations": "migrations are missing: manage.py migrate",
}


def seconds(text: str) -> float:
    value = float(text)
    if not 0 < value <= 3600:
        raise ArgumentTypeError("more than 0 and at most 3600")
    return value


class Command(BaseCommand):
    help = (
        "Connects to the database as the service does and says whether it answers. "
        "Exit status: 0 healthy, 1 unhealthy, 2 misconfigured."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--timeout", type=seconds, default=10, help="how long to wait, in seconds (%(default)s)")
        parser.add_argument("--json", action="store_true", help="one line of JSON")
        parser.add_argument("--migrations", action="store_true", help="count missing migrations as unhealthy")

    def handle(self, *args: Any, timeout: float, migrations: bool, **options: Any) -> None:
        started = time.perf_counter()
        health = asyncio.run(_check(timeout, migrations=migrations))
        took = round((time.perf_counter() - started) * 1000)
        body = health.body() | ({"took_ms": took, "tls": health.tls} if health.connected else {})
        self.stdout.write(json.dumps(body) if options["json"] else _sentence(body))
        if body["status"] != "healthy":
            sys.exit(1)


async def _check(patience: float, *, migrations: bool) -> DatabaseHealth:
    try:
        async with asyncio.timeout(patience):
            connection = await connect(patience=patience)
            try:
                return await check_database_health(connection, migrations=migrations)
            finally:
                connection.close()
    except (psycopg.Error, OSError, TimeoutError) as error:
        return DatabaseHealth(error=reason(error))


def _sentence(body: dict[str, Any]) -> str:
    if error := body.get("error"):
        return f"unhealthy: {error} ({MEANINGS[error]})"
    tls = "with TLS" if body["tls"] else "without TLS"
    return f"healthy: the database answers in {body['latency_ms']} ms, {body['took_ms']} ms with connecting, {tls}"
