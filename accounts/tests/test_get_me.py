"""GET /me"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from todoproject.tests.client import Client, Person, assert_problem

ME = "/api/v1/me"


def test_it_works(make_person: Callable[..., Person]) -> None:
    alice = make_person(display_name="Alice")
    response = alice.client.get(ME)
    assert response.status_code == 200
    body = response.json()
    assert body == {
        "id": str(alice.user.pk),
        "email": alice.user.email,
        "display_name": "Alice",
        "created_at": body["created_at"],
        "updated_at": body["created_at"],
    }
    assert response.headers["cache-control"] == "private, no-cache"


def test_what_the_client_has_already_is_not_sent_again(alice: Person) -> None:
    etag = alice.client.get(ME).headers["etag"]
    response = alice.client.get(ME, headers={"If-None-Match": f"W/{etag}"})
    assert response.status_code == 304
    assert response.content == b""
    assert response.headers["etag"] == etag


def test_everybody_sees_their_own(alice: Person, bob: Person) -> None:
    assert alice.client.get(ME).json()["email"] == alice.user.email
    assert bob.client.get(ME).json()["email"] == bob.user.email


@pytest.mark.parametrize("path", ["/api/v1/me/", "/api/v1/users", "/api/v1/me/../users"])
def test_there_is_no_other_way_to_an_account(alice: Person, path: str) -> None:
    assert_problem(alice.client.get(path), 404, "not_found")


def test_anonymous(anonymous: Client) -> None:
    assert_problem(anonymous.get(ME), 401, "unauthenticated")
