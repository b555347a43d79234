"""Before anything is measured: do the contenders answer the same requests with the same content?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx

from benchmarks import data
from benchmarks.contenders import Server
from benchmarks.workloads import NEW_TODO, TODOS

KEYS = (
    "id",
    "title",
    "description",
    "is_completed",
    "completed_at",
    "priority",
    "due_date",
    "category_id",
    "version",
    "created_at",
    "updated_at",
)
TIMES = ("completed_at", "due_date", "created_at", "updated_at")
NEW_EACH_TIME = ("id", "version", "created_at", "updated_at")


class Disagreement(Exception):
    """A contender answers something else than the others."""


def check(servers: Sequence[Server], todo_id: str, foreign_id: str) -> None:
    """Ask each contender everything that will be measured. Raises Disagreement."""
    expected: dict[str, Any] = {}
    for server in servers:
        answers = _answers(server, todo_id, foreign_id)
        data.trim()
        expected = expected or answers
        for question, answer in answers.items():
            if answer != expected[question]:
                raise Disagreement(
                    f"{server.contender.name} answers {question} with\n    {answer}\nand "
                    f"{servers[0].contender.name} with\n    {expected[question]}"
                )


def _answers(server: Server, todo_id: str, foreign_id: str) -> dict[str, Any]:
    with httpx.Client(base_url=server.url, timeout=30) as client:

        def ask(method: str, path: str, **arguments: Any) -> httpx.Response:
            response = client.request(method, path, **arguments)
            if not response.is_success:
                raise Disagreement(f"{server.contender.name} answers {method} {path} with {response} {response.text}")
            return response

        path, foreign_path = f"{TODOS}/{todo_id}", f"{TODOS}/{foreign_id}"
        everything = (("GET", TODOS), ("POST", TODOS), ("GET", path), ("PATCH", path))
        anonymous = [client.request(*request).status_code for request in everything]
        forged = {"Authorization": f"Bearer {server.token[:-4]}AAAA"}
        refused = [client.request(*request, headers=forged).status_code for request in everything]
        client.headers["Authorization"] = f"Bearer {server.token}"
        page = ask("GET", TODOS, params={"limit": 50}).json()
        second = ask("GET", TODOS, params={"limit": 50, "cursor": page["next_cursor"]}).json()
        new = ask("POST", TODOS, json=NEW_TODO)
        its_path = f"{TODOS}/{new.json()['id']}"
        changed = ask("PATCH", its_path, json={"title": "Changed"})
        return {
            "livez": ask("GET", "/livez").json(),
            "without a credential": anonymous,
            "with a forged credential": refused,
            "the first page": [todo(item) for item in page["items"]],
            "the second page": [todo(item) for item in second["items"]],
            "whether there is more": [page["next_cursor"] is not None, second["next_cursor"] is not None],
            "get": todo(ask("GET", path).json()),
            "get of another user's": client.get(foreign_path).status_code,
            "patch of another user's": client.patch(foreign_path, json={"title": "Changed"}).status_code,
            "create": (new.status_code, _without_new(new.json())),
            "patch": (changed.status_code, _without_new(changed.json())),
            "the versions": (new.json()["version"], changed.json()["version"]),
            "whether the patch shows": todo(ask("GET", its_path).json()) == todo(changed.json()),
        }


def todo(body: dict[str, Any]) -> dict[str, Any]:
    """The compared part of a to-do, its times independent of how they are written."""
    return {key: _moment(body[key]) if key in TIMES else body[key] for key in KEYS}


def _without_new(body: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in todo(body).items() if key not in NEW_EACH_TIME}


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)
