"""Categories over HTTP."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import BaseModel, Field

from accounts.auth import AuthenticatedRequest
from todoproject.rest import problems
from todoproject.rest.lists import PageParameters, page, read_cursor, refuse_unknown_parameters
from todoproject.rest.verbs import Verbs
from todos import queries
from todos.schemas import (
    CategoryCreate,
    CategoryIn,
    CategoryOut,
    CategoryPage,
    CategoryPatch,
    CategoryWithOptionalCounts,
)

router = Router()
categories = Verbs(queries.CATEGORY, "category")

problems.CONSTRAINTS |= {
    "todos_category_pkey": problems.Problem(409, "id_taken", "This id is taken. Choose another one."),
    "category_user": problems.of_status(401),  # the account was deleted a moment ago
    "category_name_unique": problems.Problem(
        409, "name_taken", "You already have a category with this name. Upper and lower case make no difference."
    ),
}


class Counted(BaseModel):
    include_counts: bool = Field(False, description="Include `todo_count` and `open_count`.")


class CategoryFilters(PageParameters, Counted):
    pass


@router.get("/categories", response=CategoryPage, operation_id="listCategories")
async def list_categories(request: AuthenticatedRequest, filters: Query[CategoryFilters]) -> HttpResponse:
    """Your categories, by name"""
    refuse_unknown_parameters(request, CategoryFilters)
    user_id = request.auth.user_id
    values: dict[str, Any] = {"user_id": user_id, "limit": filters.limit + 1}
    if filters.cursor is not None:
        values |= zip(queries.CATEGORY_KEY, read_cursor(filters.cursor, user_id, "categories"), strict=True)
    statement = queries.category_page(counts=filters.include_counts, after=filters.cursor is not None)
    return page(await statement.rows(values), filters.limit, queries.CATEGORY_KEY, user_id, "categories")


@router.post(
    "/categories", response={201: CategoryOut}, operation_id="createCategory", openapi_extra=problems.declare(409)
)
async def create_category(request: AuthenticatedRequest, payload: CategoryCreate) -> HttpResponse:
    """Create a category

    Its address is in `Location`.
    """
    return await categories.create(request.auth.user_id, payload, request.path)


ONE = "/categories/{category_id}"


@router.get(
    ONE,
    response={200: CategoryWithOptionalCounts, 304: None},
    operation_id="getCategory",
    openapi_extra=problems.declare(404),
)
async def get_category(request: AuthenticatedRequest, category_id: UUID, filters: Query[Counted]) -> HttpResponse:
    """One category

    Answers 304 while it still has the ETag in `If-None-Match`. With counts, which change by themselves, there is none.
    """
    refuse_unknown_parameters(request, Counted)
    if not filters.include_counts:
        return await categories.get(request, request.auth.user_id, category_id)
    row = await queries.category_with_counts().row({"id": category_id, "user_id": request.auth.user_id})
    if row is None:
        raise problems.not_found("category")
    return HttpResponse(row[0], content_type="application/json")


@router.put(
    ONE, response={(200, 201): CategoryOut}, operation_id="replaceCategory", openapi_extra=problems.declare(409, 412)
)
async def replace_category(request: AuthenticatedRequest, category_id: UUID, payload: CategoryIn) -> HttpResponse:
    """Create the category under this id, or replace all of it

    Fields that are left out get their defaults. It is safe to repeat.
    """
    return await categories.replace(request, request.auth.user_id, category_id, payload)


@router.patch(ONE, response=CategoryOut, operation_id="changeCategory", openapi_extra=problems.declare(404, 409, 412))
async def change_category(request: AuthenticatedRequest, category_id: UUID, payload: CategoryPatch) -> HttpResponse:
    """Change some fields

    Null clears the icon. Fields that are left out stay as they are.
    """
    return await categories.change(request, request.auth.user_id, category_id, payload.changes())


@router.delete(ONE, response={204: None}, operation_id="deleteCategory", openapi_extra=problems.declare(404, 412))
async def delete_category(request: AuthenticatedRequest, category_id: UUID) -> HttpResponse:
    """Delete the category

    Its to-dos stay and have no category then.
    """
    return await categories.delete(request, request.auth.user_id, category_id)
