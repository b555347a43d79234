"""`manage.py alterrole`: what the service's role brings to each of its sessions.

A pooler refuses such settings when a client connects, and leaks them when a client sets them later. A role's are there
in every session, however it came about.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connections, transaction
from psycopg import sql

from todoproject.management.direct import connected_through, direct_url, one_line, url_in

SETTINGS = {
    "statement_timeout": "5s",  # more than DATABASE_TIMEOUT, after which the service itself cancels the statement
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "10s",
    "transaction_timeout": "60s",
    "timezone": "UTC",  # which Django would otherwise set, with a round trip for each new connection
}


def recommended(version: int) -> dict[str, str]:
    """The settings that a server of this version (150004, 180000) knows."""
    return {name: value for name, value in SETTINGS.items() if name != "transaction_timeout" or version >= 170_000}


def alter_role(role: str, version: int) -> list[sql.Composed]:
    return [
        sql.SQL("ALTER ROLE {} SET {} = {};").format(sql.Identifier(role), sql.SQL(name), sql.Literal(value))
        for name, value in recommended(version).items()
    ]


class Command(BaseCommand):
    help = (
        "Prints the SQL that gives the role of DATABASE_URL its time-outs and its time zone, or runs it. The role "
        "itself may do that, and so may one that administers it."
    )
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--apply", action="store_true", help="run it, through DIRECT_DATABASE_URL where set")
        parser.add_argument("--url", metavar="VARIABLE", help="with --apply: the environment variable with another URL")

    def handle(self, *args: Any, apply: bool, url: str | None, **options: Any) -> None:
        if url and not apply:
            raise CommandError("--url is for --apply", returncode=2)
        through = url_in(url) if url else direct_url()
        try:
            statements = [statement.as_string() for statement in alter_role(*_role_and_version())]
            if apply:
                with connected_through(through) as connection, transaction.atomic(), connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement)
        except DatabaseError as error:
            raise CommandError(one_line(error)) from None
        for statement in statements:
            self.stdout.write(statement)
        if apply:
            self.stderr.write(
                "Done. Sessions that are open keep what they have: start the service anew, and leave a pooler an hour.",
                self.style.SUCCESS,
            )


def _role_and_version() -> tuple[str, int]:
    """As whom the service logs in to which version of PostgreSQL."""
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT session_user, current_setting('server_version_num')::int")
        role, version = cursor.fetchone()
    return role, version
