"""Each operation on objects is one statement and one round trip to the database, and no thread but the event loop's."""

from __future__ import annotations

import asyncio
import concurrent.futures
import re
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any
from uuid import UUID, uuid4

import asgiref.sync
import httpx
import pytest

from accounts.auth import TokenCache
from todoproject.db.statement import Statement, statement
from todoproject.db.tests.rig import Front, service, url
from todoproject.db.uuid7 import uuid7
from todoproject.tests.client import Person, document
from todoproject.tests.waiting import PATIENCE
from todos.models import Category, Todo

Call = tuple[str, str, Any]  # method, path, body
Operation = Callable[[str, str], Call]  # of the ids of a to-do and of a category


def new() -> UUID:
    return uuid7()


def named() -> dict[str, str]:
    return {"name": f"Home {uuid4().hex[:8]}"}


T, C = "/api/v1/todos", "/api/v1/categories"
OPERATIONS: dict[str, Operation] = {
    "list to-dos": lambda todo, category: ("GET", T, None),
    "list to-dos of a category": lambda todo, category: ("GET", f"{T}?completed=false&category_id={category}", None),
    "search to-dos": lambda todo, category: ("GET", f"{T}?q=x&completed=false&category_id={category}", None),
    "create a to-do": lambda todo, category: ("POST", T, {"title": "x", "category_id": category}),
    "get a to-do": lambda todo, category: ("GET", f"{T}/{todo}", None),
    "get a to-do that is not there": lambda todo, category: ("GET", f"{T}/{new()}", None),
    "put a new to-do": lambda todo, category: ("PUT", f"{T}/{new()}", {"title": "x"}),
    "put an old to-do": lambda todo, category: ("PUT", f"{T}/{todo}", {"title": "x", "category_id": category}),
    "patch a to-do": lambda todo, category: ("PATCH", f"{T}/{todo}", {"title": uuid4().hex}),
    "patch a to-do to another's category": lambda todo, category: ("PATCH", f"{T}/{todo}", {"category_id": str(new())}),
    "complete a to-do": lambda todo, category: ("POST", f"{T}/{todo}/complete", None),
    "reopen a to-do": lambda todo, category: ("POST", f"{T}/{todo}/reopen", None),
    "delete a to-do that is not there": lambda todo, category: ("DELETE", f"{T}/{new()}", None),
    "list categories": lambda todo, category: ("GET", C, None),
    "list categories with counts": lambda todo, category: ("GET", f"{C}?include_counts=true", None),
    "create a category": lambda todo, category: ("POST", C, named()),
    "get a category": lambda todo, category: ("GET", f"{C}/{category}", None),
    "get a category with counts": lambda todo, category: ("GET", f"{C}/{category}?include_counts=true", None),
    "put a new category": lambda todo, category: ("PUT", f"{C}/{new()}", named()),
    "put an old category": lambda todo, category: ("PUT", f"{C}/{category}", named()),
    "patch a category": lambda todo, category: ("PATCH", f"{C}/{category}", named()),
    "delete a category that is not there": lambda todo, category: ("DELETE", f"{C}/{new()}", None),
    "get me": lambda todo, category: ("GET", "/api/v1/me", None),
    "patch me": lambda todo, category: ("PATCH", "/api/v1/me", {"display_name": uuid4().hex}),
    "delete a to-do": lambda todo, category: ("DELETE", f"{T}/{todo}", None),
    "delete a category": lambda todo, category: ("DELETE", f"{C}/{category}", None),
}
# What is more than one statement, and why.
EXCEPTIONS: dict[str, tuple[int, int]] = {}


@pytest.fixture(scope="module")
def front(database: None) -> Iterator[Front]:
    with Front() as front:
        yield front


@pytest.fixture(scope="module")
def service_behind(front: Front) -> Iterator[str]:
    """A process of the service with one connection, which leads through `front`; its URL."""
    with service(DATABASE_URL=url(port=front.port), DATABASE_POOL_MIN="1", DATABASE_POOL_MAX="1") as (address, _):
        yield address


@pytest.fixture
def client(service_behind: str, alice: Person) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {alice.token}"}
    with httpx.Client(base_url=service_behind, headers=headers, timeout=PATIENCE) as client:
        yield client


def some_of(alice: Person) -> tuple[str, str]:
    """The ids of a new to-do and a new category."""
    todo = Todo.objects.create(user=alice.user, title="x")
    return str(todo.pk), str(Category.objects.create(user=alice.user, **named()).pk)


def measured(before: Mapping[str, int], front: Front) -> tuple[int, int]:
    """How many statements and round trips since then: Sync (S) ends a round trip, Execute (E) is a statement, and a
    simple query (Q) is both.
    """
    more = {kind: front.messages[kind] - before.get(kind, 0) for kind in "SQE"}
    return more["E"] + more["Q"], more["S"] + more["Q"]


def test_each_operation_is_one_statement_and_one_round_trip(front: Front, client: httpx.Client, alice: Person) -> None:
    expected = {operation: EXCEPTIONS.get(operation, (1, 1)) for operation in OPERATIONS}
    counted: dict[str, tuple[int, int]] = {}
    for operation, call in OPERATIONS.items():
        for attempt in range(10):  # the first one prepares it, and on a busy machine the token may be forgotten
            method, path, body = call(*some_of(alice))
            client.get("/api/v1/me")  # whose token it is, is known for the next seconds
            before = dict(front.messages)
            response = client.request(method, path, json=body)
            assert response.status_code < 500, response.text
            counted[operation] = measured(before, front)
            if attempt and counted[operation] == expected[operation]:
                break
    assert counted == expected


def test_a_search_is_planned_each_time_and_a_list_once(front: Front, client: httpx.Client) -> None:
    def parsed(path: str) -> int:
        before = front.messages["P"]
        for _ in range(3):
            assert client.get(path).status_code == 200
        return front.messages["P"] - before

    client.get(T)  # prepares the list, and looks up whose token it is
    assert (parsed(T), parsed(f"{T}?q=x")) == (0, 3)


def test_the_token_and_liveness_cost_no_statement(front: Front, client: httpx.Client) -> None:
    counts = []
    for _ in range(3):
        client.get("/api/v1/me")
        before = dict(front.messages)
        assert client.get("/livez").status_code == 200
        assert client.get("/api/v1/todos/no-id").status_code == 422
        counts.append(measured(before, front))
    assert min(counts) == (0, 0)


def test_no_operation_hops_into_a_thread(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = {name: call(*some_of(alice)) for name, call in OPERATIONS.items()}
    for method, path, body in calls.values():  # connects, for which psycopg looks the name up in a thread
        if method == "GET":
            alice.client.request(method, path, json=body)
    hops: list[str] = []
    current = ""

    def counting(original: Any) -> Any:
        def hop(*args: Any, **kwargs: Any) -> Any:
            hops.append(current)
            return original(*args, **kwargs)

        return hop

    monkeypatch.setattr(asgiref.sync.SyncToAsync, "__call__", counting(asgiref.sync.SyncToAsync.__call__))
    monkeypatch.setattr(
        concurrent.futures.ThreadPoolExecutor, "submit", counting(concurrent.futures.ThreadPoolExecutor.submit)
    )
    for name, (method, path, body) in calls.items():
        current = name
        assert alice.client.request(method, path, json=body).status_code < 500
    assert hops == []
    asyncio.run(asyncio.to_thread(time.sleep, 0))  # the counting works
    assert len(hops) == 1


def test_no_operation_makes_its_statement_twice(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compiling one takes longer than everything else that this process does for a request."""
    made: list[str] = []
    current = ""
    original = Statement.__init__

    def counted(new: Statement, *args: Any, **kwargs: Any) -> None:
        made.append(current)
        original(new, *args, **kwargs)

    calls = [{name: call(*some_of(alice)) for name, call in OPERATIONS.items()} for _ in range(2)]
    monkeypatch.setattr(Statement, "__init__", counted)
    monkeypatch.setattr(TokenCache, "TTL", 0.0)  # the look-up of the token belongs to it
    for round in calls:
        made.clear()
        for name, (method, path, body) in round.items():
            current = name
            assert alice.client.request(method, path, json=body).status_code < 500
    assert made == []
    statement("SELECT 1", [])  # the counting works
    assert len(made) == 1


def test_the_table_names_every_operation_on_objects() -> None:
    """An operation that is added to the API is counted, too."""
    covered = {
        (method, re.sub(r"[0-9a-f-]{36}", "{id}", path.partition("?")[0]))
        for call in OPERATIONS.values()
        for method, path, _ in [call(str(new()), str(new()))]
    }
    declared = {
        (method.upper(), re.sub(r"\{\w+\}", "{id}", path))
        for path, item in document()["paths"].items()
        for method in item
    }
    assert declared - covered == {("DELETE", "/api/v1/me")}  # reads the password's hash first, which takes a thread
