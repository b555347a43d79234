"""The cache of whose token it is: it saves queries, and no flood of tokens makes it grow."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts import auth
from accounts.models import ApiToken
from todoproject.tests.client import Client, Person

ME = "/api/v1/me"


def test_it_never_holds_more_than_its_limit(
    make_person: Callable[..., Person], anonymous: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(auth.TokenCache, "LIMIT", 3)
    people = [make_person() for _ in range(5)]
    for person in people:
        assert person.client.get(ME).json()["email"] == person.user.email
        assert len(auth.tokens._known) <= 3
    for _ in range(5):
        made_up = {"Authorization": f"Bearer {ApiToken.make_secret()}"}
        assert anonymous.get(ME, headers=made_up).status_code == 401
        assert len(auth.tokens._known) <= 3
    for person in people:
        assert person.client.get(ME).json()["email"] == person.user.email
