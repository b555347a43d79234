"""One connection to PostgreSQL: send a prepared statement, get its rows back as bytes.

psycopg opens the connection (names, addresses, TLS, time-outs), and statements go straight to libpq through
`psycopg.pq`. What lies between the two, cursors and the adaptation of types, is not needed for statements whose
parameters are text and whose results are JSON; docs/decisions/0001-own-connections.md says what it would cost.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import select
from collections.abc import Callable, Sequence
from typing import Any

import psycopg
from psycopg import errors, pq
from psycopg.errors import Diagnostic
from psycopg.pq.abc import PGconn, PGresult

logger = logging.getLogger(__name__)

Row = tuple[bytes | None, ...]

# The tables have changed since the statement was prepared: "cached plan must not change result type".
STALE_PLAN = "0A000"


class ConnectionLost(psycopg.OperationalError):
    """The connection broke.

    `sent`: the statement may have reached the server. `timed_out`: it was this side that gave up.
    """

    def __init__(self, message: str, *, sent: bool, timed_out: bool = False, info: PGresult | None = None):
        super().__init__(message, info=info)
        self.sent, self.timed_out = sent, timed_out


class Connection:
    """An open connection in autocommit, with one statement at a time on it.

    Its socket is watched even while it is idle. When the server closes it, the connection reports that by calling
    `on_close`, so nobody is handed a dead connection and no check has to be sent.
    """

    def __init__(
        self,
        connection: psycopg.AsyncConnection[Any],
        *,
        prepare: bool,
        patience: float,
        on_close: Callable[[Connection], None],
    ):
        self._psycopg = connection  # keeps the libpq connection alive
        self._pg: PGconn = connection.pgconn
        self._pg.nonblocking = 1
        self._prepare = prepare
        self._patience = patience  # seconds to wait for each answer
        self._prepared: dict[bytes, bytes] = {}
        self._on_close = on_close
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[PGresult] | None = None
        self._result: PGresult | None = None
        self._socket = self._pg.socket
        self._poll = select.poll()
        self._poll.register(self._socket, select.POLLIN)
        self._farewell = ""
        connection.add_notice_handler(self._noticed)
        self.closed = False
        self._loop.add_reader(self._socket, self._readable)

    @classmethod
    async def open(
        cls, parameters: dict[str, Any], *, prepare: bool, patience: float, on_close: Callable[[Connection], None]
    ) -> Connection:
        """Connect. Raises psycopg.OperationalError, for which `failures.reason` has a word."""
        raw = await psycopg.AsyncConnection.connect(**parameters, autocommit=True)
        connection = cls(raw, prepare=prepare, patience=patience, on_close=on_close)
        try:
            # PostgreSQL writes timestamps in the session's time zone. PgBouncer keeps track of this setting.
            if raw.pgconn.parameter_status(b"TimeZone") != b"UTC":
                await connection.fetch(b"SET TIME ZONE 'UTC'", ())
        except BaseException:
            connection.close()
            raise
        return connection

    async def fetch(self, sql: bytes, parameters: Sequence[bytes | None], *, prepare: bool = True) -> list[Row]:
        """Run one statement (`$1` … `$n`) and return its rows, each value as PostgreSQL's text or None.

        Without `prepare`, the server parses it each time and plans it for these very values. Raises the psycopg error
        for the server's SQLSTATE, or ConnectionLost. If it is cancelled or runs out of time, the connection closes,
        because nobody waits for the server's answer any more.
        """
        if not (prepare and self._prepare):
            return self._rows(await self._run(self._pg.send_query_params, sql, parameters))
        try:
            name = self._prepared.get(sql)
            if name is None:
                # The name comes from the text: a pooler lends a different server connection each time, where another
                # client of ours may already have used the name. It must not stand for a different statement.
                name = b"s_" + hashlib.blake2b(sql, digest_size=16).hexdigest().encode()
                self._rows(await self._run(self._pg.send_prepare, name, sql))
                self._prepared[sql] = name
            return self._rows(await self._run(self._pg.send_query_prepared, name, parameters))
        except (
            errors.InvalidSqlStatementName,
            errors.DuplicatePreparedStatement,
        ):  # in both cases nothing was executed
            logger.warning("the server forgets prepared statements: set DATABASE_PREPARED_STATEMENTS=0 to stop trying")
            self._prepare = False
            return self._rows(await self._run(self._pg.send_query_params, sql, parameters))

    def is_alive(self) -> bool:
        """Whether an idle connection is open, as far as this side can tell without a round trip.

        If the server's farewell has arrived and the event loop has not yet come to it, the connection closes now.
        """
        while not self.closed and self._poll.poll(0):
            self._readable()
        return not self.closed

    async def _run(self, send: Callable[..., None], *arguments: Any) -> PGresult:
        try:
            send(*arguments)
            unsent = self._pg.flush()
        except psycopg.OperationalError as error:
            self.close()
            raise ConnectionLost(str(error), sent=False) from None
        if unsent:  # more than the socket takes at once, such as a long description
            self._loop.add_writer(self._socket, self._writable)
        waiter: asyncio.Future[PGresult] = self._loop.create_future()
        self._waiter = waiter
        timer = self._loop.call_later(self._patience, self._lost, "timeout: the server did not answer in time", True)
        try:
            return await waiter
        finally:
            timer.cancel()
            self._waiter = None
            if not waiter.done() or waiter.cancelled():
                self.close()

    def _readable(self) -> None:
        pg = self._pg
        try:
            pg.consume_input()
            while self._waiter is not None and not pg.is_busy():
                result = pg.get_result()
                if result is None:  # the end of this statement's answer
                    self._answer()
                    break
                self._result = result
        except psycopg.OperationalError as error:
            self._lost(str(error))
            return
        if pg.status == pq.ConnStatus.BAD:
            self._lost("the server closed the connection")
        elif self._waiter is None and not pg.is_busy():
            pg.get_result()  # reads what arrives while nothing is running: hardly more than a farewell
            if self._farewell or pg.status == pq.ConnStatus.BAD:
                self._lost(self._farewell or "the server closed the connection")

    def _noticed(self, diagnostic: Diagnostic) -> None:
        """While no statement is running, libpq takes even the server's last words for a mere notice."""
        if diagnostic.severity_nonlocalized in ("FATAL", "PANIC"):
            self._farewell = diagnostic.message_primary or "the server closed the connection"

    def _writable(self) -> None:
        try:
            if self._pg.flush():
                return
        except psycopg.OperationalError as error:
            self._lost(str(error))
            return
        self._loop.remove_writer(self._socket)

    def _answer(self) -> None:
        waiter, result, self._result = self._waiter, self._result, None
        self._waiter = None
        if waiter is not None and not waiter.done():
            if result is None:
                waiter.set_exception(ConnectionLost("the server gave no answer", sent=True))
            else:
                waiter.set_result(result)

    def _lost(self, message: str, timed_out: bool = False) -> None:
        waiter, self._waiter = self._waiter, None
        last, self._result = self._result, None  # the reason, if the server gave one before it hung up
        self.close()
        if waiter is not None and not waiter.done():
            if last is not None and last.status == pq.ExecStatus.FATAL_ERROR:
                message = last.get_error_message()
            waiter.set_exception(ConnectionLost(message, sent=True, timed_out=timed_out, info=last))

    def _rows(self, result: PGresult) -> list[Row]:
        if result.status == pq.ExecStatus.TUPLES_OK:
            get, columns = result.get_value, range(result.nfields)
            return [tuple([get(row, column) for column in columns]) for row in range(result.ntuples)]
        if result.status == pq.ExecStatus.COMMAND_OK:
            return []
        sqlstate = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
        if sqlstate == STALE_PLAN or self._pg.status == pq.ConnStatus.BAD:
            self.close()
        raise _error_class(sqlstate)(result.get_error_message(), info=result)

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return bool(self._pg.ssl_in_use)

    def close(self) -> None:
        if self.closed:
            return
        self.closed = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        self._pg.finish()
        self._on_close(self)


def _error_class(sqlstate: str) -> type[psycopg.Error]:
    try:
        return errors.lookup(sqlstate)
    except KeyError:
        # Most codes have a class of their own; the others are told apart by their first two characters. An error
        # without a code is libpq's: the connection does not work.
        return psycopg.OperationalError if sqlstate[:2] in ("", "08", "53", "57", "58") else psycopg.DatabaseError
