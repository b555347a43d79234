"""The session cookie of somebody who is logged in on this site, and what protects it from other sites."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.utils.crypto import get_random_string

from todoproject.tests.client import Client, Person, assert_problem

ME, TODOS = "/api/v1/me", "/api/v1/todos"


def cookies_of(person: Person) -> dict[str, str]:
    """The cookies of a browser in which this person has logged in."""
    browser = Browser()
    browser.force_login(person.user)
    return {"sessionid": browser.cookies["sessionid"].value, "csrftoken": get_random_string(32)}


@pytest.fixture
def cookies(alice: Person) -> dict[str, str]:
    return cookies_of(alice)


@pytest.fixture
def browser(service: str, cookies: dict[str, str]) -> Iterator[Client]:
    with Client(service) as client:
        client.headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        yield client


def test_reading_works(alice: Person, browser: Client) -> None:
    todo = alice.todo()
    response = browser.get(TODOS)
    assert response.status_code == 200
    assert response.json()["items"] == [todo]
    one = browser.get(f"{TODOS}/{todo['id']}")
    assert one.json() == todo
    assert one.headers["etag"] == '"1"'
    assert browser.get(f"{TODOS}/{todo['id']}", headers={"If-None-Match": '"1"'}).status_code == 304


@pytest.mark.parametrize("token", [None, "", "x", "0" * 32])
def test_changing_without_the_csrf_token_does_nothing(alice: Person, browser: Client, token: str | None) -> None:
    headers = {} if token is None else {"X-CSRFToken": token}
    todo = alice.todo()
    url = f"{TODOS}/{todo['id']}"
    assert_problem(browser.post(TODOS, json={"title": "x"}, headers=headers), 403, "csrf_failed")
    assert_problem(browser.put(url, json={"title": "x"}, headers=headers), 403, "csrf_failed")
    assert_problem(browser.patch(url, json={"title": "x"}, headers=headers), 403, "csrf_failed")
    assert_problem(browser.delete(url, headers=headers), 403, "csrf_failed")
    assert_problem(browser.post(f"{url}/complete", headers=headers), 403, "csrf_failed")
    assert alice.client.get(TODOS).json()["items"] == [todo]


def test_changing_with_the_csrf_token_works(alice: Person, browser: Client, cookies: dict[str, str]) -> None:
    headers = {"X-CSRFToken": cookies["csrftoken"]}
    created = browser.post(TODOS, json={"title": "x"}, headers=headers)
    assert created.status_code == 201
    url = created.headers["location"]
    assert alice.client.get(url).json() == created.json()
    assert browser.patch(url, json={"title": "y"}, headers=headers).json()["version"] == 2
    stale = browser.patch(url, json={"title": "z"}, headers=headers | {"If-Match": '"1"'})
    assert_problem(stale, 412, "precondition_failed")
    assert browser.delete(url, headers=headers).status_code == 204


def test_another_site_cannot_even_with_the_csrf_token(browser: Client, cookies: dict[str, str]) -> None:
    headers = {"X-CSRFToken": cookies["csrftoken"], "Origin": "https://evil.example"}
    assert_problem(browser.post(TODOS, json={"title": "x"}, headers=headers), 403, "csrf_failed")


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_form_of_another_site_is_no_way_in(
    alice: Person, browser: Client, cookies: dict[str, str], media_type: str
) -> None:
    body = f"csrfmiddlewaretoken={cookies['csrftoken']}&title=x"
    response = browser.post(TODOS, content=body, headers={"Content-Type": media_type})
    assert response.status_code in (400, 403, 415), response.text
    assert alice.client.get(TODOS).json()["items"] == []


def test_a_bearer_token_beside_the_cookie_needs_no_csrf_token(bob: Person, browser: Client) -> None:
    response = browser.post(TODOS, json={"title": "x"}, headers={"Authorization": f"Bearer {bob.token}"})
    assert response.status_code == 201
    assert bob.client.get(TODOS).json()["items"] == [response.json()]


def test_a_bad_bearer_token_is_not_made_good_by_the_cookie(browser: Client) -> None:
    response = browser.get(TODOS, headers={"Authorization": "Bearer tdo_x"})
    assert_problem(response, 401, "unauthenticated")


def test_another_users_todo_is_missing(bob: Person, browser: Client, cookies: dict[str, str]) -> None:
    todo, headers = bob.todo(), {"X-CSRFToken": cookies["csrftoken"]}
    for id in (todo["id"], uuid4()):
        assert_problem(browser.get(f"{TODOS}/{id}"), 404, "not_found")
        assert_problem(browser.delete(f"{TODOS}/{id}", headers=headers), 404, "not_found")


def test_a_session_that_does_not_exist_is_refused(anonymous: Client) -> None:
    headers = {"Cookie": f"sessionid={get_random_string(32)}"}
    assert_problem(anonymous.get(ME, headers=headers), 401, "unauthenticated")
    assert_problem(anonymous.post(TODOS, json={"title": "x"}, headers=headers), 401, "unauthenticated")


def test_a_session_that_has_ended_is_refused(browser: Client, cookies: dict[str, str]) -> None:
    assert browser.get(ME).status_code == 200
    Session.objects.filter(session_key=cookies["sessionid"]).delete()
    assert_problem(browser.get(ME), 401, "unauthenticated")


def test_a_deactivated_user_is_refused(alice: Person, browser: Client) -> None:
    alice.user.is_active = False
    alice.user.save(update_fields=["is_active"])
    assert_problem(browser.get(ME), 401, "unauthenticated")


def test_a_new_password_ends_the_session(alice: Person, browser: Client) -> None:
    alice.user.set_password("correct horse battery")
    alice.user.save(update_fields=["password"])
    assert_problem(browser.get(ME), 401, "unauthenticated")


def test_errors_are_problems_by_a_session_cookie_too(browser: Client, cookies: dict[str, str]) -> None:
    headers = {"X-CSRFToken": cookies["csrftoken"]}
    assert_problem(browser.get("/api/v1/nothing"), 404, "not_found")
    refused = browser.post(ME, json={}, headers=headers)
    assert_problem(refused, 405, "method_not_allowed")
    assert set(refused.headers["allow"].split(", ")) == {"DELETE", "GET", "PATCH"}
    assert_problem(browser.get(ME, headers={"Host": "evil.example"}), 400, "bad_request")
    assert_problem(browser.post(TODOS, content=b"{", headers=headers), 415, "unsupported_media_type")
    json = headers | {"Content-Type": "application/json"}
    assert_problem(browser.post(TODOS, content=b"{", headers=json), 422, "invalid", "")


def test_a_body_may_not_be_larger_by_a_session_cookie(browser: Client, cookies: dict[str, str]) -> None:
    headers = {"X-CSRFToken": cookies["csrftoken"], "Content-Type": "application/json"}
    padded = b'{"title":"x"}'.ljust(65_536)
    assert browser.post(TODOS, content=padded, headers=headers).status_code == 201
    assert_problem(browser.post(TODOS, content=padded + b" ", headers=headers), 413, "too_large")


def test_the_cookies_are_for_this_site_and_tls_only() -> None:
    assert settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"
    assert settings.SESSION_COOKIE_HTTPONLY
