"""To-dos as CSV, for spreadsheets."""

from __future__ import annotations

import csv
import re
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
# What a spreadsheet reads as a formula (https://owasp.org/www-community/attacks/CSV_Injection): at the start of a cell,
# and after what starts a new one where the file is opened with semicolons or tabs as separators, as Excel does in much
# of Europe. Blanks, quotes and characters without a width in front do not help. The last four signs are full-width.
SIGN = "=+@\uff1d\uff0b\uff0d\uff20-"
SKIPPED = (
    '"\x00-\x08\x0b\x0c\x0e-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e'
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
FORMULA = re.compile(rf"\A(?=[\t\r\n])|(?:\A|(?<=[;\t\r\n]))(?=[{SKIPPED}]*[{SIGN}])")


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
    return FORMULA.sub("'", value.isoformat() if isinstance(value, datetime) else str(value))


def _text(rows: Iterable[Iterable[str]]) -> str:
    buffer = StringIO()
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue()
