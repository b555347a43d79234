"""The statements of to-dos and categories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import product
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Lower

from todoproject.db.resource import Resource
from todoproject.db.statement import Condition, Param, Statement, compile_query, equals_any, statement

from .models import Category, Todo
from .schemas import CategoryIn, CategoryOut, CategoryPatch, CategoryWithCounts, TodoIn, TodoOut, TodoPatch

TODO = Resource(Todo.objects.owned_by(Param("user_id")), TodoOut.model_fields, etag="version")
# The time of the last change in microseconds, which no two changes share (migration accounts.0002)
CHANGED = "(extract(epoch FROM updated_at) * 1000000)::bigint"
CATEGORY = Resource(Category.objects.owned_by(Param("user_id")), CategoryOut.model_fields, etag=CHANGED)
CATEGORY_WITH_COUNTS = Resource(CATEGORY.mine, CategoryWithCounts.model_fields, etag=CHANGED)

TODO_KEY = ("created_at", "id")
CATEGORY_KEY = ("name",)

# All shapes of the lists: the arguments of `todo_page` and `category_page`, and the values of each
BOTH = (False, True)
TODO_SHAPES = {"completed": BOTH, "categories": (0, 1, 2), "no_category": BOTH, "search": BOTH, "after": BOTH}
CATEGORY_SHAPES = {"counts": BOTH, "after": BOTH}

NEWEST = 2000  # how many to-dos a search looks through before it asks the index; 5 ms with short descriptions
ESCAPES = str.maketrans({character: f"\\{character}" for character in "\\%_"})


@cache
def todo_page(*, completed: bool, categories: int, no_category: bool, search: bool, after: bool) -> Statement:
    """A page of a user's to-dos, newest first.

    The statement takes `user_id`, `limit` and whatever is asked for here: `completed`; `category_id` if `categories` is
    1, or else `category_ids`; for a search, `pattern` (see `containing`); and with `after`, the previous row's
    `created_at` and `id`. `no_category` adds the to-dos without a category.
    """
    todos = TODO.mine.order_by("-created_at", "-id")
    if completed:
        todos = todos.filter(is_completed=Param("completed"))
    chosen = Q(category_id=None) if no_category else Q()
    if categories == 1:  # unlike ANY, equality keeps the order of the index
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

    The newest to-dos are looked through one by one, and a frequent text fills the page with those. If the page is not
    full by then, the index finds all the others, and they are sorted. Left to itself, PostgreSQL would take one of the
    two ways for the whole search, and choose by how frequent the text is among all users' to-dos (docs/data-model.md).
    """
    pattern, limit = Param("pattern"), Param("limit")
    others = todos.order_by().filter(
        Condition("({} ILIKE {} OR {} ILIKE {})", F("title"), pattern, F("description"), pattern),
        Condition("(SELECT count(*) FROM near) < {}", limit),
        Condition(f"(SELECT count(*) FROM newest) = {NEWEST}"),
        Condition("({}, {}) < (SELECT created_at, id FROM newest ORDER BY 1, 2 LIMIT 1)", F("created_at"), F("id")),
    )
    newest_sql, newest_params = compile_query(todos.values(*TODO.fields).query)
    others_sql, others_params = compile_query(others.values(*TODO.fields).query)
    # `near` and `far` need no ORDER BY: a scan of a CTE keeps the order of the CTE, and a test makes sure that it does.
    made = statement(
        "SELECT row_to_json(o)::text FROM ("
        f"WITH newest AS MATERIALIZED ({newest_sql} LIMIT {NEWEST}), "
        "near AS MATERIALIZED (SELECT * FROM newest WHERE title ILIKE %s OR description ILIKE %s LIMIT %s), "
        f"far AS MATERIALIZED ({others_sql}) "
        "SELECT * FROM near UNION ALL SELECT * FROM far ORDER BY created_at DESC, id DESC LIMIT %s) o",
        [*newest_params, pattern, pattern, limit, *others_params, limit],
    )
    # Not prepared: the best way to find the others depends on the text and on how many there are.
    return replace(made, prepare=False, dear=True)


def containing(text: str) -> str:
    """The ILIKE pattern for anything that contains `text`, none of whose characters is a wildcard."""
    return f"%{text.translate(ESCAPES)}%"


@cache
def category_page(*, counts: bool, after: bool) -> Statement:
    """A page of a user's categories, by name. Takes `user_id`, `limit` and, with `after`, the previous `name`."""
    categories = CATEGORY.mine.order_by(Lower("name"))
    if after:
        categories = categories.filter(Condition("{} > lower({})", Lower("name"), Param("name")))
    if counts:
        return CATEGORY_WITH_COUNTS.page(with_counts(categories))
    return CATEGORY.page(categories)


@cache
def category_with_counts() -> Statement:
    """One category and how many to-dos it has. Takes `user_id` and `id`."""
    return CATEGORY_WITH_COUNTS.read(with_counts(CATEGORY.one))


def with_counts(categories: QuerySet[Category]) -> QuerySet[Any]:
    """Add to each category the number of its to-dos, and of those that are open."""
    inside = TODO.mine.filter(category_id=OuterRef("id")).order_by()

    def count(todos: QuerySet[Any]) -> Coalesce:
        return Coalesce(Subquery(todos.values("category_id").values(count=Count("*"))), 0)

    return categories.annotate(todo_count=count(inside), open_count=count(inside.filter(is_completed=False)))


def statements() -> Iterator[tuple[str, Statement]]:
    """Every statement with a name that says what it does. Of the changes, one for each field, for all, and for none."""
    for noun, resource, whole, part in (
        ("to-do", TODO, TodoIn, TodoPatch),
        ("category", CATEGORY, CategoryIn, CategoryPatch),
    ):
        everything = ("id", "user_id", *whole.model_fields)
        yield f"Get a {noun}", resource.get()
        yield f"Create a {noun}", resource.insert(everything)
        yield f"Create or replace a {noun}", resource.replace(everything)
        for names in (*((name,) for name in part.model_fields), tuple(part.model_fields), ()):
            yield f"Change a {noun}: {', '.join(names) or 'nothing'}", resource.update(names, if_match=False)
        yield f"Change a {noun}, If-Match", resource.update(tuple(part.model_fields), if_match=True)
        yield f"Delete a {noun}", resource.delete(if_match=False)
        yield f"Delete a {noun}, If-Match", resource.delete(if_match=True)
    for name, shape in _every(TODO_SHAPES):
        yield f"List to-dos: {name}", todo_page(**shape)
    for name, shape in _every(CATEGORY_SHAPES):
        yield f"List categories: {name}", category_page(**shape)
    yield "Get a category with counts", category_with_counts()


def _every(shapes: dict[str, tuple[Any, ...]]) -> Iterator[tuple[str, dict[str, Any]]]:
    for values in product(*shapes.values()):
        shape = dict(zip(shapes, values, strict=True))
        yield ", ".join(f"{name}={value}" for name, value in shape.items() if value) or "all", shape
