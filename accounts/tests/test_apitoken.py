"""manage.py apitoken"""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import ApiToken
from todoproject.tests.client import Client, Person


def run(*arguments: str) -> str:
    out, err = StringIO(), StringIO()
    call_command("apitoken", *arguments, stdout=out, stderr=err)
    assert err.getvalue() == ""
    return out.getvalue()


def newest(person: Person) -> ApiToken:
    return ApiToken.objects.filter(user=person.user).latest("created_at")


def test_it_prints_a_token_that_works_and_nothing_else(alice: Person, anonymous: Client) -> None:
    printed = run(alice.user.email)
    token = printed.removesuffix("\n")
    assert printed == f"{token}\n"
    assert ApiToken.is_well_formed(token)
    response = anonymous.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert response.json()["email"] == alice.user.email
    assert (newest(alice).name, newest(alice).expires_at) == ("command line", None)


def test_each_call_makes_another_one(alice: Person) -> None:
    assert run(alice.user.email) != run(alice.user.email)
    assert ApiToken.objects.filter(user=alice.user).count() == 3


def test_the_address_may_be_typed_in_any_case(alice: Person) -> None:
    assert run(f" {alice.user.email.upper()} ")


def test_with_a_name_and_a_number_of_days(alice: Person) -> None:
    run(alice.user.email, "--name", "Laptop", "--days", "30")
    token = newest(alice)
    assert token.name == "Laptop"
    assert token.expires_at is not None
    assert abs(token.expires_at - timezone.now() - timedelta(days=30)) < timedelta(minutes=5)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--days", "0"),
        ("--days", "-1"),
        ("--days", "36501"),
        ("--days", "abc"),
        ("--days", "1.5"),
        ("--name", ""),
        ("--name", "  "),
        ("--name", "x" * 101),
        ("--colour", "red"),
    ],
)
def test_it_rejects(alice: Person, arguments: tuple[str, ...]) -> None:
    with pytest.raises(CommandError):
        run(alice.user.email, *arguments)
    assert ApiToken.objects.filter(user=alice.user).count() == 1


def test_without_an_address_it_rejects() -> None:
    with pytest.raises(CommandError, match="email"):
        run()


def test_an_unknown_address_is_said_to_be_unknown() -> None:
    email = f"{uuid4().hex}@example.com"
    with pytest.raises(CommandError, match=f"no account {email}"):
        run(email)


def test_an_account_that_is_not_active_gets_none(alice: Person) -> None:
    alice.user.is_active = False
    alice.user.save(update_fields=["is_active"])
    with pytest.raises(CommandError, match="not active"):
        run(alice.user.email)
    assert ApiToken.objects.filter(user=alice.user).count() == 1
