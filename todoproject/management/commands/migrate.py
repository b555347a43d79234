"""Django's migrate, past Neon's pooler: a migration needs a session of its own, and a pooler lends one only for a
transaction (https://neon.com/docs/connect/choose-connection).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.utils import OperationalError

from todoproject.db.url import DatabaseURL, DatabaseURLError, parse


class Command(migrate.Command):
    help = (
        "Updates the database schema, through DIRECT_DATABASE_URL where set, else past Neon's pooler. "
        "Manages both apps with migrations and those without."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        with _direct(options["database"]):
            try:
                connections[options["database"]].ensure_connection()
            except OperationalError as error:
                raise CommandError(f"the database cannot be reached: {' '.join(str(error).split())}") from None
            super().handle(*args, **options)


@contextmanager
def _direct(alias: str) -> Iterator[None]:
    """Connect directly until the end of the block. Afterwards this process connects as it did before."""
    pooled, direct = _urls()
    if alias != DEFAULT_DB_ALIAS or direct == pooled:
        yield
        return
    connection = connections[alias]
    kept, password = dict(connection.settings_dict), os.environ.get("PGPASSWORD")
    settings = direct.django_settings()
    if kept["NAME"] != pooled.name:  # a test database that the test runner has put in place of the real one
        settings["NAME"] = kept["NAME"]
    connection.close()
    connection.settings_dict.update(settings)
    direct.export_password()
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(kept)
        if password is not None:
            os.environ["PGPASSWORD"] = password
        else:
            os.environ.pop("PGPASSWORD", None)


def _urls() -> tuple[DatabaseURL, DatabaseURL]:
    pooled = parse(os.environ.get("DATABASE_URL", ""))
    text = os.environ.get("DIRECT_DATABASE_URL", "").strip()
    if not text:
        return pooled, pooled.direct()
    try:
        return pooled, parse(text, variable="DIRECT_DATABASE_URL")
    except DatabaseURLError as error:
        raise CommandError(str(error), returncode=2) from None
