"""To-dos as CSV, for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from io import StringIO
from typing import Any

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from .models import Priority, Todo

COLUMNS = {
    "id": "id",
    "owner": "user__email",
    "title": "title",
    "description": "description",
    "category": "category__name",
    "priority": "priority",
    "due_date": "due_date",
    "is_completed": "is_completed",
    "completed_at": "completed_at",
    "created_at": "created_at",
    "updated_at": "updated_at",
}
CHUNK = 2_000  # rows in memory at a time
# https://owasp.org/www-community/attacks/CSV_Injection; the last four are the full-width forms
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


async def csv_lines(todos: QuerySet[Todo]) -> AsyncIterator[str]:
    """A header and a line for each to-do, in the order of their ids.

    In chunks by key: server-side cursors do not survive a transaction pooler, and without one the whole result would be
    in memory.
    """
    yield _text([COLUMNS])
    rows = todos.order_by("pk").values_list(*COLUMNS.values())
    chunk = await sync_to_async(_fetch)(rows)
    while chunk:
        yield _text([[_cell(name, value) for name, value in zip(COLUMNS, row, strict=True)] for row in chunk])
        chunk = await sync_to_async(_fetch)(rows.filter(pk__gt=chunk[-1][0]))


def _fetch(rows: QuerySet[Todo, tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return list(rows[:CHUNK])


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name == "priority":
        return Priority(value).label
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _text(rows: Iterable[Iterable[str]]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
