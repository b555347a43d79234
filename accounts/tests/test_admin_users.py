"""Users in the admin."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import ApiToken, User
from todoproject.tests.admin import logged_in, staff, superuser
from todos.models import Category, Todo

LIST, ADD = "/admin/accounts/user/", "/admin/accounts/user/add/"
PASSWORD = "a quiet orange harbour"


@pytest.fixture
def user() -> User:
    return User.objects.create_user(f"{uuid4().hex}@example.com")


def new(**changed: Any) -> dict[str, Any]:
    fields = {"email": f"{uuid4().hex}@example.com", "display_name": "Ada", "usable_password": "true"}
    return fields | {"password1": PASSWORD, "password2": PASSWORD} | changed


def existing(user: User, **changed: Any) -> dict[str, Any]:
    return {"email": user.email, "display_name": user.display_name, "is_active": "on"} | changed


def test_log_in_by_email_however_it_is_typed() -> None:
    user = superuser(password=PASSWORD)
    response = Client().post("/admin/login/", {"username": f" {user.email.upper()}", "password": PASSWORD})
    assert (response.status_code, response["Location"]) == (302, "/admin/")


def test_log_in_leads_where_somebody_was_going() -> None:
    user = superuser(password=PASSWORD)
    sent = {"username": user.email, "password": PASSWORD}
    assert Client().post(f"/admin/login/?next={LIST}", sent)["Location"] == LIST
    assert Client().post("/admin/login/?next=https://evil.example.com/", sent)["Location"] == "/admin/"


def test_log_out_and_in_again(admin: Client) -> None:
    response = admin.post("/admin/logout/")
    assert response.status_code == 200
    assert 'href="/admin/"' in response.text
    assert admin.get("/admin/")["Location"] == "/admin/login/?next=/admin/"


def test_add_with_a_password(admin: Client) -> None:
    name = uuid4().hex.upper()
    response = admin.post(ADD, new(email=f"{name}@Example.com"))
    assert response.status_code == 302
    user = User.objects.get(email=f"{name.lower()}@example.com")
    assert (user.display_name, user.check_password(PASSWORD), user.is_staff) == ("Ada", True, False)


def test_add_without_a_password(admin: Client) -> None:
    sent = new(usable_password="false", password1="", password2="")
    assert admin.post(ADD, sent).status_code == 302
    assert not User.objects.get(email=sent["email"]).has_usable_password()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "nobody"),
        ("email", "a b@example.com"),
        ("email", f"{'x' * 250}@example.com"),
        ("display_name", " "),
        ("display_name", "x" * 101),
        ("password2", "12345"),
    ],
)
def test_the_form_rejects(admin: Client, field: str, value: str) -> None:
    response = admin.post(ADD, new(**{field: value}))
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]


def test_the_form_rejects_an_email_already_taken(admin: Client, user: User) -> None:
    response = admin.post(ADD, new(email=user.email.upper()))
    assert response.status_code == 200
    assert "This e-mail is already taken." in response.text


def test_change(admin: Client, user: User) -> None:
    url = reverse("admin:accounts_user_change", args=[user.pk])
    assert admin.post(url, existing(user, email="NEW" + user.email, is_staff="on")).status_code == 302
    email = user.email
    user.refresh_from_db()
    assert (user.email, user.is_staff) == (f"new{email}", True)


def test_change_the_password(admin: Client, user: User) -> None:
    url = reverse("admin:auth_user_password_change", args=[user.pk])
    assert admin.get(url).status_code == 200
    sent = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD}
    assert admin.post(url, sent).status_code == 302
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize(
    "query", ["is_active__exact=1", "is_staff__exact=0", "is_superuser__exact=0", "created_at_from=2020-01-01"]
)
def test_filters(admin: Client, user: User, query: str) -> None:
    assert admin.get(f"{LIST}?q={user.email}&{query}").context["cl"].result_count == 1


def test_the_list_counts_the_todos(admin: Client, user: User) -> None:
    for _ in range(3):
        Todo.objects.create(user=user, title="x")
    (found,) = admin.get(f"{LIST}?q={user.email}").context["cl"].result_list
    assert found.todo_count == 3


def test_deleting_one_says_how_much_goes_with_it(admin: Client, user: User) -> None:
    Category.objects.create(user=user, name="Home")
    ApiToken.objects.issue(user, "phone")
    for _ in range(3):
        Todo.objects.create(user=user, title="not listed")
    url = reverse("admin:accounts_user_delete", args=[user.pk])
    text = admin.get(url).text
    assert "3 to-dos" in text and "1 category" in text and "1 API token" in text
    assert "not listed" not in text
    assert admin.post(url, {"post": "yes"}).status_code == 302
    assert not Todo.objects.filter(user=user.pk).exists()


class TestWhoIsNoSuperuser:
    def test_cannot_hand_out_rights(self, user: User) -> None:
        helper = staff("view_user", "change_user")
        for someone in (user, helper):
            url = reverse("admin:accounts_user_change", args=[someone.pk])
            sent = existing(someone, display_name="New", is_staff="on", is_superuser="on")
            assert logged_in(helper).post(url, sent).status_code == 302
            someone.refresh_from_db()
            assert (someone.display_name, someone.is_superuser) == ("New", False)

    @pytest.mark.parametrize("page", ["accounts_user_change", "auth_user_password_change", "accounts_user_delete"])
    def test_cannot_touch_a_superuser(self, page: str) -> None:
        boss = superuser()
        client = logged_in(staff("view_user", "change_user", "delete_user"))
        sent = existing(boss, display_name="New", password1=PASSWORD, password2=PASSWORD, post="yes")
        assert client.post(reverse(f"admin:{page}", args=[boss.pk]), sent).status_code == 403

    def test_cannot_delete_a_superuser_among_others(self, user: User) -> None:
        boss = superuser()
        client = logged_in(staff("view_user", "delete_user"))
        sent = {"action": "delete_selected", "_selected_action": [boss.pk, user.pk], "post": "yes"}
        assert client.post(LIST, sent).status_code == 403
        assert User.objects.filter(pk__in=[boss.pk, user.pk]).count() == 2
