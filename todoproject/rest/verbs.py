"""The HTTP verbs on an object that somebody owns: each is one statement, whose JSON is the answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from uuid import UUID

import psycopg
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified

from todoproject.db.job import Row
from todoproject.db.resource import Resource
from todoproject.db.uuid7 import uuid7

from .etags import etag, if_match, if_none_match
from .problems import Problem, not_found, outcome_unknown
from .schemas import Body

JSON = "application/json"
# A client may keep an answer but has to ask, with If-None-Match, before each use.
REVALIDATE = "private, no-cache"


class Verbs:
    """Create, get, replace, change and delete for one resource. `noun` is for messages.

    Each method raises Problem for a mistake of the client's, and psycopg.Error for an error of the database's.
    """

    def __init__(self, resource: Resource, noun: str, *, missing: Callable[[], Problem] | None = None):
        self.resource, self.noun = resource, noun
        self.missing = missing or partial(not_found, noun)

    async def create(self, user_id: UUID, payload: Body, path: str) -> HttpResponse:
        """Create it (201). `path` is the collection's, for the Location header; the payload may bring an `id`."""
        values = dict(payload)
        values["id"] = values.get("id") or uuid7()
        return await self._insert(user_id, values, f"{path}/{values['id']}")

    async def get(self, request: HttpRequest, user_id: UUID, id: UUID) -> HttpResponse:
        row = await self.resource.get().row({"id": id, "user_id": user_id})
        if row is None:
            raise self.missing()
        if (tags := if_none_match(request)) and (tags == "*" or int(row[1] or 0) in tags):
            return HttpResponseNotModified(headers={"ETag": etag(row[1]), "Cache-Control": REVALIDATE})
        return self._answer(row)

    async def replace(self, request: HttpRequest, user_id: UUID, id: UUID, payload: Body) -> HttpResponse:
        """Create it under this id (201) or replace all of it (200)."""
        values = dict(payload) | {"id": id}
        if if_match(request) is not None:
            return await self._replace_existing(request, user_id, id, dict(payload))
        if if_none_match(request) == "*":
            try:
                return await self._insert(user_id, values, request.path)
            except psycopg.errors.UniqueViolation as error:
                is_own = await self.resource.get().row({"id": id, "user_id": user_id})
                if is_own is None or not (error.diag.constraint_name or "").endswith("_pkey"):
                    raise
                raise Problem(412, "precondition_failed", f"A {self.noun} with this id already exists.") from None
        names = ("id", "user_id", *(name for name in values if name != "id"))
        statement, values = self.resource.replace(names), values | {"user_id": user_id}
        try:
            row = await statement.row(values)
        except psycopg.errors.UniqueViolation:
            # When two requests create it at the same moment, one may violate another unique index before it meets the
            # id. A second attempt decides: it replaces the object, or it is refused for good.
            row = await statement.row(values)
        if row is None:
            raise Problem(409, "id_taken", "This id is taken. Choose another one.")
        return self._answer(row, status=201 if row[2] == b"t" else 200, location=request.path)

    async def change(
        self,
        request: HttpRequest,
        user_id: UUID,
        id: UUID,
        changes: Mapping[str, Any],
        *,
        idempotent: bool = False,
    ) -> HttpResponse:
        """Set these columns, provided that the ETag is among those in If-Match. `idempotent`: see `Resource.update`."""
        tags = if_match(request)
        guarded = tags not in (None, "*")
        statement = self.resource.update(tuple(changes), if_match=guarded, idempotent=idempotent)
        answer = await statement.answer({**changes, "id": id, "user_id": user_id, "etags": tags})
        row = answer.row
        if answer.repeated and row is not None and row[1] is None:
            # The version has changed, perhaps by the first attempt: nobody can tell that from a change of somebody
            # else's, so neither 200 nor 412 would be sure to be true.
            raise outcome_unknown()
        return self._answer(self._checked(row))

    async def delete(self, request: HttpRequest, user_id: UUID, id: UUID) -> HttpResponse:
        tags = if_match(request)
        statement = self.resource.delete(if_match=tags not in (None, "*"))
        answer = await statement.answer({"id": id, "user_id": user_id, "etags": tags})
        if not (answer.repeated and answer.row is None):  # else it was the first attempt that deleted it
            self._checked(answer.row)
        response = HttpResponse(status=204)
        del response["Content-Type"]
        return response

    async def _insert(self, user_id: UUID, values: dict[str, Any], location: str) -> HttpResponse:
        names = ("id", "user_id", *(name for name in values if name != "id"))
        row = await self.resource.insert(names).row(values | {"user_id": user_id})
        assert row is not None
        return self._answer(row, status=201, location=location)

    async def _replace_existing(
        self, request: HttpRequest, user_id: UUID, id: UUID, values: Mapping[str, Any]
    ) -> HttpResponse:
        try:
            return await self.change(request, user_id, id, values, idempotent=True)
        except Problem as problem:
            if problem.status == 404:  # If-Match requires that there is something to replace
                raise self._stale() from None
            raise

    def _checked(self, row: Row | None) -> Row:
        if row is None:
            raise self.missing()
        if row[1] is None:
            raise self._stale()
        return row

    def _stale(self) -> Problem:
        return Problem(
            412,
            "precondition_failed",
            f"The {self.noun} has changed in the meantime. Fetch it again and apply your change to the new version.",
        )

    @staticmethod
    def _answer(row: Row, *, status: int = 200, location: str | None = None) -> HttpResponse:
        headers = {"ETag": etag(row[1]), "Cache-Control": REVALIDATE}
        if status == 201 and location:
            headers["Location"] = location
        return HttpResponse(row[0], status=status, content_type=JSON, headers=headers)
