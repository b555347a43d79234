"""To-dos in the admin."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from todoproject.tests.admin import logged_in, staff
from todos.models import Category, Priority, Todo

LIST = "/admin/todos/todo/"


def titles(client: Client, owner: User, query: str = "") -> set[str]:
    """Of this owner's to-dos, those that the list shows."""
    response = client.get(f"{LIST}?q={owner.email}&{query}")
    assert response.status_code == 200, response["Location"]
    return {todo.title for todo in response.context["cl"].result_list}


def fields(owner: User, **changed: Any) -> dict[str, Any]:
    return {"user": owner.pk, "title": "Mow the lawn", "description": "", "priority": 2, "category": ""} | changed


def test_filters(admin: Client, owner: User) -> None:
    now = timezone.now()
    category = Category.objects.create(user=owner, name="Garden")
    Todo.objects.bulk_create(
        [
            Todo(user=owner, title="late", due_date=now - timedelta(minutes=1), priority=1),
            Todo(user=owner, title="late but done", due_date=now - timedelta(days=3), is_completed=True),
            Todo(user=owner, title="soon", due_date=now + timedelta(days=6), category=category, priority=4),
            Todo(user=owner, title="old", created_at=now - timedelta(days=400)),
        ]
    )
    assert titles(admin, owner) == {"late", "late but done", "soon", "old"}
    assert titles(admin, owner, "is_completed__exact=1") == {"late but done"}
    assert titles(admin, owner, "is_completed__exact=0") == {"late", "soon", "old"}
    assert titles(admin, owner, "priority__exact=1&priority__exact=4") == {"late", "soon"}
    assert titles(admin, owner, "due=overdue") == {"late"}
    assert titles(admin, owner, "due=week") == {"soon"}
    assert titles(admin, owner, "due=none") == {"old"}
    assert titles(admin, owner, f"category__id__exact={category.pk}") == {"soon"}
    assert titles(admin, owner, f"user__id__exact={owner.pk}") == {"late", "late but done", "soon", "old"}
    assert titles(admin, owner, f"created_at__year={(now - timedelta(days=400)).year}") == {"old"}


def test_filters_by_day_include_both_days(admin: Client, owner: User) -> None:
    day = timezone.now().replace(year=2024, month=5, day=17)
    for hour, minute in ((0, 0), (23, 59)):
        at = day.replace(hour=hour, minute=minute, second=0, microsecond=0)
        Todo.objects.create(user=owner, title=f"{hour}", due_date=at)
    assert titles(admin, owner, "due_date_from=2024-05-17&due_date_to=2024-05-17") == {"0", "23"}
    assert titles(admin, owner, "due_date_from=2024-05-18") == set()
    assert titles(admin, owner, "due_date_to=2024-05-16") == set()


@pytest.mark.parametrize("value", ["yesterday", "2024-13-45", "0000-00-00", "9999-12-31"])
def test_a_filter_by_day_survives_any_text(admin: Client, owner: User, value: str) -> None:
    assert titles(admin, owner, f"due_date_from={value}&created_at_to={value}") == set()


def test_search_finds_title_and_owner(admin: Client, owner: User) -> None:
    word = uuid4().hex
    Todo.objects.create(user=owner, title=f"Call {word} back")
    assert len(admin.get(f"{LIST}?q={word.upper()}").context["cl"].result_list) == 1
    assert titles(admin, owner) == {f"Call {word} back"}


def read(response: Any) -> str:
    """The text of a page."""
    return " ".join(re.sub(r"<[^>]*>", " ", response.text).split())


def test_the_list_says_how_many_it_has(admin: Client, owner: User) -> None:
    Todo.objects.bulk_create(Todo(user=owner, title="x") for _ in range(1_001))
    found = read(admin.get(f"{LIST}?q={owner.email}"))
    assert "1,001 results ( Show all )" in found
    assert "21 - 1,001 to-dos" in found
    assert "Select all 1,001 to-dos" in found
    everything = admin.get(LIST)
    assert everything.context["cl"].result_count > 1_000
    assert "Show all" not in read(everything)


def test_all_of_a_few_pages_fit_on_one(admin: Client, owner: User) -> None:
    Todo.objects.bulk_create(Todo(user=owner, title="x") for _ in range(51))
    assert "2 - 51 to-dos Show all" in read(admin.get(f"{LIST}?q={owner.email}"))
    assert len(admin.get(f"{LIST}?q={owner.email}&all=").context["cl"].result_list) == 51


def test_the_list_says_what_is_late(admin: Client, owner: User) -> None:
    late = Todo.objects.create(user=owner, title="late", due_date=timezone.now() - timedelta(days=1))
    assert 'title="Overdue"' in admin.get(f"{LIST}?q={owner.email}").text
    Todo.objects.filter(pk=late.pk).update(is_completed=True)
    assert 'title="Overdue"' not in admin.get(f"{LIST}?q={owner.email}").text


def test_the_list_shows_priority_and_category(admin: Client, owner: User) -> None:
    category = Category.objects.create(user=owner, name="<Home>", color="#12AB9F")
    Todo.objects.create(user=owner, title="x", category=category, priority=Priority.URGENT)
    text = admin.get(f"{LIST}?q={owner.email}").text
    assert "#12AB9F" in text
    assert "&lt;Home&gt;" in text
    assert "<Home>" not in text
    assert "Urgent" in text


def test_add_and_change(admin: Client, owner: User) -> None:
    category = Category.objects.create(user=owner, name="Garden")
    sent = fields(owner, category=category.pk, is_completed="on")
    assert admin.post(reverse("admin:todos_todo_add"), sent).status_code == 302
    todo = Todo.objects.get(user=owner)
    assert (todo.title, todo.category, todo.description, todo.version) == ("Mow the lawn", category, None, 1)
    assert todo.completed_at is not None
    change = reverse("admin:todos_todo_change", args=[todo.pk])
    assert admin.post(change, fields(owner, title="Mow", version=9)).status_code == 302
    todo.refresh_from_db()
    assert (todo.title, todo.category_id, todo.is_completed, todo.version) == ("Mow", None, False, 2)
    assert Todo.objects.filter(pk=todo.pk, completed_at=None).exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "   "),
        ("title", "x" * 201),
        ("title", "a\0b"),
        ("description", "x" * 10_001),
        ("priority", 5),
        ("user", ""),
    ],
)
def test_the_form_rejects(admin: Client, owner: User, field: str, value: Any) -> None:
    response = admin.post(reverse("admin:todos_todo_add"), fields(owner, **{field: value}))
    assert response.status_code == 200
    assert field in response.context["adminform"].form.errors


def test_the_form_rejects_a_category_of_somebody_else(admin: Client, owner: User) -> None:
    other = User.objects.create_user(f"{uuid4().hex}@example.com")
    foreign = Category.objects.create(user=other, name="Theirs")
    todo = Todo.objects.create(user=owner, title="x")
    for url in (reverse("admin:todos_todo_add"), reverse("admin:todos_todo_change", args=[todo.pk])):
        response = admin.post(url, fields(owner, category=foreign.pk))
        assert response.status_code == 200
        assert response.context["adminform"].form.errors == {
            "category": [f"This category belongs to {other.email}. Choose one of {owner.email}, or none."]
        }
        assert f"Theirs · {other.email}" in response.text


def test_autocomplete_says_whose_a_category_is(admin: Client, owner: User) -> None:
    category = Category.objects.create(user=owner, name="Garden")
    url = f"/admin/autocomplete/?app_label=todos&model_name=todo&field_name=category&term={owner.email}"
    results = admin.get(url).json()["results"]
    assert results == [{"id": str(category.pk), "text": f"Garden · {owner.email}"}]


def test_autocomplete_offers_what_belongs_to_the_owner(admin: Client, owner: User) -> None:
    other = User.objects.create_user(f"{uuid4().hex}@example.com")
    for user in (owner, other):
        for name in ("Garden", "Roof"):
            Category.objects.create(user=user, name=name)

    def offered(of: str, term: str = "") -> set[str]:
        sent = {"app_label": "todos", "model_name": "todo", "field_name": "category", "owner": of, "term": term}
        return {result["text"] for result in admin.get("/admin/autocomplete/", sent).json()["results"]}

    assert offered(str(owner.pk)) == {f"Garden · {owner.email}", f"Roof · {owner.email}"}
    assert offered(str(other.pk), "gar") == {f"Garden · {other.email}"}
    for nobody in ("", "nobody", str(uuid4())):
        assert offered(nobody) == set()


def act(client: Client, action: str, *todos: Todo) -> str:
    response = client.post(LIST, {"action": action, "_selected_action": [todo.pk for todo in todos]}, follow=True)
    assert response.status_code == 200
    return response.text


def test_complete_and_reopen(admin: Client, owner: User) -> None:
    one, other, third = (Todo.objects.create(user=owner, title=str(i), is_completed=i == 1) for i in range(3))
    assert "Completed 1 to-do." in act(admin, "complete", one, other)
    assert [t.is_completed for t in (*Todo.objects.filter(user=owner).order_by("title"),)] == [True, True, False]
    assert "Reopened 2 to-dos." in act(admin, "reopen", one, other, third)
    assert not Todo.objects.filter(user=owner, is_completed=True).exists()
    assert list(Todo.objects.filter(user=owner).order_by("title").values_list("version", flat=True)) == [3, 2, 1]


def test_an_action_on_everything_found_leaves_the_rest_alone(admin: Client, owner: User) -> None:
    other = User.objects.create_user(f"{uuid4().hex}@example.com")
    todos = [Todo.objects.create(user=user, title="x") for user in (owner, owner, other)]
    sent = {"action": "complete", "select_across": "1", "index": "0", "_selected_action": [todos[0].pk]}
    assert admin.post(f"{LIST}?q={owner.email}", sent).status_code == 302
    for todo in todos:
        todo.refresh_from_db()
    assert [todo.is_completed for todo in todos] == [True, True, False]


def test_delete(admin: Client, owner: User) -> None:
    todos = [Todo.objects.create(user=owner, title="x") for _ in range(2)]
    assert admin.post(reverse("admin:todos_todo_delete", args=[todos[0].pk]), {"post": "yes"}).status_code == 302
    act(admin, "delete_selected", todos[1])
    assert Todo.objects.filter(user=owner).count() == 1
    sent = {"action": "delete_selected", "_selected_action": [todos[1].pk], "post": "yes"}
    assert admin.post(LIST, sent).status_code == 302
    assert not Todo.objects.filter(user=owner).exists()
    assert LogEntry.objects.filter(object_id=str(todos[1].pk)).exists()


def test_who_may_only_look_changes_nothing(owner: User) -> None:
    viewer = logged_in(staff("view_todo"))
    todo = Todo.objects.create(user=owner, title="x")
    act(viewer, "complete", todo)
    change = reverse("admin:todos_todo_change", args=[todo.pk])
    assert viewer.get(change).status_code == 200
    assert viewer.post(change, fields(owner)).status_code == 403
    assert viewer.get(reverse("admin:todos_todo_add")).status_code == 403
    todo.refresh_from_db()
    assert (todo.title, todo.is_completed) == ("x", False)
