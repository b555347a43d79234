"""What is asked of every contender, and what the contract promises about the answers' speed."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.wrk import Request

TODOS = "/api/v1/todos"
NEW_TODO = {"title": "Buy milk", "description": "Two litres, and oats", "priority": 3}


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    request: Callable[[tuple[str, ...]], Request]  # from the ids of some of the user's to-dos
    writes: bool = False


def paths_of(ids: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"{TODOS}/{todo_id}" for todo_id in ids)


WORKLOADS = {
    workload.name: workload
    for workload in (
        Workload("list50", "list 50 of 200", lambda ids: Request("GET", (f"{TODOS}?limit=50",))),
        Workload("get", "get", lambda ids: Request("GET", paths_of(ids))),
        Workload("create", "create", lambda ids: Request("POST", (TODOS,), json.dumps(NEW_TODO)), writes=True),
        Workload("patch", "patch", lambda ids: Request("PATCH", paths_of(ids), '{"title":"To-do {n}"}'), writes=True),
        Workload("livez", "liveness", lambda ids: Request("GET", ("/livez",))),
    )
}

# How many times the other's requests per second, at least: docs/performance.md.
TARGETS = {
    "fastapi": {"list50": 5.0, "get": 3.0, "create": 3.0, "patch": 4.0, "livez": 1.5},
    "stock": {"list50": 10.0, "get": 6.0, "create": 4.0, "patch": 6.0, "livez": 10.0},
    "bare": {"list50": 0.5, "get": 0.45, "create": 0.5, "patch": 0.5},
}
