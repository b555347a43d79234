"""The ceiling of this server and this driver: one function, psycopg's pool, and PostgreSQL writing the JSON.

No framework, no validation, no error documents; the credential is looked up in a dictionary.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, LiteralString
from urllib.parse import parse_qsl
from uuid import UUID

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from todoproject.db.uuid7 import uuid7

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Answer = tuple[int, bytes]

POOL_SIZE = int(os.environ["DATABASE_POOL_MAX"])
USERS = {f"Bearer {os.environ['BENCH_API_TOKEN']}".encode(): UUID(os.environ["BENCH_USER_ID"])}

COLUMNS: LiteralString = """id, title, description, is_completed, completed_at, priority, due_date, category_id,
    version, created_at, updated_at"""
LIST: LiteralString = f"""
    SELECT row_to_json(todo)::text
    FROM (SELECT {COLUMNS} FROM todos_todo WHERE user_id = %(user)s
          ORDER BY created_at DESC, id DESC LIMIT %(limit)s) AS todo"""
LIST_AFTER: LiteralString = f"""
    SELECT row_to_json(todo)::text
    FROM (SELECT {COLUMNS} FROM todos_todo WHERE user_id = %(user)s AND (created_at, id) < (%(created_at)s, %(id)s)
          ORDER BY created_at DESC, id DESC LIMIT %(limit)s) AS todo"""
GET: LiteralString = f"""
    SELECT row_to_json(todo)::text
    FROM (SELECT {COLUMNS} FROM todos_todo WHERE id = %(id)s AND user_id = %(user)s) AS todo"""
CREATE: LiteralString = f"""
    WITH todo AS (
        INSERT INTO todos_todo (id, user_id, title, description, priority)
        VALUES (%(id)s, %(user)s, %(title)s, %(description)s, %(priority)s) RETURNING {COLUMNS}
    ) SELECT row_to_json(todo)::text FROM todo"""
PATCH: LiteralString = f"""
    WITH todo AS (
        UPDATE todos_todo SET title = %(title)s WHERE id = %(id)s AND user_id = %(user)s RETURNING {COLUMNS}
    ) SELECT row_to_json(todo)::text FROM todo"""
NOT_FOUND: Answer = (404, b'{"detail":"Not found"}')

pool: AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]] = AsyncConnectionPool(
    os.environ["DATABASE_URL"],
    kwargs={"autocommit": True, "prepare_threshold": 0},
    min_size=POOL_SIZE,
    max_size=POOL_SIZE,
    open=False,
)


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        return await lifespan(receive, send)
    status, body = await answer(scope, receive)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Receive, send: Send) -> None:
    await receive()
    await pool.open(wait=True)
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def answer(scope: Scope, receive: Receive) -> Answer:
    if scope["path"] == "/livez":
        return 200, b'{"status":"healthy"}'
    user = USERS.get(next((value for name, value in scope["headers"] if name == b"authorization"), b""))
    if user is None:
        return 401, b'{"detail":"Unauthorized"}'
    method, todo_id = scope["method"], scope["path"].removeprefix("/api/v1/todos").lstrip("/")
    if not todo_id:
        if method == "GET":
            return await list_todos(user, dict(parse_qsl(scope["query_string"].decode())))
        values = {"id": uuid7(), "user": user, "description": None, "priority": 2} | await read_json(receive)
        return await one(CREATE, values, 201)
    values = {"id": UUID(todo_id), "user": user}
    if method == "GET":
        return await one(GET, values, 200)
    return await one(PATCH, values | await read_json(receive), 200)


async def read_json(receive: Receive) -> dict[str, Any]:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    values: dict[str, Any] = json.loads(body)
    return values


async def one(statement: LiteralString, values: dict[str, Any], status: int) -> Answer:
    async with pool.connection() as connection:
        row = await (await connection.execute(statement, values)).fetchone()
    return (status, row[0].encode()) if row else NOT_FOUND


async def list_todos(user: UUID, query: dict[str, str]) -> Answer:
    limit = int(query.get("limit", 50))
    values: dict[str, Any] = {"user": user, "limit": limit + 1}
    if "cursor" in query:
        values["created_at"], values["id"] = json.loads(base64.urlsafe_b64decode(query["cursor"]))
    async with pool.connection() as connection:
        rows = await (await connection.execute(LIST_AFTER if "cursor" in query else LIST, values)).fetchall()
    cursor = b"null"
    if len(rows) > limit:
        last = json.loads(rows[limit - 1][0])
        cursor = b'"%b"' % base64.urlsafe_b64encode(json.dumps([last["created_at"], last["id"]]).encode())
    items = ",".join([row[0] for row in rows[:limit]])
    return 200, b'{"items":[%b],"next_cursor":%b}' % (items.encode(), cursor)
