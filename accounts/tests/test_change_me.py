"""PATCH /me"""

from __future__ import annotations

from typing import Any

import pytest

from todoproject.tests.client import Client, Person, assert_problem

ME = "/api/v1/me"


def test_it_works(alice: Person, bob: Person) -> None:
    before, bobs = alice.client.get(ME), bob.client.get(ME).json()
    response = alice.client.patch(ME, json={"display_name": "Älice 🌱"})
    assert response.status_code == 200
    body = response.json()
    assert body == before.json() | {"display_name": "Älice 🌱", "updated_at": body["updated_at"]}
    assert body["updated_at"] > before.json()["updated_at"]
    assert response.headers["etag"] != before.headers["etag"]
    assert alice.client.get(ME).json() == body
    assert bob.client.get(ME).json() == bobs


def test_what_changes_nothing_leaves_etag_and_time(alice: Person) -> None:
    before = alice.client.get(ME)
    for changes in ({}, {"display_name": before.json()["display_name"]}):
        response = alice.client.patch(ME, json=changes)
        assert response.json() == before.json()
        assert response.headers["etag"] == before.headers["etag"]


def test_if_match(alice: Person) -> None:
    old = alice.client.get(ME).headers["etag"]
    changed = alice.client.patch(ME, json={"display_name": "a"}, headers={"If-Match": old})
    assert changed.status_code == 200
    response = alice.client.patch(ME, json={"display_name": "b"}, headers={"If-Match": old})
    assert_problem(response, 412, "precondition_failed")
    assert alice.client.get(ME).json() == changed.json()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("display_name", ""),
        ("display_name", "\n"),
        ("display_name", "x" * 101),
        ("display_name", "a\0b"),
        ("display_name", None),
        ("display_name", 7),
        ("email", "other@example.com"),
        ("is_staff", True),
        ("is_superuser", True),
        ("password", "secret"),
        ("id", "0198c0de-0000-7000-8000-000000000000"),
    ],
)
def test_it_rejects(alice: Person, field: str, value: Any) -> None:
    before = alice.client.get(ME).json()
    assert_problem(alice.client.patch(ME, json={field: value}), 422, "invalid", f"/{field}")
    assert alice.client.get(ME).json() == before
    alice.user.refresh_from_db()
    assert not (alice.user.is_staff or alice.user.is_superuser or alice.user.has_usable_password())


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.patch(ME, json={"display_name": "x"}), 401, "unauthenticated")
