"""Every page of the admin opens, and costs the same number of queries however many rows it shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiToken, User
from todoproject.tests.admin import logged_in, staff, superuser
from todos.models import Category, Todo


def make(tag: str) -> dict[type[Model], Model]:
    """One of each, found by a search for `tag`."""
    user = User.objects.create_user(f"{uuid4().hex}-{tag}@example.com")
    category = Category.objects.create(user=user, name="Home")
    todo = Todo.objects.create(user=user, title="Mow the lawn", category=category, due_date=timezone.now())
    token = ApiToken.objects.issue(user, "phone", timezone.now() + timedelta(days=1))[0]
    group = Group.objects.create(name=f"{uuid4().hex} {tag}")
    return {User: user, Category: category, Todo: todo, ApiToken: token, Group: group}


MODELS = [Todo, Category, User, ApiToken, Group]


@pytest.fixture(scope="module")
def objects(database: None) -> dict[type[Model], Model]:
    return make("pages")


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("page", ["changelist", "add", "change", "history", "delete"])
def test_it_opens(admin: Client, objects: dict[type[Model], Model], model: type[Model], page: str) -> None:
    args = [objects[model].pk] if page in ("change", "history", "delete") else []
    response = admin.get(address(model, page, *args))
    assert response.status_code == 200
    assert "DatabaseDefault" not in response.text


@pytest.mark.parametrize("model", MODELS)
def test_a_list_costs_the_same_for_any_number_of_rows(admin: Client, model: type[Model]) -> None:
    tag = uuid4().hex
    make(tag)
    url = f"{address(model, 'changelist')}?q={tag}"
    with CaptureQueriesContext(connection) as with_one:
        assert admin.get(url).context["cl"].result_count == 1
    for _ in range(4):
        make(tag)
    with CaptureQueriesContext(connection) as with_five:
        assert admin.get(url).context["cl"].result_count == 5
    assert len(with_five) == len(with_one) <= 7


@pytest.mark.parametrize("field", ["user", "category"])
def test_autocomplete_costs_the_same_for_any_number_of_rows(admin: Client, field: str) -> None:
    tag = uuid4().hex
    make(tag)
    url = f"/admin/autocomplete/?app_label=todos&model_name=todo&field_name={field}&term={tag}"
    with CaptureQueriesContext(connection) as with_one:
        assert len(admin.get(url).json()["results"]) == 1
    for _ in range(4):
        make(tag)
    with CaptureQueriesContext(connection) as with_five:
        assert len(admin.get(url).json()["results"]) == 5
    assert len(with_five) == len(with_one)


@pytest.mark.parametrize("page", ["/admin/", "/admin/password_change/", "/admin/accounts/", "/admin/todos/"])
def test_the_pages_around_the_models_open(admin: Client, page: str) -> None:
    assert admin.get(page).status_code == 200


def test_overview_has_the_figures(admin: Client) -> None:
    cards = admin.get("/admin/").context["cards"]
    titles = [card["title"] for card in cards]
    assert titles == ["Open to-dos", "Overdue", "Completed today", "Active users"]
    owner = superuser()
    Todo.objects.create(user=owner, title="late", due_date=timezone.now() - timedelta(hours=1))
    Todo.objects.create(user=owner, title="done", is_completed=True)
    grown = [after["value"] - before["value"] for before, after in zip(cards, figures(admin), strict=True)]
    assert grown == [1, 1, 1, 1]


def figures(admin: Client) -> Any:
    response = admin.get("/admin/")
    assert response.text.count('id="figures"') == 1
    for card in response.context["cards"]:
        assert admin.get(card["url"]).status_code == 200
    return response.context["cards"]


def links(client: Client) -> list[str]:
    """The lines of the sidebar."""
    groups = client.get("/admin/").context["sidebar_navigation"]
    return [item["link"] for group in groups for item in group["items"] if item["has_permission"]]


def test_the_sidebar_leads_to_what_one_may_see(admin: Client) -> None:
    lists = [address(model, "changelist") for model in (Todo, Category, User, Group, ApiToken)]
    assert links(admin) == ["/admin/", *lists, "/api/v1/docs", "/health"]
    assert links(logged_in(staff("view_todo"))) == ["/admin/", lists[0], "/api/v1/docs", "/health"]


def test_the_log_in_leads_back_to_the_docs() -> None:
    assert 'href="/api/v1/docs"' in Client().get("/admin/login/").text


def test_overview_keeps_figures_from_those_who_may_not_see_the_rows() -> None:
    assert logged_in(staff()).get("/admin/").context["cards"] == []


@pytest.mark.parametrize(
    "make_client", [Client, lambda: logged_in(User.objects.create_user(f"{uuid4().hex}@example.com"))]
)
def test_others_are_sent_to_the_log_in(make_client: Callable[[], Client]) -> None:
    response = make_client().get("/admin/todos/todo/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")
