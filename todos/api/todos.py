"""To-dos over HTTP."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from accounts.auth import AuthenticatedRequest
from todoproject.rest import problems
from todoproject.rest.lists import PageParameters, page, read_cursor, refuse_unknown_parameters
from todoproject.rest.schemas import NO_NUL
from todoproject.rest.verbs import Verbs
from todos import queries
from todos.schemas import TodoCreate, TodoIn, TodoOut, TodoPage, TodoPatch

router = Router()
todos = Verbs(queries.TODO, "to-do")

problems.CONSTRAINTS |= {
    "todos_todo_pkey": problems.Problem(409, "id_taken", "This id is taken. Choose another one."),
    "todo_user": problems.of_status(401),  # the account was deleted a moment ago
    "todo_category_same_user": problems.invalid("/category_id", "You have no such category.", "category_not_found"),
}


def _none_for_null(value: Any) -> Any:
    return None if value == "none" else value


# Not a union with Literal["none"], because an error would then point to both branches and not to the parameter.
CategoryOrNone = Annotated[
    UUID | None,
    BeforeValidator(_none_for_null),
    WithJsonSchema({"anyOf": [{"type": "string", "format": "uuid"}, {"const": "none"}]}),
]


def _none_for_empty(value: str | None) -> str | None:
    return value or None


# The length counts after stripping. It is bounded because ILIKE takes time in proportion to pattern times text.
Search = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), NO_NUL]


class TodoFilters(PageParameters):
    completed: bool | None = Field(None, description="Only to-dos that are, or are not, completed.")
    category_id: list[CategoryOrNone] = Field(
        [], description="Only to-dos in this category; repeatable; `none` for those without one.", max_length=100
    )
    q: Annotated[Search | None, AfterValidator(_none_for_empty)] = Field(
        None,
        description="Only to-dos with this text in the title or description. Upper and lower case make no difference.",
    )


@router.get("/todos", response=TodoPage, operation_id="listTodos")
async def list_todos(request: AuthenticatedRequest, filters: Query[TodoFilters]) -> HttpResponse:
    """Your to-dos, newest first"""
    refuse_unknown_parameters(request, TodoFilters)
    user_id = request.auth.user_id
    categories = [item for item in filters.category_id if item]
    same = filters.model_dump_json(exclude={"limit", "cursor"})
    values: dict[str, Any] = {
        "user_id": user_id,
        "limit": filters.limit + 1,
        "completed": filters.completed,
        "category_ids": categories,
        "category_id": categories[0] if categories else None,
        "pattern": queries.containing(filters.q) if filters.q is not None else None,
    }
    if filters.cursor is not None:
        values |= zip(queries.TODO_KEY, read_cursor(filters.cursor, user_id, same), strict=True)
    statement = queries.todo_page(
        completed=filters.completed is not None,
        categories=min(len(categories), 2),
        no_category=None in filters.category_id,
        search=filters.q is not None,
        after=filters.cursor is not None,
    )
    return page(await statement.rows(values), filters.limit, queries.TODO_KEY, user_id, same)


@router.post("/todos", response={201: TodoOut}, operation_id="createTodo", openapi_extra=problems.declare(409))
async def create_todo(request: AuthenticatedRequest, payload: TodoCreate) -> HttpResponse:
    """Create a to-do

    Its address is in `Location`.
    """
    return await todos.create(request.auth.user_id, payload, request.path)


ONE = "/todos/{todo_id}"


@router.get(ONE, response={200: TodoOut, 304: None}, operation_id="getTodo", openapi_extra=problems.declare(404))
async def get_todo(request: AuthenticatedRequest, todo_id: UUID) -> HttpResponse:
    """One to-do

    Answers 304 while it still has the ETag in `If-None-Match`.
    """
    return await todos.get(request, request.auth.user_id, todo_id)


@router.put(ONE, response={(200, 201): TodoOut}, operation_id="replaceTodo", openapi_extra=problems.declare(409, 412))
async def replace_todo(request: AuthenticatedRequest, todo_id: UUID, payload: TodoIn) -> HttpResponse:
    """Create the to-do under this id, or replace all of it

    Fields that are left out get their defaults. It is safe to repeat.
    """
    return await todos.replace(request, request.auth.user_id, todo_id, payload)


@router.patch(ONE, response=TodoOut, operation_id="changeTodo", openapi_extra=problems.declare(404, 412))
async def change_todo(request: AuthenticatedRequest, todo_id: UUID, payload: TodoPatch) -> HttpResponse:
    """Change some fields

    Null clears a field that can be empty. Fields that are left out stay as they are.
    """
    return await todos.change(request, request.auth.user_id, todo_id, payload.changes())


@router.delete(ONE, response={204: None}, operation_id="deleteTodo", openapi_extra=problems.declare(404, 412))
async def delete_todo(request: AuthenticatedRequest, todo_id: UUID) -> HttpResponse:
    """Delete the to-do"""
    return await todos.delete(request, request.auth.user_id, todo_id)


@router.post(f"{ONE}/complete", response=TodoOut, operation_id="completeTodo", openapi_extra=problems.declare(404, 412))
async def complete_todo(request: AuthenticatedRequest, todo_id: UUID) -> HttpResponse:
    """Complete the to-do

    A to-do that is already completed stays as it is.
    """
    return await todos.change(request, request.auth.user_id, todo_id, {"is_completed": True}, idempotent=True)


@router.post(f"{ONE}/reopen", response=TodoOut, operation_id="reopenTodo", openapi_extra=problems.declare(404, 412))
async def reopen_todo(request: AuthenticatedRequest, todo_id: UUID) -> HttpResponse:
    """Reopen the to-do

    A to-do that is already open stays as it is.
    """
    return await todos.change(request, request.auth.user_id, todo_id, {"is_completed": False}, idempotent=True)
