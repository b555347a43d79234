"""Django's migrate in production: past a pooler, one at a time, and without making the service wait for long."""

from __future__ import annotations

import time
from typing import Any

import psycopg
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands import migrate
from django.db import OperationalError, ProgrammingError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration
from django.db.migrations.exceptions import MigrationSchemaMissing

from todoproject.management.commands.healthcheck import seconds
from todoproject.management.direct import connected_through, direct_url, is_pooled, one_line

TURN = int.from_bytes(b"migrate")  # the key of the advisory lock; another database has another lock
TRIES = 5
PAUSE = 2  # seconds between them, in which the requests that had to wait get through

# What a role has for its requests (`manage.py alterrole`) is too short for a migration.
LIFT_TIMEOUTS = """
SELECT set_config(name, '0', false) FROM pg_settings
WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')
"""


class Command(migrate.Command):
    help = (
        "Updates the database schema, through DIRECT_DATABASE_URL where set, else past Neon's pooler. Two at once take "
        "turns. Manages both apps with migrations and those without."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--lock-timeout",
            type=seconds,
            default=4,
            help="How long to wait for the lock on a table, in seconds: everybody who wants the table waits as long "
            f"(%(default)s). A migration that does not get its lock is tried {TRIES} times.",
        )

    def handle(self, *args: Any, lock_timeout: float, **options: Any) -> None:
        self.running: Migration | None = None
        with connected_through(direct_url(), options["database"]) as connection:
            try:
                connection.ensure_connection()
            except OperationalError as error:
                raise CommandError(f"the database cannot be reached: {one_line(error)}") from None
            if options["plan"] or options["check_unapplied"]:  # which change nothing
                super().handle(*args, **options)
                return
            if is_pooled(connection):
                raise CommandError(
                    "a pooler lends the session for one transaction only, and migrations need one of their own: set "
                    "DIRECT_DATABASE_URL to the database's own address",
                    returncode=2,
                )
            try:
                self.take_turn(connection, lock_timeout)
            except KeyboardInterrupt:
                raise CommandError("interrupted before it began: nothing was changed", returncode=130) from None
            for left in reversed(range(TRIES)):
                if self.has_migrated(*args, tries_left=left, **options):
                    break
                time.sleep(PAUSE)

    def take_turn(self, connection: BaseDatabaseWrapper, lock_timeout: float) -> None:
        """Wait until no other migrate is at work on the database. The turn ends with the connection."""
        with connection.cursor() as cursor:
            cursor.execute(LIFT_TIMEOUTS)
            has_told = False
            while True:
                # Waiting inside the statement would hold a snapshot, for which CREATE INDEX CONCURRENTLY waits
                cursor.execute("SELECT pg_try_advisory_lock(%s)", [TURN])
                if cursor.fetchone()[0]:
                    break
                if not has_told:
                    self.say("Another migrate is at work on this database: waiting for it to finish.")
                    has_told = True
                time.sleep(0.5)
            cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{round(lock_timeout * 1000)}ms"])

    def has_migrated(self, *args: Any, tries_left: int, **options: Any) -> bool:
        """False if a lock could not be had and another try makes sense. Raises CommandError for other troubles."""
        try:
            super().handle(*args, **options)
        except MigrationSchemaMissing:
            raise CommandError(
                "the table django_migrations cannot be made: GRANT CREATE ON SCHEMA public to the role that migrates"
            ) from None
        except (OperationalError, ProgrammingError) as error:
            cause, name = error.__cause__, str(self.running or "migrate")
            if self.running:
                self.stdout.write("")  # ends "Applying …"
            if isinstance(cause, psycopg.errors.InsufficientPrivilege):
                raise CommandError(f"{name}: {one_line(error)}") from None
            if isinstance(error, ProgrammingError):  # the migration is wrong, and its author needs the traceback
                raise
            if not isinstance(cause, psycopg.errors.LockNotAvailable):
                raise CommandError(f"{name}: {one_line(error)}") from None
            why = f"{name}: a table that it changes is in use, and its lock could not be had in time"
            if not tries_left or (self.running and not self.running.atomic):  # else half of it may be done
                raise CommandError(f"{why}; what came before it is done. Try again at a quieter time") from None
            self.say(f"{why}. Trying again in {PAUSE} s, {tries_left} more times.")
            return False
        return True

    def migration_progress_callback(self, action: str, migration: Any = None, fake: bool = False) -> None:
        super().migration_progress_callback(action, migration, fake)
        self.running = None if action.endswith("success") else migration

    def say(self, line: str) -> None:
        self.stderr.write(line, self.style.WARNING)
        self.stderr.flush()
