"""What several operations refuse, and how a foreign object has to answer."""

from __future__ import annotations

from typing import Any

import httpx

TODOS = "/api/v1/todos"
CATEGORIES = "/api/v1/categories"

# (field, value, pointer of the problem) for a body that is otherwise right
INVALID_IN_TODO: list[tuple[str, Any, str]] = [
    ("title", "", "/title"),
    ("title", " \n\t", "/title"),
    ("title", "x" * 201, "/title"),
    ("title", "a\0b", "/title"),
    ("title", None, "/title"),
    ("title", 7, "/title"),
    ("title", ["x"], "/title"),
    ("description", "x" * 10_001, "/description"),
    ("description", "a\0b", "/description"),
    ("description", {}, "/description"),
    ("priority", 0, "/priority"),
    ("priority", 5, "/priority"),
    ("priority", 10**30, "/priority"),
    ("priority", "1", "/priority"),
    ("priority", 1.5, "/priority"),
    ("priority", True, "/priority"),
    ("priority", None, "/priority"),
    ("due_date", "tomorrow", "/due_date"),
    ("due_date", "2026-12-24", "/due_date"),
    ("due_date", "2026-12-24T18:00:00", "/due_date"),
    ("due_date", "2026-13-24T18:00:00Z", "/due_date"),
    ("due_date", "0001-01-01T00:00:00+05:00", "/due_date"),
    ("due_date", "9999-12-31T23:00:00-05:00", "/due_date"),
    ("due_date", 1_800_000_000, "/due_date"),
    ("category_id", "home", "/category_id"),
    ("category_id", 1, "/category_id"),
    ("is_completed", "yes", "/is_completed"),
    ("is_completed", 1, "/is_completed"),
    ("is_completed", None, "/is_completed"),
    ("completed_at", "2026-12-24T18:00:00Z", "/completed_at"),
    ("version", 7, "/version"),
    ("user_id", "0198c0de-0000-7000-8000-000000000000", "/user_id"),
    ("a/b~c", 1, "/a~1b~0c"),
]

INVALID_IN_CATEGORY: list[tuple[str, Any, str]] = [
    ("name", "", "/name"),
    ("name", " \n", "/name"),
    ("name", "x" * 51, "/name"),
    ("name", "a\0b", "/name"),
    ("name", None, "/name"),
    ("name", 7, "/name"),
    ("color", "red", "/color"),
    ("color", "#12345", "/color"),
    ("color", "#12345G", "/color"),
    ("color", "#123456\n", "/color"),
    ("color", None, "/color"),
    ("icon", "x" * 51, "/icon"),
    ("icon", "a\0b", "/icon"),
    ("icon", 7, "/icon"),
    ("updated_at", "2026-12-24T18:00:00Z", "/updated_at"),
    ("colour", "#000000", "/colour"),
]


def without_request_id(response: httpx.Response) -> dict[str, Any]:
    body: dict[str, Any] = response.json()
    del body["request_id"]
    return body


def assert_answers_as_missing(foreign: httpx.Response, missing: httpx.Response, noun: str) -> None:
    """That another user's object and one that does not exist cannot be told apart."""
    assert foreign.status_code == missing.status_code == 404, (foreign.text, missing.text)
    body = {"type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found"}
    assert without_request_id(foreign) == body | {"detail": f"There is no such {noun}."}
    assert without_request_id(missing) == without_request_id(foreign)
    assert missing.headers.keys() == foreign.headers.keys()
