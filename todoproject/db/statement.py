"""The ORM's query language, compiled once.

A QuerySet with named parameters, such as `Todo.objects.owned_by(Param("user_id"))`, becomes a `Statement`: SQL text
that is compiled at its first use and from then on only executed, one round trip each time.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import BooleanField, Expression, F
from django.db.models.sql import Query

from .job import Answer, Effect, Row
from .pool import pool


class Param(Expression):
    """A value that is passed by name when the statement runs."""

    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", [self]


class Condition(Expression):
    """A condition that the ORM has no lookup for. Each `{}` stands for the next operand."""

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
    """A parameter in PostgreSQL's text format. The server infers its type from its place in the statement."""
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
    if isinstance(value, (list, tuple)):
        return b"{" + b",".join(map(_element, value)) + b"}"
    raise TypeError(f"no text format for {type(value).__name__}")


def _element(value: Any) -> bytes:
    """A value within an array (https://www.postgresql.org/docs/current/arrays.html#ARRAYS-IO)."""
    if isinstance(value, (list, tuple)):
        raise TypeError("no text format for an array of arrays")
    text = encode(value)
    return b"NULL" if text is None else b'"%b"' % text.replace(b"\\", rb"\\").replace(b'"', rb"\"")


@dataclass(frozen=True, slots=True)
class Statement:
    sql: bytes
    arguments: tuple[str, ...]  # the parameters' names, in the order of $1, $2, …
    # A prepared statement soon has one plan for all values. Off where the best plan depends on a value.
    prepare: bool = True
    effect: Effect = Effect.ONCE  # whether it may be sent again when the connection breaks
    dear: bool = False  # it may take long, and is not to be in the way of the others

    async def answer(self, values: Mapping[str, Any]) -> Answer:
        """Run it with these values, of which `user_id` says who asks.

        Raises psycopg.Error, and KeyError for a missing value.
        """
        return await pool.transaction(
            [(self.sql, [encode(values[name]) for name in self.arguments])],
            effect=self.effect,
            key=values.get("user_id"),
            dear=self.dear,
            prepare=self.prepare,
        )

    async def rows(self, values: Mapping[str, Any]) -> list[Row]:
        return (await self.answer(values)).results[0]

    async def row(self, values: Mapping[str, Any]) -> Row | None:
        return (await self.answer(values)).row


def compile_query(query: Query) -> tuple[str, list[Any]]:
    """SQL with `%s` for each of the returned parameters: `Param`s, and literals from the query itself."""
    sql, params = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
    return sql, list(params)


def compile_where(query: Query) -> tuple[str, list[Any]]:
    """The condition of a query on one table, without the rest of it."""
    compiler = query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.pre_sql_setup()
    sql, params = compiler.compile(query.where)
    return sql, list(params)


def statement(sql: str, params: Iterable[Any], *, effect: Effect | None = None) -> Statement:
    """Number the parameters: a name used twice is one `$n`, a literal becomes part of the text.

    What happens when it is executed twice is taken from the text if it is not given: a SELECT only reads.
    """
    if effect is None:
        effect = Effect.SAFE if sql.startswith("SELECT") else Effect.ONCE
    names: dict[str, str] = {}
    places = [
        names.setdefault(param.name, f"${len(names) + 1}") if isinstance(param, Param) else _literal(param)
        for param in params
    ]
    return Statement((sql % tuple(places)).encode(), tuple(names), effect=effect)


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise TypeError("only booleans and whole numbers are literals in a statement; anything else is a Param")
