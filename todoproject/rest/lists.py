"""Pages of a list: keyset pagination, with cursors that only this service can make.

A cursor holds the sort key of the last row. It is signed together with the user and the filters, so it fits no other
list. Page 1000 costs what page 1 costs.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, HttpResponse
from pydantic import BaseModel, Field

from todoproject.db.job import Row

from .problems import FieldError, Problem, invalid, pointer


class PageParameters(BaseModel):
    """What every list takes."""

    limit: int = Field(50, ge=1, le=100)
    cursor: str | None = Field(None, description="The `next_cursor` of the previous page.", max_length=1000)


def read_cursor(cursor: str, user_id: UUID, filters: str) -> list[Any]:
    """The sort key in a cursor. Raises a 422 for a cursor of another user, of other filters, or made up."""
    try:
        values: list[Any] = _signer(user_id, filters).unsign_object(cursor)
    except BadSignature:
        message = "This is not a cursor of this list: send `next_cursor` as it was given, with the same filters."
        raise invalid("/query/cursor", message, "invalid_cursor") from None
    return values


def make_cursor(key: Sequence[Any], user_id: UUID, filters: str) -> str:
    return _signer(user_id, filters).sign_object(key)


def _signer(user_id: UUID, filters: str) -> Signer:
    return Signer(sep=".", salt=f"cursor {user_id} {filters}")


def page(rows: Sequence[Row], limit: int, key: Sequence[str], user_id: UUID, filters: str) -> HttpResponse:
    """The response with the first `limit` of `rows`, and a cursor if there are more: ask the database for `limit` + 1.

    `key` names the fields that the list is sorted by.
    """
    cursor = "null"
    if len(rows) > limit:
        last = json.loads(rows[limit - 1][0] or b"")
        cursor = json.dumps(make_cursor([last[name] for name in key], user_id, filters))
    items = b",".join([row[0] or b"" for row in rows[:limit]])
    return HttpResponse(b'{"items":[%b],"next_cursor":%b}' % (items, cursor.encode()), content_type="application/json")


def refuse_unknown_parameters(request: HttpRequest, filters: type[BaseModel]) -> None:
    """Raises a 422 that names the parameters there are. Without it, a misspelt filter would return everything."""
    unknown = request.GET.keys() - filters.model_fields.keys()
    if unknown:
        known = ", ".join(filters.model_fields)
        message = f"There is no such parameter here. The parameters are {known}."
        errors: list[FieldError] = [
            {"pointer": pointer("query", name), "message": message, "code": "unknown_parameter"}
            for name in sorted(unknown)
        ]
        raise Problem(422, "invalid", message, errors=errors)
