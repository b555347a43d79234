"""What went wrong with the database, in one word that is safe to show to anybody.

libpq gives no SQLSTATE for a failure to connect, so the text has to be read. Neon's texts are in the source of its
proxy (github.com/neondatabase/neon, proxy/src/auth and proxy/src/proxy). The texts contain host and user names, so at
most the operator's log may have them.
"""

from __future__ import annotations

import asyncio
import random
import re
from typing import Literal

import psycopg
from psycopg import errors, pq
from psycopg.pq.abc import PGresult

Reason = Literal[
    "timeout", "refused", "dns", "tls", "auth", "too_many_connections", "quota", "unavailable", "migrations"
]

TEXTS: tuple[tuple[Reason, tuple[str, ...]], ...] = (
    ("quota", ("quota",)),
    (
        "too_many_connections",
        (
            "too many connections",
            "too many clients",
            "connection slots are reserved",
            "no more connections allowed",
            "active endpoints limit",
            "concurrently active endpoints",
            "failed to acquire permit",
        ),
    ),
    (
        "auth",
        (
            "authentication failed",
            "no password supplied",
            "role",
            "pg_hba",
            "endpoint id is not specified",
            "project name inferred from sni",
            "is not allowed",
            "blocked network",
        ),
    ),
    (
        "unavailable",
        ("unexpected eof", "closed unexpectedly", "connection reset"),
    ),  # a broken connection, with TLS or not
    ("tls", ("ssl", "certificate", "connection is insecure", "tls", "channel binding")),
    (
        "dns",
        (
            "failed to resolve",
            "name or service not known",
            "could not translate host name",
            "nodename nor servname",
        ),
    ),
    ("timeout", ("timeout", "timed out")),
    ("refused", ("refused", "no such file or directory")),
)


def reason(error: BaseException) -> Reason:
    """The word for an error while connecting or during a statement; `unavailable` if no other fits."""
    if isinstance(error, (TimeoutError, asyncio.CancelledError, psycopg.errors.ConnectionTimeout)):
        return "timeout"
    sqlstate = getattr(error, "sqlstate", None) or ""
    if sqlstate[:2] == "28":
        return "auth"
    if sqlstate == "53300":
        return "too_many_connections"
    if sqlstate == "57014" or "query_wait_timeout" in str(error):
        return "timeout"
    text = re.sub(r"\"[^\"]*\"|'[^'\s]*'", "", str(error).lower())  # without the names of hosts, users and files
    for word, parts in TEXTS:
        if any(part in text for part in parts):
            return word
    return "unavailable"


def retry_after(error: BaseException) -> int:
    """Seconds after which trying again makes sense; not the same for all, or they would all come back together."""
    return wait(reason(error))


def wait(word: Reason) -> int:
    return 3600 if word == "quota" else random.randint(1, 3)


def as_error(result: PGresult) -> psycopg.Error:
    """The psycopg error for what the server says."""
    sqlstate = (result.error_field(pq.DiagnosticField.SQLSTATE) or b"").decode()
    try:
        kind = errors.lookup(sqlstate)
    except KeyError:
        # Most codes have a class of their own; the others are told apart by their first two characters. An error
        # without a code is libpq's: the connection does not work.
        kind = psycopg.OperationalError if sqlstate[:2] in ("", "08", "53", "57", "58") else psycopg.DatabaseError
    return kind(result.get_error_message(), info=result)
