"""`manage.py demo`: an account to look around with, made once; `make run` calls it."""

from __future__ import annotations

import argparse
import os
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import ApiToken, User
from todoproject.db.url import DatabaseURL
from todos.models import Category, Priority, Todo

EMAIL = "demo@example.com"
PASSWORD = "demo"
TOKEN_NAME = "make run"

CATEGORIES = {"Work": ("#2563EB", "briefcase"), "Home": ("#16A34A", "home"), "Health": ("#DC2626", "heart")}


class Example(NamedTuple):
    title: str
    category: str | None
    priority: Priority
    age: float  # in days
    due: float | None = None  # in days from now
    completed: float | None = None  # days ago
    description: str | None = None


EXAMPLES = (
    Example("Renew the passport", None, Priority.URGENT, 20, due=-2, description="Two photos, the old one, the fee."),
    Example("Send the quarterly figures to Anna", "Work", Priority.URGENT, 3, due=0.2),
    Example("Review the pull request on search", "Work", Priority.HIGH, 1, due=1),
    Example("Prepare slides for the team meeting", "Work", Priority.HIGH, 4, due=3, description="10 minutes at most."),
    Example("Read up on row-level security", "Work", Priority.LOW, 9),
    Example("Book the flights to Lisbon", "Work", Priority.MEDIUM, 12, due=-3, completed=5),
    Example("Call the plumber about the tap", "Home", Priority.HIGH, 6, due=-1),
    Example("Buy a birthday present for Tom", "Home", Priority.MEDIUM, 2, due=6, description="He likes climbing."),
    Example("Water the plants", "Home", Priority.LOW, 2, completed=1),
    Example("Make a dentist appointment", "Health", Priority.MEDIUM, 15, due=10),
    Example("Run 5 km", "Health", Priority.MEDIUM, 5, due=-2, completed=2.5),
    Example("Return the books to the library", None, Priority.MEDIUM, 8, due=2),
)


class Command(BaseCommand):
    help = f"Create the account {EMAIL} with example to-dos, once, in a database on this machine."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--token-file", type=Path, help="a file that is to contain a working API token of the account"
        )

    def handle(self, *, token_file: Path | None, **options: Any) -> None:
        if not is_local():
            raise CommandError("the demo account has a known password: only for a database on this machine")
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [EMAIL])  # one at a time
            user = User.objects.filter(email=EMAIL).first()
            created = user is None
            if user is None:
                user = create_account()
            if token_file and not is_working(user, read(token_file)):
                write(token_file, ApiToken.objects.issue(user, TOKEN_NAME)[1])
        self.stdout.write(f"Demo account {EMAIL}: {'created' if created else 'already there'}.")


def is_local() -> bool:
    """Whether the database is on this machine, both by the settings and by where libpq really connects.

    Besides the host, libpq heeds `hostaddr`, a service file and, without a host, the variable PGHOST.
    """
    if not _is_local(connection.settings_dict["HOST"]):
        return False
    connection.ensure_connection()
    server = connection.connection.info
    return _is_local(server.hostaddr or server.host)


def _is_local(host: str) -> bool:
    return DatabaseURL(name="", user="", password="", host=host, port="", options={}).is_local


def create_account() -> User:
    """The account with its categories and to-dos."""
    user = User.objects.create_superuser(EMAIL, PASSWORD, display_name="Demo")
    categories = {
        name: Category.objects.create(user=user, name=name, color=color, icon=icon)
        for name, (color, icon) in CATEGORIES.items()
    }
    now = timezone.now()

    def at(days: float | None) -> Any:
        return None if days is None else now + timedelta(days=days)

    Todo.objects.bulk_create(
        Todo(
            user=user,
            title=example.title,
            description=example.description,
            category=categories[example.category] if example.category else None,
            priority=example.priority,
            due_date=at(example.due),
            is_completed=example.completed is not None,
            completed_at=at(None if example.completed is None else -example.completed),
            created_at=at(-example.age),
            updated_at=at(-(example.completed or example.age)),
        )
        for example in EXAMPLES
    )
    return user


def is_working(user: User, secret: str) -> bool:
    unexpired = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    return ApiToken.objects.filter(
        unexpired, user=user, user__is_active=True, digest=ApiToken.digest_of(secret)
    ).exists()


def read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        return ""


def write(path: Path, secret: str) -> None:
    """Replace the file in one step; only its owner can read it."""
    descriptor, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{secret}\n")
    Path(name).replace(path)
