"""What the two stock Django peers share: bodies, the credential, the order of a page."""

from __future__ import annotations

import base64
import os
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt
from django.db.models import QuerySet
from django.db.models.expressions import Value
from django.db.models.fields.tuple_lookups import Tuple
from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from todos.models import Todo

JWT_SECRET = os.environ["BENCH_JWT_SECRET"]


class TodoIn(Schema):
    title: str = Field(min_length=1, max_length=200)
    description: str | None = Field(None, max_length=10_000)
    priority: int = Field(2, ge=1, le=4)
    due_date: datetime | None = None
    category_id: UUID | None = None


class TodoPatch(Schema):
    title: str | None = Field(None, min_length=1, max_length=200)
    description: str | None = Field(None, max_length=10_000)
    is_completed: bool | None = None
    priority: int | None = Field(None, ge=1, le=4)
    due_date: datetime | None = None
    category_id: UUID | None = None


class TodoOut(Schema):
    id: UUID
    title: str
    description: str | None
    is_completed: bool
    completed_at: datetime | None
    priority: int
    due_date: datetime | None
    category_id: UUID | None
    version: int
    created_at: datetime
    updated_at: datetime


class TodoPage(Schema):
    items: list[TodoOut]
    next_cursor: str | None


class AuthRequest(HttpRequest):
    auth: UUID


def user_of(token: str) -> UUID | None:
    try:
        return UUID(jwt.decode(token, JWT_SECRET, algorithms=["HS256"])["sub"])
    except (jwt.InvalidTokenError, KeyError, ValueError):
        return None


def newest_first(user_id: UUID, cursor: str | None) -> QuerySet[Todo]:
    """A user's to-dos, those behind the cursor."""
    todos = Todo.objects.filter(user_id=user_id).order_by("-created_at", "-id")
    if cursor:
        created_at, _, todo_id = base64.urlsafe_b64decode(cursor).decode().partition(",")
        position = Tuple(Value(datetime.fromisoformat(created_at)), Value(UUID(todo_id)))
        todos = todos.alias(position=Tuple("created_at", "id")).filter(position__lt=position)
    return todos


def page(todos: Sequence[Todo], limit: int) -> dict[str, Any]:
    """The first `limit` of the to-dos, of which one more was asked for."""
    next_cursor = None
    if len(todos) > limit:
        last = todos[limit - 1]
        next_cursor = base64.urlsafe_b64encode(f"{last.created_at},{last.id}".encode()).decode()
    return {"items": todos[:limit], "next_cursor": next_cursor}
