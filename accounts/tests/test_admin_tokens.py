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

LIST, ADD = "/admin/accounts/apitoken/", "/admin/accounts/apitoken/add/"


def secrets_in(text: str) -> list[str]:
    return re.findall(r"tdo_\w+", text)


def test_a_new_ones_secret_is_shown_once_and_kept_nowhere(admin: Client, owner: User) -> None:
    response = admin.post(ADD, {"user": owner.pk, "name": "phone"}, follow=True)
    (secret,) = secrets_in(response.text)
    token = ApiToken.objects.get(user=owner)
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


def test_one_that_expires(admin: Client, owner: User) -> None:
    sent = {"user": owner.pk, "name": "phone", "expires_at_0": "2099-05-17", "expires_at_1": "12:00:00"}
    assert admin.post(ADD, sent).status_code == 302
    expires_at = ApiToken.objects.get(user=owner).expires_at
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
def test_the_form_rejects(admin: Client, owner: User, field: str, sent: dict[str, str]) -> None:
    response = admin.post(ADD, {"user": owner.pk, "name": "phone"} | sent)
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]
    assert not ApiToken.objects.filter(user=owner).exists()


def test_the_form_rejects_an_inactive_owner(admin: Client) -> None:
    owner = User.objects.create_user(f"{uuid4().hex}@example.com", is_active=False)
    response = admin.post(ADD, {"user": owner.pk, "name": "phone"})
    assert "This account is not active" in response.text
    assert not ApiToken.objects.filter(user=owner).exists()


def test_one_cannot_be_changed(admin: Client, owner: User) -> None:
    token, _ = ApiToken.objects.issue(owner, "phone")
    url = reverse("admin:accounts_apitoken_change", args=[token.pk])
    assert admin.post(url, {"user": owner.pk, "name": "other"}).status_code == 403
    token.refresh_from_db()
    assert token.name == "phone"


def test_to_delete_is_to_revoke(admin: Client, owner: User) -> None:
    token, _ = ApiToken.objects.issue(owner, "phone")
    url = reverse("admin:accounts_apitoken_delete", args=[token.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 302
    assert not ApiToken.objects.filter(user=owner).exists()


def test_the_list_says_which_have_expired(admin: Client, owner: User) -> None:
    now = timezone.now()
    ApiToken.objects.issue(owner, "for ever")
    ApiToken.objects.issue(owner, "for a day", now + timedelta(days=1))
    old = ApiToken.objects.issue(owner, "over", now + timedelta(days=1))[0]
    ApiToken.objects.filter(pk=old.pk).update(created_at=now - timedelta(days=2), expires_at=now - timedelta(days=1))

    def names(query: str) -> set[str]:
        response = admin.get(f"{LIST}?q={owner.email}&{query}")
        return {token.name for token in response.context["cl"].result_list}

    assert names("state=valid") == {"for ever", "for a day"}
    assert names("state=expired") == {"over"}
    text = admin.get(f"{LIST}?q={owner.email}").text
    assert text.count("Expired\n</span>") == 1 and text.count("Valid\n</span>") == 2
