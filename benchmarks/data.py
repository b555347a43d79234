"""The rows that are measured, in a database of its own that each run makes anew."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
from django.core.management import call_command
from django.db import connection
from psycopg import sql

DATABASE, EMAIL = "bench", "bench@example.com"
TODOS, OTHER_USERS, TODOS_OF_OTHERS = 200, 50, 100

# Times lie in the past, a second apart, so that what a load creates is newer and can be told from it.
FILL_TODOS = """
INSERT INTO todos_todo (id, user_id, title, description, is_completed, completed_at, priority, due_date, created_at,
                        updated_at)
SELECT gen_random_uuid(), owner.id, 'To-do ' || n, CASE WHEN n %% 2 = 0 THEN 'A few words about to-do ' || n END,
       n %% 3 = 0, CASE WHEN n %% 3 = 0 THEN moment END, n %% 4 + 1,
       CASE WHEN n %% 5 = 0 THEN moment + interval '30 days' END, moment, moment
FROM unnest(%(owners)s::uuid[]) AS owner(id), generate_series(%(first)s, %(last)s) AS n,
     LATERAL (SELECT timestamptz '2025-01-01' + n * interval '1 second' AS moment) AS moments
"""
FILL_USERS = """
INSERT INTO accounts_user (id, email, password, display_name, is_superuser)
SELECT gen_random_uuid(), 'user' || n || '@example.com', '!', 'User ' || n, false
FROM generate_series(%(first)s, %(last)s) AS n RETURNING id
"""
TRIM = """
DELETE FROM todos_todo
WHERE created_at > '2026-01-01' AND user_id = (SELECT id FROM accounts_user WHERE email = %(email)s)
"""


@dataclass(frozen=True)
class Data:
    user_id: UUID
    api_token: str
    jwt_secret: str

    def tokens(self) -> dict[str, str]:
        """What each kind of contender wants to see."""
        import jwt  # of requirements-bench.txt, which the tests of what surrounds this do without

        claims = {"sub": str(self.user_id)}
        return {"token": self.api_token, "jwt": jwt.encode(claims, self.jwt_secret, algorithm="HS256")}


def drop_database(url: str) -> None:
    """Begin anew. `url` leads to another database on the same server."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))


def load() -> Data:
    """Migrate, then write the user that is measured, an API token, the to-dos and some other users."""
    from accounts.models import ApiToken, User

    call_command("migrate", verbosity=0)
    user = User.objects.create_user(EMAIL)
    _, api_token = ApiToken.objects.issue(user, "benchmark")
    grow(user.id, 1, TODOS)
    add_users(1, OTHER_USERS, todos=TODOS_OF_OTHERS)
    tidy()
    return Data(user.id, api_token, secrets.token_urlsafe(32))


def grow(user_id: UUID, first: int, last: int) -> None:
    """Give the user the to-dos with these numbers."""
    _execute(FILL_TODOS, {"owners": [user_id], "first": first, "last": last})


def add_users(first: int, last: int, *, todos: int) -> None:
    """Add users with these numbers, each with that many to-dos."""
    owners = [row[0] for row in _execute(FILL_USERS, {"first": first, "last": last})]
    _execute(FILL_TODOS, {"owners": owners, "first": 1, "last": todos})


def todo_ids(user_id: UUID, count: int = TODOS) -> tuple[str, ...]:
    """Some of the user's to-dos, spread over all of them."""
    statement = "SELECT id::text FROM todos_todo WHERE user_id = %(user)s ORDER BY id LIMIT %(count)s"
    return tuple(row[0] for row in _execute(statement, {"user": user_id, "count": count}))


def foreign_todo_id(user_id: UUID) -> str:
    """A to-do that the user must not see."""
    return str(_execute("SELECT id FROM todos_todo WHERE user_id <> %(user)s LIMIT 1", {"user": user_id})[0][0])


def trim() -> None:
    """Take away what a load has created, and the dead versions of the rows: every load meets the same table."""
    _execute(TRIM, {"email": EMAIL})
    _execute("VACUUM todos_todo")


def tidy() -> None:
    """Fresh statistics and nothing left to write, so that no load pays for the rows before it."""
    for statement in ("VACUUM ANALYZE", "CHECKPOINT"):
        _execute(statement)


def backend_pid() -> int:
    return int(_execute("SELECT pg_backend_pid()")[0][0])


def server_version() -> str:
    return str(_execute("SHOW server_version")[0][0])


def _execute(statement: str, values: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []
