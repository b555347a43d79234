"""The statements of one owned object: get, insert, replace, update, delete, and pages of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet

from .statement import Param, Statement, compile_sql, statement


class Resource:
    """A model as the API shows it: `fields` are both columns and JSON keys; `etag` is SQL over them.

    Its statements return rows of (JSON, ETag, …) and take the values `id`, `user_id` and the columns they name.
    """

    def __init__(self, model: type[Model], fields: Iterable[str], *, etag: str, owner: str = "user_id"):
        self.quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
        self.model, self.fields, self.etag, self.owner = model, tuple(fields), etag, owner
        self.table = self.quote(model._meta.db_table)
        self.columns = ", ".join(map(self.quote, self.fields))

    @cache  # noqa: B019  a resource lives as long as the process
    def get(self) -> Statement:
        """The user's own row with that id."""
        mine = {"id": Param("id"), self.owner: Param("user_id")}
        return self.read(self.model._default_manager.filter(**mine))

    def read(self, queryset: QuerySet[Any]) -> Statement:
        """Every row of the queryset as (JSON, ETag), the keys in the order of `fields`."""
        sql, params = compile_sql(queryset.values(*self.fields))
        return statement(f"SELECT row_to_json(o)::text, {self.etag} FROM ({sql}) o", params)

    def page(self, queryset: QuerySet[Any]) -> Statement:
        """The first rows of the queryset, as many as the value `limit` says, as JSON alone."""
        sql, params = compile_sql(queryset.values(*self.fields))
        return statement(f"SELECT row_to_json(o)::text FROM ({sql} LIMIT %s) o", [*params, Param("limit")])

    @cache  # noqa: B019
    def insert(self, names: tuple[str, ...]) -> Statement:
        """A new row of these columns. Raises UniqueViolation and the like."""
        return statement(
            f"WITH o AS ({self._insert(names)} RETURNING {self.columns}) SELECT {self._object}, {self.etag} FROM o",
            map(Param, names),
        )

    @cache  # noqa: B019
    def replace(self, names: tuple[str, ...]) -> Statement:
        """A new row, or these columns of the user's own row with that id; the third value says whether it is new.

        No row comes back when the id is another user's.
        """
        changes = ", ".join(
            f"{self.quote(name)} = EXCLUDED.{self.quote(name)}" for name in names if name not in ("id", "user_id")
        )
        return statement(
            # xmax is 0 on a row that this statement inserted, and its own transaction's id on one that it locked
            f"WITH o AS ({self._insert(names)} ON CONFLICT (id) DO UPDATE SET {changes} "
            f"WHERE {self.table}.{self.owner} = EXCLUDED.{self.owner} RETURNING {self.columns}, xmax = 0 AS created) "
            f"SELECT {self._object}, {self.etag}, created FROM o",
            map(Param, names),
        )

    @cache  # noqa: B019
    def update(self, names: tuple[str, ...], *, if_match: bool) -> Statement:
        """Change columns of one row. No row comes back when there is none; with `if_match`, a row of nulls when its
        ETag is not among the value `etags`.
        """
        changes = ", ".join(f"{self.quote(name)} = %s" for name in names) or "id = id"  # nothing to change: as it is
        return self._guarded(f"UPDATE {self.table} SET {changes}", map(Param, names), if_match=if_match)

    @cache  # noqa: B019
    def delete(self, *, if_match: bool) -> Statement:
        """Delete one row; what comes back is like `update`'s."""
        return self._guarded(f"DELETE FROM {self.table}", (), if_match=if_match)

    @property
    def _object(self) -> str:
        """The JSON of a row `o` that may have more columns than `fields`."""
        columns = ", ".join(f"o.{self.quote(name)}" for name in self.fields)
        return f"(SELECT row_to_json(j) FROM (SELECT {columns}) j)::text"

    def _insert(self, names: Sequence[str]) -> str:
        columns = ", ".join(map(self.quote, names))
        return f"INSERT INTO {self.table} ({columns}) VALUES ({', '.join(['%s'] * len(names))})"

    def _guarded(self, change: str, params: Iterable[Any], *, if_match: bool) -> Statement:
        mine, owner = f"id = %s AND {self.owner} = %s", (Param("id"), Param("user_id"))
        if not if_match:
            return statement(
                f"WITH o AS ({change} WHERE {mine} RETURNING {self.columns}) SELECT {self._object}, {self.etag} FROM o",
                [*params, *owner],
            )
        return statement(
            f"WITH o AS ({change} WHERE {mine} AND {self.etag} = ANY(%s::bigint[]) RETURNING {self.columns}) "
            f"SELECT CASE WHEN o.id IS NOT NULL THEN {self._object} END, {self.etag} "
            f"FROM (SELECT 1 FROM {self.table} WHERE {mine}) existing LEFT JOIN o ON true",
            [*params, *owner, Param("etags"), *owner],
        )
