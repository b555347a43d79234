"""Categories in the admin."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from todos.models import Category, Todo

ADD = "/admin/todos/category/add/"


def fields(owner: User, **changed: Any) -> dict[str, Any]:
    return {"user": owner.pk, "name": "Garden", "color": "#65A30D", "icon": ""} | changed


def test_the_list_counts_the_todos(admin: Client, owner: User) -> None:
    full, empty = (Category.objects.create(user=owner, name=name) for name in ("full", "empty"))
    for _ in range(3):
        Todo.objects.create(user=owner, title="x", category=full)
    found = admin.get(f"/admin/todos/category/?q={owner.email}&o=-4").context["cl"].result_list
    assert [(category, category.todo_count) for category in found] == [(full, 3), (empty, 0)]


def test_add_with_a_colour_picker(admin: Client, owner: User) -> None:
    assert 'type="color"' in admin.get(ADD).text
    assert admin.post(ADD, fields(owner)).status_code == 302
    category = Category.objects.get(user=owner)
    assert (category.name, category.color, category.icon) == ("Garden", "#65A30D", None)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", " "), ("name", "x" * 51), ("color", "red"), ("color", "#65A30"), ("icon", "x" * 51)],
)
def test_the_form_rejects(admin: Client, owner: User, field: str, value: str) -> None:
    response = admin.post(ADD, fields(owner, **{field: value}))
    assert response.status_code == 200
    assert list(response.context["adminform"].form.errors) == [field]


def test_the_form_rejects_a_name_already_taken(admin: Client, owner: User) -> None:
    Category.objects.create(user=owner, name="garden")
    response = admin.post(ADD, fields(owner))
    assert response.status_code == 200
    assert "This user already has a category with this name." in response.text


def test_a_category_in_use_stays_whose_it_is(admin: Client, owner: User) -> None:
    category = Category.objects.create(user=owner, name="Garden")
    Todo.objects.create(user=owner, title="x", category=category)
    other = User.objects.create_user(f"{uuid4().hex}@example.com")
    url = reverse("admin:todos_category_change", args=[category.pk])
    assert admin.post(url, fields(other, name="Roof")).status_code == 302
    category.refresh_from_db()
    assert (category.name, category.user) == ("Roof", owner)


def test_deleting_one_keeps_its_todos(admin: Client, owner: User) -> None:
    category = Category.objects.create(user=owner, name="Garden")
    todo = Todo.objects.create(user=owner, title="x", category=category)
    url = reverse("admin:todos_category_delete", args=[category.pk])
    assert admin.post(url, {"post": "yes"}).status_code == 302
    todo.refresh_from_db()
    assert todo.category is None
