"""The statements of accounts and their tokens."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from django.db.models import Q
from django.db.models.functions import Now

from todoproject.db.resource import Resource
from todoproject.db.statement import Param, Statement, compile_query, statement

from .models import ApiToken, User
from .schemas import UserOut, UserPatch

ACCOUNT = Resource(
    User.objects.filter(id=Param("user_id")),
    UserOut.model_fields,
    # The time of the last change in microseconds, which no two changes share (migration accounts.0002)
    etag="(extract(epoch FROM updated_at) * 1000000)::bigint",
)


@cache
def password_of() -> Statement:
    """The hash of a user's password. Takes `user_id`."""
    return statement(*compile_query(ACCOUNT.mine.values("password").query))


@cache
def owner_of_token() -> Statement:
    """The owner of an API token, if the token is valid and the account active. Takes its `digest`."""
    valid = ApiToken.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=Now()), digest=Param("digest"), user__is_active=True
    )
    return statement(*compile_query(valid.values("user_id").query))


def statements() -> Iterator[tuple[str, Statement]]:
    """Every statement with a name that says what it does."""
    changed = tuple(UserPatch.model_fields)
    yield "Whose token is it?", owner_of_token()
    yield "Get the account", ACCOUNT.get()
    yield "Change the account", ACCOUNT.update(changed, if_match=False)
    yield "Change the account, If-Match", ACCOUNT.update(changed, if_match=True)
    yield "The password's hash", password_of()
    yield "Delete the account", ACCOUNT.delete(if_match=False)
    yield "Delete the account, If-Match", ACCOUNT.delete(if_match=True)
