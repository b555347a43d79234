"""The statements on objects that somebody owns: get, insert, replace, update, delete, and pages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import F, QuerySet
from django.db.models.sql import DeleteQuery, UpdateQuery

from .job import Effect
from .statement import Condition, Param, Statement, compile_query, compile_where, statement


class Resource:
    """A model as the API shows it to the owner of its rows.

    `mine` is the QuerySet of the rows that belong to the parameter `user_id`. Whatever is read, changed, deleted or
    counted is built from it, so it is said only once who owns what. `fields` are both columns and JSON keys; `etag` is
    SQL over the columns that gives a whole number.

    The statements return rows of (JSON, ETag, …) and take the values `id`, `user_id` and the columns they name.
    """

    def __init__(self, mine: QuerySet[Any], fields: Iterable[str], *, etag: str):
        self.mine, self.one = mine, mine.filter(id=Param("id"))
        self.fields, self.etag = tuple(fields), etag
        self.quote = connections[DEFAULT_DB_ALIAS].ops.quote_name
        self.table = self.quote(mine.model._meta.db_table)
        self.columns = ", ".join(map(self.quote, self.fields))

    @cache  # noqa: B019  a resource lives as long as the process
    def get(self) -> Statement:
        """The user's row with this id."""
        return self.read(self.one)

    def read(self, queryset: QuerySet[Any]) -> Statement:
        """Every row of the queryset as (JSON, ETag), the keys in the order of `fields`."""
        sql, params = compile_query(queryset.values(*self.fields).query)
        return statement(f"SELECT row_to_json(o)::text, {self.etag} FROM ({sql}) o", params)

    def page(self, queryset: QuerySet[Any]) -> Statement:
        """The first rows of the queryset, up to the value `limit`, as JSON without ETag."""
        sql, params = compile_query(queryset.values(*self.fields).query)
        return statement(f"SELECT row_to_json(o)::text FROM ({sql} LIMIT %s) o", [*params, Param("limit")])

    @cache  # noqa: B019
    def insert(self, names: tuple[str, ...]) -> Statement:
        """A new row with these columns. Raises UniqueViolation and the like."""
        return statement(
            f"WITH o AS ({self._insert(names)} RETURNING {self.columns}) SELECT {self._object}, {self.etag} FROM o",
            map(Param, names),
        )

    @cache  # noqa: B019
    def replace(self, names: tuple[str, ...]) -> Statement:
        """A new row, or new values for these columns of the user's row with this id; a third value says which.

        No row comes back if the id is another user's.
        """
        changes = ", ".join(
            f"{self.quote(name)} = EXCLUDED.{self.quote(name)}" for name in names if name not in ("id", "user_id")
        )
        is_mine, params = compile_where(self.mine.query)
        return statement(
            # xmax is 0 on a row that this statement inserted, and its own transaction's id on one that it locked
            f"WITH o AS ({self._insert(names)} ON CONFLICT (id) DO UPDATE SET {changes} WHERE {is_mine} "
            f"RETURNING {self.columns}, xmax = 0 AS created) SELECT {self._object}, {self.etag}, created FROM o",
            [*map(Param, names), *params],
            effect=Effect.IDEMPOTENT,
        )

    @cache  # noqa: B019
    def update(self, names: tuple[str, ...], *, if_match: bool, idempotent: bool = False) -> Statement:
        """Change these columns of one row. No row comes back if there is none.

        With `if_match`, a row of nulls comes back if the ETag is not among the value `etags`. It is repeated when the
        connection breaks with `if_match`, because it cannot apply twice, and where the caller finds it `idempotent`:
        nobody minds if it undoes what somebody else has changed between the two attempts.
        """
        values: dict[str, Param | F] = {name: Param(name) for name in names}
        query = cast(UpdateQuery, self._guarded(if_match).query.chain(UpdateQuery))
        query.add_update_values(values or {"id": F("id")})  # nothing to change: leave the row as it is
        effect = Effect.IDEMPOTENT if if_match or idempotent else Effect.ONCE
        return self._changed(*compile_query(query), if_match=if_match, effect=effect)

    @cache  # noqa: B019
    def delete(self, *, if_match: bool) -> Statement:
        """Delete one row. What comes back is as for `update`."""
        query = self._guarded(if_match).query.chain(DeleteQuery)
        return self._changed(*compile_query(query), if_match=if_match, effect=Effect.IDEMPOTENT)

    @property
    def _object(self) -> str:
        """The JSON of a row `o` that may have more columns than `fields`."""
        columns = ", ".join(f"o.{self.quote(name)}" for name in self.fields)
        return f"(SELECT row_to_json(j) FROM (SELECT {columns}) j)::text"

    def _insert(self, names: Sequence[str]) -> str:
        columns = ", ".join(map(self.quote, names))
        return f"INSERT INTO {self.table} ({columns}) VALUES ({', '.join(['%s'] * len(names))})"

    def _guarded(self, if_match: bool) -> QuerySet[Any]:
        if not if_match:
            return self.one
        return self.one.filter(Condition(f"{self.etag} = ANY({{}}::bigint[])", Param("etags")))

    def _changed(self, change: str, params: Sequence[Any], *, if_match: bool, effect: Effect) -> Statement:
        changed = f"WITH o AS ({change} RETURNING {self.columns})"
        if not if_match:
            return statement(f"{changed} SELECT {self._object}, {self.etag} FROM o", params, effect=effect)
        existing, existing_params = compile_query(self.one.values("id").query)
        return statement(
            f"{changed} SELECT CASE WHEN o.id IS NOT NULL THEN {self._object} END, {self.etag} "
            f"FROM ({existing}) existing LEFT JOIN o ON true",
            [*params, *existing_params],
            effect=effect,
        )
