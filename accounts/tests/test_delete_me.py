"""DELETE /me"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import httpx
import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection

from accounts.models import ApiToken, User
from todoproject.tests.client import Client, Person, assert_problem
from todos.models import Category, Todo

ME = "/api/v1/me"
PASSWORD = "correct horse battery"


def delete(client: Client, body: Any, **headers: str) -> httpx.Response:
    return client.request("DELETE", ME, json=body, headers=headers)


@pytest.fixture
def alice(make_person: Callable[..., Person]) -> Person:
    return make_person(password=PASSWORD)


def test_it_works_and_takes_everything_along(alice: Person, bob: Person) -> None:
    alice.todo(category_id=alice.category()["id"])
    bobs = bob.todo(category_id=bob.category()["id"])
    response = delete(alice.client, {"password": PASSWORD})
    assert response.status_code == 204
    assert response.content == b""
    assert not User.objects.filter(pk=alice.user.pk).exists()
    for model in (Todo, Category, ApiToken):
        assert not model.objects.filter(user_id=alice.user.pk).exists()
    assert bob.client.get("/api/v1/todos").json()["items"] == [bobs]


def test_afterwards_the_token_opens_nothing(alice: Person) -> None:
    delete(alice.client, {"password": PASSWORD})
    assert_problem(alice.client.get("/api/v1/todos/0198c0de-0000-7000-8000-000000000000"), 404, "not_found")
    assert_problem(alice.client.post("/api/v1/todos", json={"title": "x"}), 401, "unauthenticated")
    assert_problem(alice.client.post("/api/v1/categories", json={"name": "x"}), 401, "unauthenticated")


def test_afterwards_there_is_no_account(alice: Person) -> None:
    delete(alice.client, {"password": PASSWORD})
    assert_problem(alice.client.get(ME), 401, "unauthenticated")
    assert_problem(alice.client.patch(ME, json={"display_name": "x"}), 401, "unauthenticated")
    assert_problem(delete(alice.client, {"password": PASSWORD}), 401, "unauthenticated")


@pytest.mark.parametrize("password", ["", "wrong", PASSWORD.upper(), PASSWORD + "\0", "x" * 1000])
def test_a_wrong_password_deletes_nothing(alice: Person, password: str) -> None:
    assert_problem(delete(alice.client, {"password": password}), 403, "wrong_password")
    assert User.objects.filter(pk=alice.user.pk).exists()


def test_an_account_without_a_password_cannot_be_deleted_with_one(bob: Person) -> None:
    for password in ("", "!", "None"):
        assert_problem(delete(bob.client, {"password": password}), 403, "wrong_password")
    assert bob.client.get(ME).status_code == 200


def test_if_match_of_another_version(alice: Person) -> None:
    response = delete(alice.client, {"password": PASSWORD}, **{"If-Match": '"1"'})
    assert_problem(response, 412, "precondition_failed")
    assert User.objects.filter(pk=alice.user.pk).exists()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/password"),
        ({"password": None}, "/password"),
        ({"password": 1}, "/password"),
        ({"password": "x" * 1001}, "/password"),
        ({"password": PASSWORD, "sure": True}, "/sure"),
    ],
)
def test_it_rejects(alice: Person, body: dict[str, object], pointer: str) -> None:
    response = delete(alice.client, body)
    assert_problem(response, 422, "invalid", pointer)
    assert PASSWORD not in response.text
    assert User.objects.filter(pk=alice.user.pk).exists()


def test_anonymous(anonymous: Client) -> None:
    assert_problem(delete(anonymous, {"password": PASSWORD}), 401, "unauthenticated")


def test_what_django_keeps_about_an_account_goes_with_it(alice: Person) -> None:
    """Group, permission and log entry have foreign keys of Django's own making."""
    alice.user.groups.add(Group.objects.create(name=uuid4().hex))
    alice.user.user_permissions.add(Permission.objects.all()[0])
    kind = ContentType.objects.get_for_model(User)
    LogEntry.objects.create(user=alice.user, content_type=kind, object_repr="x", action_flag=1)
    assert delete(alice.client, {"password": PASSWORD}).status_code == 204
    assert not User.objects.filter(pk=alice.user.pk).exists()


def test_every_table_lets_an_account_go() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, confdeltype FROM pg_constraint "
            "WHERE contype = 'f' AND confrelid = 'accounts_user'::regclass"
        )
        references = dict(cursor.fetchall())
    assert len(references) >= 6
    assert set(references.values()) == {"c"}
