from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from todoproject.rest.schemas import NO_NUL, NOT_BLANK, Body, Patch, Timestamp

from .models import Category, Priority

Title = Annotated[str, StringConstraints(min_length=1, max_length=200), NO_NUL, NOT_BLANK]
Description = Annotated[str, StringConstraints(max_length=10_000), NO_NUL]
PriorityField = Annotated[int, Field(strict=True, ge=1, le=4, description="1 urgent, 2 high, 3 medium, 4 low")]
CategoryName = Annotated[str, StringConstraints(min_length=1, max_length=50), NO_NUL, NOT_BLANK]
Color = Annotated[str, StringConstraints(pattern=r"^#[0-9A-Fa-f]{6}$"), Field(examples=["#6B7280"])]
Icon = Annotated[str, StringConstraints(max_length=50), NO_NUL]

UNCHANGED: Any = None  # the default of a field that may be absent but not null


class TodoIn(Body):
    """Everything that a client decides about a to-do."""

    title: Title = Field(examples=["Water the plants"])
    description: Description | None = None
    priority: PriorityField = Priority.HIGH.value
    due_date: Timestamp | None = None
    category_id: UUID | None = Field(None, description="One of your categories.")
    is_completed: StrictBool = False


class TodoCreate(TodoIn):
    id: UUID | None = Field(
        None,
        description="Chosen by the client, which then knows the to-do's address in advance; made up if left out.",
    )


class TodoPatch(Patch):
    title: Title = UNCHANGED
    description: Description | None = None
    priority: PriorityField = UNCHANGED
    due_date: Timestamp | None = None
    category_id: UUID | None = None
    is_completed: StrictBool = UNCHANGED


class TodoOut(BaseModel):
    id: UUID
    title: str
    description: str | None
    is_completed: bool
    completed_at: Timestamp | None = Field(description="Set and cleared together with `is_completed`.")
    priority: PriorityField
    due_date: Timestamp | None
    category_id: UUID | None
    version: int = Field(description="Increases with every change; in quotes, it is the ETag.")
    created_at: Timestamp
    updated_at: Timestamp


class TodoPage(BaseModel):
    items: list[TodoOut]
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")


class CategoryIn(Body):
    name: CategoryName = Field(examples=["Home"])
    color: Color = Category.DEFAULT_COLOR
    icon: Icon | None = None


class CategoryCreate(CategoryIn):
    id: UUID | None = Field(
        None,
        description="Chosen by the client, which then knows the category's address in advance; made up if left out.",
    )


class CategoryPatch(Patch):
    name: CategoryName = UNCHANGED
    color: Color = UNCHANGED
    icon: Icon | None = None


class CategoryOut(BaseModel):
    id: UUID
    name: str
    color: str
    icon: str | None
    created_at: Timestamp
    updated_at: Timestamp


class CategoryWithCounts(CategoryOut):
    todo_count: int
    open_count: int = Field(description="The to-dos that are not completed.")


class CategoryWithOptionalCounts(CategoryOut):
    """`todo_count` and `open_count` are included with `include_counts=true`."""

    model_config = ConfigDict(title="Category")

    todo_count: int = UNCHANGED
    open_count: int = UNCHANGED


class CategoryPage(BaseModel):
    items: list[CategoryWithOptionalCounts]
    next_cursor: str | None = Field(description="Send it as `cursor` to get the next page; null on the last page.")
