"""API tokens in the admin."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, User
from todoproject.tests.admin import logged_in, superuser

LIST, ADD = "/admin/accounts/apitoken/", "/admin/accounts/apitoken/add/"


@pytest.fixture
def admin() -> Client:
    return logged_in(superuser())


@pytest.fixture
def user() -> User:
    return User.objects.create_user(f"{uuid4().hex}@example.com")


def secrets_in(text: str) -> list[str]:
    return re.findall(r"tdo_\w+", text)


def test_a_new_ones_secret_is_shown_once_and_kept_nowhere(admin: Client, user: User) -> None:
    response = admin.post(ADD, {"user": user.pk, "name": "phone"}, follow=True)
    (secret,) = secrets_in(response.text)
    token = ApiToken.objects.get(user=user)
    assert bytes(token.digest) == ApiToken.digest_of(secret)
    assert (token.name, token.expires_at) == ("phone", None)
    for page in ("change", "history", "delete"):
        assert not secrets_in(admin.get(reverse(f"admin:accounts_apitoken_{page}", args=[token.pk])).text)
    assert not secrets_in(admin.get(LIST).text)
    entry = LogEntry.objects.get(object_id=str(token.pk))
    assert secret not in f"{entry.object_repr} {entry.change_message}"
    session = Session.objects.get(pk=admin.cookies["sessionid"].value)
    assert secret not in str(session.get_decoded())
    assert not admin.cookies["messages"].value


def test_one_that_expires(admin: Client, user: User) -> None:
    sent = {"user": user.pk, "name": "phone", "expires_at_0": "2099-05-17", "expires_at_1": "12:00:00"}
    assert admin.post(ADD, sent).status_code == 302
    expires_at = ApiToken.objects.get(user=user).expires_at
    assert expires_at and expires_at.isoformat() == "2099-05-17T12:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("name", {"name": ""}),
        ("name", {"name": "x" * 101}),
        ("expires_at", {"expires_at_0": "2020-01-01", "expires_at_1": "00:00"}),
        ("user", {"user": ""}),
    ],
)
def test_the_form_rejects(admin: Client, user: User, field: str, sent: dict[str, str]) -> None:
    response = admin.post(ADD, {"user": user.pk, "name": "phone"} | sent)
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]
    assert not ApiToken.objects.filter(user=user).exists()


def test_the_form_rejects_an_inactive_owner(admin: Client) -> None:
    user = User.objects.create_user(f"{uuid4().hex}@example.com", is_active=False)
    response = admin.post(ADD, {"user": user.pk, "name": "phone"})
    assert "This account is not active" in response.text
    assert not ApiToken.objects.filter(user=user).exists()


def test_one_cannot_be_changed(admin: Client, user: User) -> None:
    token, _ = ApiToken.objects.issue(user, "phone")
    url = reverse("admin:accounts_apitoken_change", args=[token.pk])
    assert admin.post(url, {"user": user.pk, "name": "other"}).status_code == 403
    token.refresh_from_db()
    assert token.name == "phone"


def test_to_delete_is_to_revoke(admin: Client, user: User) -> None:
    token, _ = ApiToken.objects.issue(user, "phone")
    url = reverse("admin:accounts_apitoken_delete", args=[token.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.filter(user=user).exists()


def test_the_list_says_which_have_expired(admin: Client, user: User) -> None:
    now = timezone.now()
    ApiToken.objects.issue(user, "for ever")
    ApiToken.objects.issue(user, "for a day", now + timedelta(days=1))
    old = ApiToken.objects.issue(user, "over", now + timedelta(days=1))[0]
    ApiToken.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))

    def names(query: str) -> set[str]:
        response = admin.get(f"{LIST}?q={user.email}&{query}")
        return {token.name for token in response.context["cl"].result_list}

    assert names("state=valid") == {"for ever", "for a day"}
    assert names("state=expired") == {"over"}
    text = admin.get(f"{LIST}?q={user.email}").text
    assert text.count("Expired\n</span>") == 1 and text.count("Valid\n</span>") == 2
