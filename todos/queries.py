"""The statements of to-dos and categories that are more than a verb on one row."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Lower

from todoproject.db.statement import Condition, Param, Resource, Statement, equals_any

from .models import Category, Todo
from .schemas import CategoryOut, CategoryWithCounts, TodoOut

TODO = Resource(Todo, TodoOut.model_fields, etag="version")
# The time of the last change in microseconds, of which no two changes share one (migration accounts.0002).
CHANGED = "(extract(epoch FROM updated_at) * 1000000)::bigint"
CATEGORY = Resource(Category, CategoryOut.model_fields, etag=CHANGED)
CATEGORY_WITH_COUNTS = Resource(Category, CategoryWithCounts.model_fields, etag=CHANGED)

TODO_KEY = ("created_at", "id")
CATEGORY_KEY = ("name",)


@cache
def todo_page(*, completed: bool, categories: int, no_category: bool, after: bool) -> Statement:
    """A page of a user's to-dos, newest first.

    Takes `user_id`, `limit`, and for what is asked for here: `completed`; `category_ids`, or `category_id` if
    `categories` is one; of the row before, `created_at` and `id`. `no_category` asks for those without one, too.
    """
    todos = Todo.objects.owned_by(Param("user_id")).order_by("-created_at", "-id")
    if completed:
        todos = todos.filter(is_completed=Param("completed"))
    chosen = Q(category_id=None) if no_category else Q()
    if categories == 1:  # equality keeps the order of the index, ANY does not
        chosen |= Q(category_id=Param("category_id"))
    elif categories:
        chosen |= Q(equals_any("category_id", "category_ids"))
    if after:
        row = (F("created_at"), F("id"), Param("created_at"), Param("id"))
        chosen &= Q(Condition("({}, {}) < ({}::timestamptz, {}::uuid)", *row))
    return TODO.page(todos.filter(chosen))


@cache
def category_page(*, counts: bool, after: bool) -> Statement:
    """A page of a user's categories, by name. Takes `user_id`, `limit`, and with `after` the `name` before."""
    categories = Category.objects.owned_by(Param("user_id")).order_by(Lower("name"))
    if after:
        categories = categories.filter(Condition("{} > lower({})", Lower("name"), Param("name")))
    if counts:
        return CATEGORY_WITH_COUNTS.page(with_counts(categories))
    return CATEGORY.page(categories)


@cache
def category_with_counts() -> Statement:
    """One category and how many to-dos it has. Takes `user_id` and `id`."""
    return CATEGORY_WITH_COUNTS.read(with_counts(Category.objects.filter(id=Param("id"), user_id=Param("user_id"))))


def with_counts(categories: QuerySet[Category]) -> QuerySet[Any]:
    # joined on the owner, too, because that is what the index of the to-dos begins with
    own = FilteredRelation("todos", condition=Q(todos__user=F("user")))
    return categories.annotate(own=own).annotate(
        todo_count=Count("own"), open_count=Count("own", filter=Q(own__is_completed=False))
    )
