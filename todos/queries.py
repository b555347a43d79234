"""The statements of to-dos and categories that are more than a verb on one row."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from django.db.models import Count, F, FilteredRelation, Q, QuerySet
from django.db.models.functions import Lower

from todoproject.db.resource import Resource
from todoproject.db.statement import Condition, Param, Statement, compile_sql, equals_any, statement

from .models import Category, Todo
from .schemas import CategoryOut, CategoryWithCounts, TodoOut

TODO = Resource(Todo, TodoOut.model_fields, etag="version")
# The time of the last change in microseconds, of which no two changes share one (migration accounts.0002).
CHANGED = "(extract(epoch FROM updated_at) * 1000000)::bigint"
CATEGORY = Resource(Category, CategoryOut.model_fields, etag=CHANGED)
CATEGORY_WITH_COUNTS = Resource(Category, CategoryWithCounts.model_fields, etag=CHANGED)

TODO_KEY = ("created_at", "id")
CATEGORY_KEY = ("name",)

NEWEST = 2000  # so many to-dos a search looks through before it asks the index; takes 5 ms with short descriptions
ESCAPES = str.maketrans({character: f"\\{character}" for character in "\\%_"})


@cache
def todo_page(*, completed: bool, categories: int, no_category: bool, search: bool, after: bool) -> Statement:
    """A page of a user's to-dos, newest first.

    Takes `user_id`, `limit`, and for what is asked for here: `completed`; `category_ids`, or `category_id` if
    `categories` is one; `pattern` (see `containing`); of the row before, `created_at` and `id`. `no_category` asks for
    those without one, too.
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
    todos = todos.filter(chosen)
    return _search(todos) if search else TODO.page(todos)


def _search(todos: QuerySet[Any]) -> Statement:
    """The first of these to-dos with `pattern` in title or description.

    The newest are looked through one by one: a frequent text fills the page with those. If it does not, the index gives
    all of the others, and they are sorted. Left to itself, PostgreSQL stays with one of the two ways for the whole
    search, and decides by how often the text is found in any user's to-dos of any time (docs/data-model.md).
    """
    pattern, limit = Param("pattern"), Param("limit")
    others = todos.order_by().filter(
        Condition("({} ILIKE {} OR {} ILIKE {})", F("title"), pattern, F("description"), pattern),
        Condition("(SELECT count(*) FROM near) < {}", limit),
        Condition(f"(SELECT count(*) FROM newest) = {NEWEST}"),
        Condition("({}, {}) < (SELECT created_at, id FROM newest ORDER BY 1, 2 LIMIT 1)", F("created_at"), F("id")),
    )
    newest_sql, newest_params = compile_sql(todos.values(*TODO.fields))
    others_sql, others_params = compile_sql(others.values(*TODO.fields))
    # `near` and `far` need no order of their own here: a scan of a CTE keeps the CTE's, and a test watches over that.
    made = statement(
        "SELECT row_to_json(o)::text FROM ("
        f"WITH newest AS MATERIALIZED ({newest_sql} LIMIT {NEWEST}), "
        "near AS MATERIALIZED (SELECT * FROM newest WHERE title ILIKE %s OR description ILIKE %s LIMIT %s), "
        f"far AS MATERIALIZED ({others_sql}) "
        "SELECT * FROM near UNION ALL SELECT * FROM far ORDER BY created_at DESC, id DESC LIMIT %s) o",
        [*newest_params, pattern, pattern, limit, *others_params, limit],
    )
    return replace(made, prepare=False)  # how to find the others hangs on the text and on how many they are


def containing(text: str) -> str:
    """ILIKE's pattern for whatever contains `text`, of which no character is a wildcard."""
    return f"%{text.translate(ESCAPES)}%"


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
