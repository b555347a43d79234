"""The names of the statements that one connection has prepared."""

from __future__ import annotations

import hashlib
import logging

logger = logging.getLogger(__name__)


class Plans:
    """A name comes from the statement's text: a pooler lends a different server connection each time, where another
    client of ours may already have used the name. It must not stand for a different statement.
    """

    def __init__(self, *, enabled: bool):
        self.enabled = enabled
        self._names: dict[bytes, bytes] = {}
        self._generation = 0

    def name(self, sql: bytes) -> bytes | None:
        """The name under which it is prepared, if it is."""
        return self._names.get(sql)

    def add(self, sql: bytes) -> bytes:
        """A name to prepare it under."""
        digest = hashlib.blake2b(sql, digest_size=16).hexdigest()
        name = self._names[sql] = f"s{self._generation or ''}_{digest}".encode()
        return name

    def failed(self, sql: bytes) -> None:
        """It could not be prepared. Another name next time: a pooler may keep this one although it was of no use."""
        self._names.pop(sql, None)
        self._generation += 1

    def renew(self) -> None:
        """Prepare everything anew, under other names."""
        self._names.clear()
        self._generation += 1

    def forgotten(self, sql: bytes) -> None:
        """The server says that it does not know it, or knows it already, as behind a pooler without memory."""
        if sql in self._names and self.enabled:
            logger.warning("the server forgets prepared statements: set DATABASE_PREPARED_STATEMENTS=0 to stop trying")
            self.enabled = False
