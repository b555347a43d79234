"""Stock Django under ASGI with django-ninja and the ORM's `a…` methods.

As django-ninja's "Async support" and "Authentication" and Django's "Asynchronous support" describe it: async
operations, HttpBearer, schemas in and out, `aget`, `acreate`, `asave` with `update_fields`, `async for` over a
QuerySet. Served by Django's own ASGI handler with the settings of `stock_settings.py`.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.shortcuts import aget_object_or_404
from django.urls import path
from ninja import NinjaAPI, Query, Status
from ninja.security import HttpBearer

from benchmarks.peers.stock_schemas import (
    AuthRequest,
    TodoIn,
    TodoOut,
    TodoPage,
    TodoPatch,
    newest_first,
    page,
    user_of,
)
from todos.models import Todo


class Bearer(HttpBearer):
    async def authenticate(self, request: HttpRequest, token: str) -> UUID | None:
        return user_of(token)


api = NinjaAPI(auth=Bearer())


@api.get("/todos", response=TodoPage)
async def list_todos(
    request: AuthRequest, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None
) -> Any:
    return page([todo async for todo in newest_first(request.auth, cursor)[: limit + 1]], limit)


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
