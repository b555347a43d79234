"""A request's statements on their way to the database and back; docs/architecture.md draws the states they go through.

A job is one implicit transaction: the Sync behind its last statement commits all of them, and an error undoes them all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Hashable, Sequence
from enum import Enum
from typing import NamedTuple

import psycopg
from psycopg.pq.abc import PGresult

Row = tuple[bytes | None, ...]
Step = tuple[bytes, Sequence[bytes | None]]  # SQL with $1 … $n, and their values as text


class Effect(Enum):
    """What happens when a statement is executed twice. The words are those of HTTP (RFC 9110, 9.2)."""

    SAFE = "it only reads"
    IDEMPOTENT = "the same as when it is executed once"
    ONCE = "something else"


class Refused(psycopg.OperationalError):
    """No answer for this request.

    `unknown`: it may have been executed. Otherwise it was certainly not, and never will be, or it only reads.
    """

    def __init__(self, message: str, *, unknown: bool = False, info: PGresult | None = None):
        super().__init__(message, info=info)
        self.unknown = unknown


class Overloaded(Refused):
    """The database works, but has no time for this request."""


class Unavailable(Refused):
    """There is no connection to the database."""


class ConnectionLost(Refused):
    """The connection broke under the statement."""


class Answer(NamedTuple):
    """What the steps returned. `repeated`: an earlier attempt may have been executed, too."""

    results: list[list[Row]]
    repeated: bool = False

    @property
    def row(self) -> Row | None:
        """The first row of the first step."""
        rows = self.results[0]
        return rows[0] if rows else None


class Job:
    """What one request wants done, how far it is, and what becomes of it, which `future` tells."""

    __slots__ = (
        "answered", "deadline", "dear", "effect", "error", "expected", "failed_step", "future", "key", "losses",
        "maybe_executed", "prepare", "results", "sent", "size", "steps", "suspect", "unwanted",
    )  # fmt: skip

    def __init__(
        self,
        steps: Sequence[Step],
        *,
        effect: Effect = Effect.ONCE,
        key: Hashable = None,
        deadline: float = float("inf"),
        prepare: bool = True,
        dear: bool = False,
    ):
        """`key`: whose it is. `deadline`: on time.monotonic(). `dear`: it may take the database long."""
        self.future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self.steps, self.effect, self.key, self.deadline = steps, effect, key, deadline
        self.prepare, self.dear = prepare, dear
        self.size = sum(len(sql) + sum(len(value) for value in values if value) for sql, values in steps)
        self.losses = 0  # connections that broke under it
        self.maybe_executed = False  # by an attempt that was cut off, and not without effect
        self.unwanted = False  # nobody waits for it any more
        self.begin()

    def begin(self) -> None:
        """Start a new attempt, and forget what came of the last one."""
        self.expected: list[bytes | int] = []  # the answers to come: for a Parse its SQL, for a step its index
        self.answered = 0  # how many of them have come
        self.results: list[list[Row]] = []
        self.error: psycopg.Error | None = None
        self.failed_step: int | None = None
        self.sent = False  # its Sync has left this process, so it may be executed
        self.suspect = False  # it has taken so long that a cancel has to find out whether the server is still there

    @property
    def is_doomed(self) -> bool:
        """Whether it is to be cancelled on the server."""
        return self.unwanted or self.suspect

    @property
    def is_unknown(self) -> bool:
        """Whether nobody knows if it was executed, now that its connection is gone."""
        return self.maybe_executed or (self.sent and self.effect is not Effect.SAFE)

    def may_repeat(self) -> bool:
        """Whether it can be sent again, now that its connection is gone."""
        return not self.sent or self.effect is not Effect.ONCE

    def succeed(self) -> None:
        if not self.future.done():
            self.future.set_result(Answer(self.results, self.maybe_executed))

    def fail(self, error: BaseException) -> None:
        if not self.future.done():
            self.future.set_exception(error)
