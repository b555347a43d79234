"""The ORM's query language, compiled once; PostgreSQL's JSON, as it comes.

A `Resource` is a model seen through the fields of its response schema. From a QuerySet with named parameters
(`Todo.objects.owned_by(Param("user_id"))`) it makes a `Statement`: SQL text that is compiled at first use and from then
on only executed, one round trip each, and whose rows are (JSON text, ETag).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import BooleanField, Expression, F, Model, QuerySet

from .connection import Row
from .pool import pool


class Param(Expression):
    """A value that is given by name when the statement runs."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Condition(Expression):
    """A condition the ORM has no lookup for; `{}` stands for each operand in turn."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, template: str, *operands: F | Expression):
        super().__init__()
        self.template, self.operands = template, operands

    def get_source_expressions(self) -> list[Any]:
        return list(self.operands)

    def set_source_expressions(self, exprs: Sequence[Any]) -> None:
        self.operands = tuple(exprs)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        parts, params = [], []
        for operand in self.operands:
            sql, its = compiler.compile(operand)
            parts.append(sql)
            params += its
        return self.template.format(*parts), params


def equals_any(field: str, param: str) -> Condition:
    """`field` is one of a list of UUIDs."""
    return Condition("{} = ANY({}::uuid[])", F(field), Param(param))


def encode(value: Any) -> bytes | None:
    """A parameter in PostgreSQL's text format; the server knows its type from where it stands in the statement."""
    if value is None:
        return None
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bool):
        return b"t" if value else b"f"
    if isinstance(value, (UUID, int)):
        return str(value).encode()
    if isinstance(value, (datetime, date)):
        return value.isoformat().encode()
    if isinstance(value, bytes):
        return b"\\x" + value.hex().encode()
    if isinstance(value, (list, tuple)):  # of UUIDs and numbers, which need no quoting
        return b"{" + b",".join(str(item).encode() for item in value) + b"}"
    raise TypeError(f"no text format for {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class Statement:
    sql: bytes
    arguments: tuple[str, ...]  # the parameters' names, in the order of $1, $2, …
    # A prepared statement soon gets one plan for all values. Off where the best plan hangs on a value.
    prepare: bool = True

    async def rows(self, values: Mapping[str, Any]) -> list[Row]:
        """Run it with these values. Raises psycopg.Error; KeyError for a value that is missing."""
        return await pool.fetch(self.sql, [encode(values[name]) for name in self.arguments], prepare=self.prepare)

    async def row(self, values: Mapping[str, Any]) -> Row | None:
        rows = await self.rows(values)
        return rows[0] if rows else None


def compile_sql(queryset: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    """SQL with `%s` for each of the returned parameters: `Param`s, and literals from the QuerySet itself."""
    sql, params = queryset.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return sql, list(params)


def statement(sql: str, params: Iterable[Any]) -> Statement:
    """Number the parameters: a name used twice is one `$n`, a literal becomes part of the text."""
    names: dict[str, str] = {}
    places = [
        names.setdefault(param.name, f"${len(names) + 1}") if isinstance(param, Param) else _literal(param)
        for param in params
    ]
    return Statement((sql % tuple(places)).encode(), tuple(names))


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise TypeError("only booleans and whole numbers are literals in a statement; anything else is a Param")


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
