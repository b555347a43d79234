"""Stock Django under ASGI with django-ninja and the ORM's `a…` methods.

As django-ninja's "Async support" and "Authentication" and Django's "Asynchronous support" describe it: async
operations, HttpBearer, schemas in and out, `aget`, `acreate`, `asave` with `update_fields`, `async for` over a
QuerySet. Served by Django's own ASGI handler with the settings of `stock_settings.py`.
"""

from __future__ import annotations

import base64
import os
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import jwt
from django.db.models.expressions import Value
from django.db.models.fields.tuple_lookups import Tuple
from django.http import HttpRequest, JsonResponse
from django.shortcuts import aget_object_or_404
from django.urls import path
from ninja import NinjaAPI, Query, Schema, Status
from ninja.security import HttpBearer
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


class Bearer(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> UUID | None:
        try:
            return UUID(jwt.decode(token, JWT_SECRET, algorithms=["HS256"])["sub"])
        except (jwt.InvalidTokenError, KeyError, ValueError):
            return None


api = NinjaAPI(auth=Bearer())


@api.get("/todos", response=TodoPage)
async def list_todos(
    request: AuthRequest, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None
) -> Any:
    todos = Todo.objects.filter(user_id=request.auth).order_by("-created_at", "-id")
    if cursor:
        created_at, _, todo_id = base64.urlsafe_b64decode(cursor).decode().partition(",")
        position = Tuple(Value(datetime.fromisoformat(created_at)), Value(UUID(todo_id)))
        todos = todos.alias(position=Tuple("created_at", "id")).filter(position__lt=position)
    items = [todo async for todo in todos[: limit + 1]]
    next_cursor = None
    if len(items) > limit:
        last = items[limit - 1]
        next_cursor = base64.urlsafe_b64encode(f"{last.created_at},{last.id}".encode()).decode()
    return {"items": items[:limit], "next_cursor": next_cursor}


@api.get("/todos/{uuid:todo_id}", response=TodoOut)
async def get_todo(request: AuthRequest, todo_id: UUID) -> Any:
    return await aget_object_or_404(Todo, id=todo_id, user_id=request.auth)


@api.post("/todos", response={201: TodoOut})
async def create_todo(request: AuthRequest, body: TodoIn) -> Any:
    return Status(201, await Todo.objects.acreate(user_id=request.auth, **body.dict()))


@api.patch("/todos/{uuid:todo_id}", response=TodoOut)
async def update_todo(request: AuthRequest, todo_id: UUID, body: TodoPatch) -> Any:
    todo = await aget_object_or_404(Todo, id=todo_id, user_id=request.auth)
    changes = body.dict(exclude_unset=True)
    for name, value in changes.items():
        setattr(todo, name, value)
    await todo.asave(update_fields=list(changes))
    await todo.arefresh_from_db(fields=["version", "updated_at", "completed_at"])  # written by the trigger
    return todo


async def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "healthy"})


urlpatterns = [path("livez", livez), path("api/v1/", api.urls)]
