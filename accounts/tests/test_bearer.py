"""The Authorization header: whose token it is, and how soon it stops being one."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone

from accounts import auth
from accounts.auth import TokenCache
from accounts.models import ApiToken
from todoproject.tests.client import Client, Person, assert_problem

ME = "/api/v1/me"


@pytest.fixture
def uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    """The service asks the database about each token each time."""
    monkeypatch.setattr(TokenCache, "TTL", 0.0)


def assert_refused(client: Client, authorization: str | None = None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = client.get(ME, headers=headers)
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("form", ["Bearer {}", "bearer {}", "BEARER {}", "Bearer  {}"])
def test_the_scheme_is_read_without_regard_to_case(alice: Person, anonymous: Client, form: str) -> None:
    response = anonymous.get(ME, headers={"Authorization": form.format(alice.token)})
    assert response.status_code == 200
    assert response.json()["email"] == alice.user.email


@pytest.mark.parametrize(
    "form",
    ["", "Bearer", "Basic {}", "Token {}", "{}", "Bearer{}", "Bearer x{}", "Bearer {}x", "Bearer {} {}"],
)
def test_another_form_is_refused(alice: Person, anonymous: Client, form: str) -> None:
    assert_refused(anonymous, form.format(*[alice.token] * 2))


@pytest.mark.parametrize("garbage", ["tdo_", "tdo_" + "0" * 72, "null", "-", "." * 5000, "eyJhbGciOiJub25lIn0.e30."])
def test_garbage_is_refused(anonymous: Client, garbage: str) -> None:
    assert_refused(anonymous, f"Bearer {garbage}")


def test_bytes_that_are_no_text_are_refused(service: str, anonymous: Client) -> None:
    response = anonymous.get(ME, headers=[(b"Authorization", b"Bearer tdo_\xff\xfe\xc3\xa4")])
    assert_problem(response, 401, "unauthenticated")


def test_a_mistyped_token_is_refused(alice: Person, anonymous: Client) -> None:
    digit = "1" if alice.token[10] == "0" else "0"
    assert_refused(anonymous, f"Bearer {alice.token[:10]}{digit}{alice.token[11:]}")
    assert_refused(anonymous, f"Bearer {alice.token.upper()}")


def test_a_well_formed_token_that_nobody_has_is_refused(anonymous: Client) -> None:
    assert ApiToken.is_well_formed(unknown := ApiToken.make_secret())
    assert_refused(anonymous, f"Bearer {unknown}")
    assert_refused(anonymous, f"Bearer {unknown}")  # from the cache this time


def test_no_credentials_are_refused(anonymous: Client) -> None:
    assert_refused(anonymous)


def test_a_token_in_the_address_is_not_looked_at(alice: Person, anonymous: Client) -> None:
    assert_problem(anonymous.get(ME, params={"token": alice.token}), 401, "unauthenticated")


def test_a_token_works_until_it_expires(alice: Person, uncached: None) -> None:
    token = ApiToken.objects.get(user=alice.user)
    ApiToken.objects.filter(pk=token.pk).update(expires_at=timezone.now() + timedelta(hours=1))
    assert alice.client.get(ME).status_code == 200
    now = timezone.now()
    ApiToken.objects.filter(pk=token.pk).update(
        created_at=now - timedelta(days=2), expires_at=now - timedelta(seconds=1)
    )
    assert_refused(alice.client)


def test_a_deleted_token_is_refused_and_the_others_go_on(alice: Person, anonymous: Client, uncached: None) -> None:
    assert alice.client.get(ME).status_code == 200
    other = ApiToken.objects.issue(alice.user, "other")[1]
    ApiToken.objects.filter(user=alice.user, name="test").delete()
    assert_refused(alice.client)
    assert anonymous.get(ME, headers={"Authorization": f"Bearer {other}"}).status_code == 200


def test_a_deactivated_user_is_refused_until_active_again(alice: Person, uncached: None) -> None:
    for active in (False, True):
        alice.user.is_active = active
        alice.user.save(update_fields=["is_active"])
        assert alice.client.get(ME).status_code == (200 if active else 401)


def test_within_five_seconds_is_soon_enough(
    make_person: Callable[..., Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    deactivated, revoked, expired, steady = people = [make_person() for _ in range(4)]
    for person in people:
        assert person.client.get(ME).status_code == 200
    deactivated.user.is_active = False
    deactivated.user.save(update_fields=["is_active"])
    ApiToken.objects.filter(user=revoked.user).delete()
    ApiToken.objects.filter(user=expired.user).update(
        created_at=timezone.now() - timedelta(days=1), expires_at=timezone.now()
    )
    in_five_seconds = time.monotonic() + 5
    monkeypatch.setattr(auth, "time", SimpleNamespace(monotonic=lambda: in_five_seconds))
    for person in (deactivated, revoked, expired):
        assert_refused(person.client)
    assert steady.client.get(ME).status_code == 200


def test_the_secret_is_not_stored(alice: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM accounts_apitoken t WHERE user_id = %s", [alice.user.pk])
        ((row,),) = cursor.fetchall()
    assert hashlib.sha256(alice.token.encode()).hexdigest() in row
    for secret in (alice.token, alice.token[4:-8], alice.token.encode().hex(), alice.token[4:-8].encode().hex()):
        assert secret not in row
