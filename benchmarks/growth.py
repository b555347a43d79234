"""Does it stay fast when the table grows? The same requests with 1 000 to 1 000 000 to-dos, and with 100 000 users."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from uuid import UUID

import httpx

from benchmarks import data
from benchmarks.contenders import Server
from benchmarks.measure import Bench, Plan, Series
from benchmarks.workloads import TODOS, WORKLOADS, Workload
from benchmarks.wrk import Request

PAGE, DEEP_PAGE = 50, 1000


@dataclass(frozen=True)
class Size:
    title: str
    todos: int  # of the user that is measured
    users: int = data.OTHER_USERS


SIZES = (
    Size("1 000 to-dos", 1_000),
    Size("100 000 to-dos", 100_000),
    Size("1 000 000 to-dos", 1_000_000),
    Size("1 000 000 to-dos, 100 000 users", 1_000_000, users=100_000),
)
TODOS_OF_EACH_USER = 10

DEEP = Workload("deep", "page 1 000, or the last", lambda ids: Request("GET", ()))
TITLES = {"list50": "first page", "deep": DEEP.title, "get": "get", "create": "create"}


def measure(
    bench: Bench, user_id: UUID, plan: Plan, progress: Callable[[str], None]
) -> Iterator[tuple[Size, list[Series]]]:
    """First page, a page far behind it, get and create at each size."""
    todos, users = data.TODOS, data.OTHER_USERS
    for size in SIZES:
        progress(f"filling the table: {size.title}")
        data.grow(user_id, todos + 1, size.todos)
        data.add_users(users + 1, size.users, todos=TODOS_OF_EACH_USER)
        data.tidy()
        todos, users = size.todos, size.users
        ids = data.todo_ids(user_id, 1000)
        results: list[Series] = []
        for workload in (WORKLOADS["list50"], WORKLOADS["get"], WORKLOADS["create"]):
            same = dict.fromkeys(bench.servers, workload.request(ids))
            results += bench.measure(workload, same, plan, progress)
        page = min(DEEP_PAGE, size.todos // PAGE)
        results += bench.measure(DEEP, {one: _page(one, page, progress) for one in bench.servers}, plan, progress)
        yield size, results


def _page(server: Server, number: int, progress: Callable[[str], None]) -> Request:
    """The request for that page, found by turning the pages: a cursor is the contender's own."""
    progress(f"turning {number} pages of {server.contender.name}")
    url = httpx.URL(TODOS, params={"limit": PAGE})
    with httpx.Client(base_url=server.url, timeout=30, headers={"Authorization": f"Bearer {server.token}"}) as client:
        for _ in range(number - 1):
            url = url.copy_set_param("cursor", client.get(url).raise_for_status().json()["next_cursor"])
    return Request("GET", (str(url),))
