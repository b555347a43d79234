"""What the database refuses of categories and to-dos, whoever asks, and what it keeps by itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User
from todoproject.db.uuid7 import uuid7
from todos.models import Category, Todo


def owner() -> UUID:
    return User.objects.create_user(email=f"{uuid4().hex}@example.com").pk


def category(**fields: Any) -> Category:
    """Save a category past everything that would look at it first."""
    if "user_id" not in fields:
        fields["user_id"] = owner()
    return Category.objects.bulk_create([Category(**{"name": uuid4().hex} | fields)])[0]


def todo(**fields: Any) -> Todo:
    if "user_id" not in fields:
        fields["user_id"] = owner()
    return Todo.objects.bulk_create([Todo(**{"title": "x"} | fields)])[0]


def in_two_cases() -> None:
    user_id = owner()
    category(user_id=user_id, name="Straße")
    category(user_id=user_id, name="STRAßE")


def the_same_id() -> None:
    first = category()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE todos_category DROP CONSTRAINT todos_category_pkey")  # it would be in the way
        category(id=first.pk, user_id=first.user_id)
        transaction.set_rollback(True)


def change(row: Todo | Category, **fields: Any) -> None:
    type(row).objects.filter(pk=row.pk).update(**fields)


BROKEN: list[tuple[str, Callable[[], object]]] = [
    ("category_user", lambda: category(user_id=uuid7())),
    ("category_user_id_unique", the_same_id),
    ("category_name_unique", in_two_cases),
    ("category_name_length", lambda: category(name="")),
    ("category_name_length", lambda: category(name=" \t\n")),
    ("category_name_length", lambda: category(name="x" * 51)),
    ("category_color_format", lambda: category(color="red")),
    ("category_color_format", lambda: category(color="#12345")),
    ("category_color_format", lambda: category(color="#1234567")),
    ("category_color_format", lambda: category(color="#12345G")),
    ("category_color_format", lambda: category(color="#123456\n")),
    ("category_icon_length", lambda: category(icon="x" * 51)),
    ("todo_user", lambda: todo(user_id=uuid7())),
    ("todo_category_same_user", lambda: todo(category_id=category().pk)),
    ("todo_category_same_user", lambda: todo(category_id=uuid7())),
    ("todo_category_same_user", lambda: change(todo(), category_id=category().pk)),
    ("todo_title_length", lambda: todo(title="")),
    ("todo_title_length", lambda: todo(title=" \t\n")),
    ("todo_title_length", lambda: todo(title="x" * 201)),
    ("todo_description_length", lambda: todo(description="x" * 10_001)),
    ("todo_priority_range", lambda: todo(priority=0)),
    ("todo_priority_range", lambda: todo(priority=5)),
    ("todo_completed_at_set", lambda: todo(completed_at=timezone.now())),
    ("todo_version_positive", lambda: todo(version=0)),
]


@pytest.mark.parametrize(("name", "save"), BROKEN)
def test_the_database_refuses(name: str, save: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError) as caught:
        save()
    assert isinstance(caught.value.__cause__, psycopg.IntegrityError)
    assert caught.value.__cause__.diag.constraint_name == name


def test_each_constraint_is_broken_above() -> None:
    models = apps.get_app_config("todos").get_models()
    assert {name for name, _ in BROKEN} == {item.name for model in models for item in model._meta.constraints}


def test_the_limits_themselves_are_allowed() -> None:
    user_id = owner()
    chosen = category(user_id=user_id, name="é" * 50, icon="é" * 50, color="#aAfF09")
    category(name=chosen.name)  # somebody else's
    for priority in (1, 4):
        todo(user_id=user_id, category=chosen, title="é" * 200, description="é" * 10_000, priority=priority)


def test_a_row_needs_no_more_than_what_has_no_default() -> None:
    user_id = owner()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO todos_category (user_id, name) VALUES (%s, 'x') RETURNING id, color, icon, created_at",
            [user_id],
        )
        found, color, icon, created_at = cursor.fetchone()
        assert isinstance(found, UUID)
        assert (color, icon, created_at.utcoffset()) == ("#6B7280", None, timedelta(0))
        cursor.execute(
            "INSERT INTO todos_todo (user_id, title) VALUES (%s, 'x') RETURNING id, description, is_completed, "
            "completed_at, priority, due_date, category_id, version, created_at = updated_at",
            [user_id],
        )
        found, *others = cursor.fetchone()
        assert isinstance(found, UUID)
        assert others == [None, False, None, 2, None, None, 1, True]


# --- version, updated_at, completed_at -------------------------------------------------------------------------------


def by_instance(row: Todo, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


def by_sql(row: Todo, **fields: Any) -> None:
    changes = ", ".join(f"{name} = %s" for name in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE todos_todo SET {changes} WHERE id = %s", [*fields.values(), row.pk])


WAYS = pytest.mark.parametrize("way", [change, by_instance, by_sql])


@WAYS
def test_each_change_counts(way: Callable[..., None]) -> None:
    row = todo()
    row.refresh_from_db()
    for number in range(3):
        before = row.updated_at
        way(row, title=f"x {number}")
        row.refresh_from_db()
        assert row.version == number + 2
        assert row.updated_at > before


@WAYS
def test_a_change_of_nothing_does_not_count(way: Callable[..., None]) -> None:
    row = todo(is_completed=True)
    row.refresh_from_db()
    before = Todo.objects.values().get(pk=row.pk)
    way(row, title=row.title, is_completed=True)
    assert Todo.objects.values().get(pk=row.pk) == before


@WAYS
def test_completed_at_comes_stays_and_goes(way: Callable[..., None]) -> None:
    row = todo()
    way(row, is_completed=True)
    row.refresh_from_db()
    assert row.completed_at == row.updated_at
    way(row, title="y")
    completed_at = row.completed_at
    row.refresh_from_db()
    assert row.completed_at == completed_at
    assert row.updated_at > completed_at
    way(row, is_completed=False)
    row.refresh_from_db()
    assert row.completed_at is None


@WAYS
def test_nobody_sets_what_the_database_keeps(way: Callable[..., None]) -> None:
    row = todo()
    row.refresh_from_db()
    before = row.updated_at
    way(row, version=70, updated_at=before - timedelta(days=1), completed_at=before)
    row.refresh_from_db()
    assert (row.version, row.completed_at) == (2, None)
    assert row.updated_at > before


def test_many_rows_at_once_count_each() -> None:
    user_id = owner()
    rows = [todo(user_id=user_id) for _ in range(3)]
    Todo.objects.owned_by(user_id).update(priority=F("priority") + 1)
    for row in rows:
        row.title = "y"
    Todo.objects.bulk_update(rows, ["title"])
    assert set(Todo.objects.owned_by(user_id).values_list("version", "title")) == {(3, "y")}


def test_a_row_may_be_born_completed() -> None:
    moment = timezone.now() - timedelta(days=3)
    given, not_given = todo(is_completed=True, completed_at=moment), todo(is_completed=True)
    given.refresh_from_db()
    not_given.refresh_from_db()
    assert given.completed_at == moment
    assert not_given.completed_at == not_given.created_at


def test_each_change_of_a_category_sets_its_time() -> None:
    row = category()
    row.refresh_from_db()
    first = row.updated_at
    change(row, name=row.name)
    row.refresh_from_db()
    assert row.updated_at == first
    change(row, name=uuid4().hex)
    row.refresh_from_db()
    assert row.updated_at > first


# --- What goes with what ---------------------------------------------------------------------------------------------


def test_all_goes_with_the_account() -> None:
    gone, kept = category(), category()
    for row in (gone, kept):
        todo(user_id=row.user_id, category=row)
        todo(user_id=row.user_id)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_user WHERE id = %s", [gone.user_id])
    assert not Category.objects.owned_by(gone.user_id).exists()
    assert not Todo.objects.owned_by(gone.user_id).exists()
    assert Todo.objects.owned_by(kept.user_id).count() == 2


def test_a_todo_outlives_its_category_and_keeps_its_owner() -> None:
    chosen = category()
    row, other = todo(user_id=chosen.user_id, category=chosen), todo(user_id=chosen.user_id)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM todos_category WHERE id = %s", [chosen.pk])
    row.refresh_from_db()
    other.refresh_from_db()
    assert (row.category_id, row.user_id, row.version) == (None, chosen.user_id, 2)
    assert other.version == 1
