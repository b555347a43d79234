"""What the database refuses of accounts and tokens, whoever asks, and what it keeps by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection
from django.db.models import F
from django.utils import timezone

from accounts.models import ApiToken, User
from todoproject.db.uuid7 import uuid7


def user(**fields: Any) -> User:
    """Save an account past everything that would look at it first."""
    fields = {"email": f"{uuid4().hex}@example.com", "display_name": "Ann"} | fields
    return User.objects.bulk_create([User(**fields)])[0]


def token(**fields: Any) -> ApiToken:
    fields.setdefault("user_id", user().pk)
    return ApiToken.objects.bulk_create([ApiToken(**{"name": "x", "digest": uuid4().bytes} | fields)])[0]


def twice(make: Callable[..., object], **fields: Any) -> None:
    make(**fields)
    make(**fields)


BROKEN: list[tuple[str, Callable[[], object]]] = [
    ("user_email_unique", lambda: twice(user, email=f"{uuid4().hex}@example.com")),
    ("user_email_valid", lambda: user(email="Ann@example.com")),
    ("user_email_valid", lambda: user(email="")),
    ("user_email_valid", lambda: user(email="ann")),
    ("user_email_valid", lambda: user(email="ann @example.com")),
    ("user_email_valid", lambda: user(email=f"{'x' * 244}@example.com")),
    ("user_display_name_length", lambda: user(display_name="")),
    ("user_display_name_length", lambda: user(display_name=" \n")),
    ("user_display_name_length", lambda: user(display_name="x" * 101)),
    ("api_token_user", lambda: token(user_id=uuid7())),
    ("api_token_digest_unique", lambda: twice(token, digest=uuid4().bytes)),
    ("api_token_name_length", lambda: token(name="")),
    ("api_token_name_length", lambda: token(name="\t")),
    ("api_token_name_length", lambda: token(name="x" * 101)),
    ("api_token_expires_later", lambda: token(expires_at=timezone.now() - timedelta(seconds=5))),
]


@pytest.mark.parametrize(("name", "save"), BROKEN)
def test_the_database_refuses(name: str, save: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError) as caught:
        save()
    assert isinstance(caught.value.__cause__, psycopg.IntegrityError)
    assert caught.value.__cause__.diag.constraint_name == name


def test_each_constraint_is_broken_above() -> None:
    models = apps.get_app_config("accounts").get_models()
    assert {name for name, _ in BROKEN} == {item.name for model in models for item in model._meta.constraints}


def test_the_limits_themselves_are_allowed() -> None:
    user(email=f"{uuid4().hex}{'x' * 211}@example.com", display_name="x" * 100)
    token(name="x" * 100, expires_at=timezone.now() + timedelta(seconds=5))


def test_a_row_needs_no_more_than_what_has_no_default() -> None:
    email = f"{uuid4().hex}@example.com"
    columns = "id, is_active, is_staff, created_at, updated_at"
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (password, is_superuser, email, display_name) VALUES ('', false, %s, 'Ann') "
            f"RETURNING {columns}",
            [email],
        )
        found, is_active, is_staff, created_at, updated_at = cursor.fetchone()
        cursor.execute(
            "INSERT INTO accounts_apitoken (user_id, name, digest) VALUES (%s, 'x', %s) RETURNING id, created_at",
            [found, uuid4().bytes],
        )
        assert isinstance(cursor.fetchone()[0], UUID)
    assert isinstance(found, UUID)
    assert (is_active, is_staff) == (True, False)
    assert created_at == updated_at
    assert created_at.utcoffset() == timedelta(0)


def test_each_change_of_an_account_sets_its_time() -> None:
    someone = user()
    someone.refresh_from_db()
    first = someone.updated_at
    User.objects.filter(pk=someone.pk).update(display_name=F("display_name"))
    someone.refresh_from_db()
    assert someone.updated_at == first
    User.objects.filter(pk=someone.pk).update(display_name="Bea", updated_at=first - timedelta(days=1))
    someone.refresh_from_db()
    assert someone.updated_at > first


def test_tokens_go_with_their_account() -> None:
    kept, gone = token(), token()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = %s", [gone.user_id])
    assert list(ApiToken.objects.filter(pk__in=[kept.pk, gone.pk])) == [kept]
