"""Create a personal API token."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import ApiToken, User


class Command(BaseCommand):
    help = (
        "Creates a personal API token for an account and prints it, alone, on standard output. It is shown only once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", help="the account's e-mail address")
        parser.add_argument("--name", default="command line", help="what the token is for, 1 to 100 characters")
        parser.add_argument("--days", type=int, help="how many days it is valid (default: for ever)")

    def handle(self, *args: Any, email: str, name: str, days: int | None, **options: Any) -> None:
        if not 1 <= len(name) <= 100 or not name.strip():
            raise CommandError("--name takes 1 to 100 characters")
        if days is not None and not 1 <= days <= 36_500:
            raise CommandError("--days takes a number from 1 to 36500")
        try:
            user = User.objects.get_by_natural_key(email)
        except User.DoesNotExist:
            raise CommandError(f"there is no account {email}; `manage.py createsuperuser` creates one") from None
        if not user.is_active:
            raise CommandError(f"the account {email} is not active: none of its tokens would work")
        expires_at = timezone.now() + timedelta(days=days) if days else None
        _, secret = ApiToken.objects.issue(user, name, expires_at)
        self.stdout.write(secret)
