"""Stock Django under WSGI with django-ninja: the synchronous way, which Django's documentation calls the faster one for
an application without asynchronous work of its own.

The same as `stock_ninja.py` without `async`; served by gunicorn, one process with as many threads as connections.
"""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest, JsonResponse
from django.shortcuts import get_object_or_404
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
    def authenticate(self, request: HttpRequest, token: str) -> UUID | None:
        return user_of(token)


api = NinjaAPI(auth=Bearer())


@api.get("/todos", response=TodoPage)
def list_todos(request: AuthRequest, limit: Annotated[int, Query(ge=1, le=100)] = 50, cursor: str | None = None) -> Any:
    return page(list(newest_first(request.auth, cursor)[: limit + 1]), limit)


@api.get("/todos/{uuid:todo_id}", response=TodoOut)
def get_todo(request: AuthRequest, todo_id: UUID) -> Any:
    return get_object_or_404(Todo, id=todo_id, user_id=request.auth)


@api.post("/todos", response={201: TodoOut})
def create_todo(request: AuthRequest, body: TodoIn) -> Any:
    return Status(201, Todo.objects.create(user_id=request.auth, **body.dict()))


@api.patch("/todos/{uuid:todo_id}", response=TodoOut)
def update_todo(request: AuthRequest, todo_id: UUID, body: TodoPatch) -> Any:
    todo = get_object_or_404(Todo, id=todo_id, user_id=request.auth)
    changes = body.dict(exclude_unset=True)
    for name, value in changes.items():
        setattr(todo, name, value)
    todo.save(update_fields=list(changes))
    todo.refresh_from_db(fields=["version", "updated_at", "completed_at"])  # written by the trigger
    return todo


def livez(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "healthy"})


urlpatterns = [path("livez", livez), path("api/v1/", api.urls)]
