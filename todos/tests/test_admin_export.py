"""To-dos as CSV, through the real server, as the answer is an asynchronous stream."""

from __future__ import annotations

import csv
from io import StringIO

import httpx
import pytest

from accounts.models import User
from todoproject.tests.admin import logged_in, staff, superuser
from todoproject.tests.waiting import PATIENCE
from todos import export
from todos.models import Category, Todo


def download(service: str, user: User, owner: User, *selected: Todo) -> httpx.Response:
    """The export of `selected`, or of all that a search for the owner finds."""
    token = "x" * 32
    session = logged_in(user).cookies["sessionid"].value
    headers = {"Cookie": f"sessionid={session}; csrftoken={token}", "X-CSRFToken": token}
    todos = selected or tuple(Todo.objects.filter(user=owner)[:1])
    data = {"action": "export_csv", "_selected_action": [str(todo.pk) for todo in todos], "index": "0"}
    data["select_across"] = "0" if selected else "1"
    return httpx.post(f"{service}/admin/todos/todo/?q={owner.email}", data=data, headers=headers, timeout=PATIENCE)


def rows(response: httpx.Response) -> list[dict[str, str]]:
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    assert response.headers["content-disposition"].startswith('attachment; filename="todos-')
    return list(csv.DictReader(StringIO(response.text)))


def test_it_has_what_was_selected(service: str, owner: User) -> None:
    category = Category.objects.create(user=owner, name='Käse, "Brot"')
    todo = Todo.objects.create(user=owner, title="two\nlines", category=category, priority=1, is_completed=True)
    Todo.objects.create(user=owner, title="not selected")
    todo.refresh_from_db()
    assert todo.completed_at
    assert rows(download(service, superuser(), owner, todo)) == [
        {
            "id": str(todo.pk),
            "owner": owner.email,
            "title": "two\nlines",
            "description": "",
            "category": 'Käse, "Brot"',
            "priority": "Urgent",
            "due_date": "",
            "is_completed": "True",
            "completed_at": todo.completed_at.isoformat(),
            "created_at": todo.created_at.isoformat(),
            "updated_at": todo.updated_at.isoformat(),
        }
    ]


def test_it_has_everything_found_over_many_chunks(service: str, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "CHUNK", 3)
    todos = [Todo.objects.create(user=owner, title=str(number)) for number in range(7)]
    found = rows(download(service, superuser(), owner))
    assert [row["title"] for row in found] == [todo.title for todo in sorted(todos, key=lambda todo: todo.pk)]


def exported(service: str, owner: User, text: str) -> list[str]:
    """The cells of a to-do whose title, description and category are `text`."""
    category = Category.objects.create(user=owner, name=text)
    todo = Todo.objects.create(user=owner, title=text, description=text, category=category)
    (row,) = rows(download(service, superuser(), owner, todo))
    return [row["title"], row["description"], row["category"]]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "\N{FULLWIDTH EQUALS SIGN}"])
def test_no_cell_is_a_formula(service: str, owner: User, start: str) -> None:
    assert exported(service, owner, f"{start}HYPERLINK(1)") == [f"'{start}HYPERLINK(1)"] * 3


@pytest.mark.parametrize(
    "blank", [" ", "\N{NO-BREAK SPACE}", "\N{ZERO WIDTH SPACE}", '\N{ZERO WIDTH NO-BREAK SPACE} "']
)
def test_no_cell_is_a_formula_behind_blanks(service: str, owner: User, blank: str) -> None:
    assert exported(service, owner, f"{blank}=1+1") == [f"'{blank}=1+1"] * 3


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("a;=1+1", "a;'=1+1"),
        ("a; =1+1;b;@2", "a;' =1+1;b;'@2"),
        ('a;"=1+1"', 'a;\'"=1+1"'),
        ("a\t=1+1", "a\t'=1+1"),
        ("a\n\n- b\r\n\N{ZERO WIDTH SPACE}+c", "a\n\n'- b\r\n'\N{ZERO WIDTH SPACE}+c"),
        ("\n=1+1", "'\n'=1+1"),
    ],
)
def test_no_formula_starts_within_a_cell(service: str, owner: User, text: str, safe: str) -> None:
    assert exported(service, owner, text) == [safe] * 3


@pytest.mark.parametrize("text", ["1+1=2", "Anna <anna@example.com>; Tom", "a, -1", "well-known", "'=1+1", " x; y\tz"])
def test_everything_else_is_left_as_it_is(service: str, owner: User, text: str) -> None:
    assert exported(service, owner, text) == [text] * 3


def test_who_may_look_may_export(service: str, owner: User) -> None:
    todo = Todo.objects.create(user=owner, title="x")
    assert [row["title"] for row in rows(download(service, staff("view_todo"), owner, todo))] == ["x"]


def test_who_may_not_look_may_not_export(service: str, owner: User) -> None:
    todo = Todo.objects.create(user=owner, title="x")
    assert download(service, staff("view_category"), owner, todo).status_code == 403
