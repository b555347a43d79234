"""Of each failure the one word that everybody may see."""

from __future__ import annotations

import asyncio

import psycopg
import pytest
from psycopg import errors

from todoproject.db.failures import Reason, reason
from todoproject.db.job import Overloaded

AT = 'connection failed: connection to server at "203.0.113.1", port 5432 failed: '


@pytest.mark.parametrize(
    ("text", "word"),
    [
        # Neon's proxy
        ("password authentication failed for user 'ann'", "auth"),
        ("Endpoint ID is not specified. Either please upgrade the postgres client library (libpq)", "auth"),
        ('Inconsistent project name inferred from SNI ("ep-a") and project option ("ep-b").', "auth"),
        ("This IP address 203.0.113.7 is not allowed to connect to this endpoint.", "auth"),
        ("connection is insecure (try using `sslmode=require`)", "tls"),
        ("Control plane request failed", "unavailable"),
        ("The requested endpoint could not be found, or you don't have access to it.", "unavailable"),
        ("The endpoint has been disabled. Enable it using Neon API and retry.", "unavailable"),
        ("Your account or project has exceeded the compute time quota.", "quota"),
        ("exceeded the data transfer quota", "quota"),
        ("endpoint is temporarily unavailable. Check your quotas and/or contact our support.", "quota"),
        ("Couldn't connect to compute node", "unavailable"),
        ("Too many connections to this endpoint", "too_many_connections"),
        ("Failed to acquire permit to connect to the database. Too many attempts", "too_many_connections"),
        ("You've reached the limit of concurrently active endpoints.", "too_many_connections"),
        ("Authentication timed out", "timeout"),
        # its pooler
        ("no more connections allowed (max_client_conn)", "too_many_connections"),
        ("query_wait_timeout", "timeout"),
        ("unsupported startup parameter in options: search_path", "unavailable"),
        # PostgreSQL
        (AT + "FATAL:  sorry, too many clients already", "too_many_connections"),
        (AT + "FATAL:  remaining connection slots are reserved for roles with SUPERUSER", "too_many_connections"),
        (AT + 'FATAL:  role "ann" does not exist', "auth"),
        (AT + 'FATAL:  password authentication failed for user "ann"', "auth"),
        (AT + 'FATAL:  no pg_hba.conf entry for host "203.0.113.7", user "ann", no encryption', "auth"),
        (AT + 'FATAL:  database "todo" does not exist', "unavailable"),
        (AT + "FATAL:  the database system is starting up", "unavailable"),
        # libpq and psycopg
        (AT + "Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?", "refused"),
        ('connection to server on socket "/run/.s.PGSQL.5432" failed: No such file or directory', "refused"),
        (AT + "fe_sendauth: no password supplied", "auth"),
        (AT + "server does not support SSL, but SSL was required", "tls"),
        (AT + "SSL error: certificate verify failed", "tls"),
        (AT + 'server certificate for "a.example.com" does not match host name "b.example.com"', "tls"),
        ('root certificate file "/nowhere.pem" does not exist', "tls"),
        (AT + "channel binding required, but SSL not in use", "tls"),
        (AT + "timeout expired", "timeout"),
        (AT + "Network is unreachable", "unavailable"),
        ("failed to resolve host 'db.example.com': [Errno -2] Name or service not known", "dns"),
        ("failed to resolve host 'db.example.com': [Errno -3] Temporary failure in name resolution", "dns"),
        # a broken connection is nothing about TLS
        ("consuming input failed: SSL connection has been closed unexpectedly", "unavailable"),
        ("consuming input failed: SSL error: unexpected eof while reading", "unavailable"),
        ("consuming input failed: SSL SYSCALL error: Connection reset by peer", "unavailable"),
        ("server closed the connection unexpectedly", "unavailable"),
        # names prove nothing
        ('connection to server at "ssl-role.example.com", port 5432 failed: Connection refused', "refused"),
        ("failed to resolve host 'tls-timeout.example.com': [Errno -2] Name or service not known", "dns"),
        ('FATAL:  database "ssl" does not exist', "unavailable"),
    ],
)
def test_the_word_for_a_text(text: str, word: Reason) -> None:
    assert reason(psycopg.OperationalError(text)) == word


@pytest.mark.parametrize(
    ("error", "word"),
    [
        (TimeoutError(), "timeout"),
        (asyncio.CancelledError(), "timeout"),
        (errors.ConnectionTimeout("connection timeout expired"), "timeout"),
        (errors.QueryCanceled("canceling statement due to statement timeout"), "timeout"),
        (Overloaded("timeout: no database connection came free in time"), "timeout"),
        (errors.InvalidPassword("x"), "auth"),
        (errors.InvalidAuthorizationSpecification("x"), "auth"),
        (errors.TooManyConnections("x"), "too_many_connections"),
        (errors.AdminShutdown("terminating connection due to administrator command"), "unavailable"),
        (ConnectionRefusedError(111, "Connection refused"), "refused"),
        (OSError("something else"), "unavailable"),
    ],
)
def test_the_word_for_an_error(error: BaseException, word: Reason) -> None:
    assert reason(error) == word
