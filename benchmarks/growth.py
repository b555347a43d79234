"""Does it stay fast when the table grows? The same requests with 1 000 to 1 000 000 to-dos, and with 100 000 users."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

import httpx

from benchmarks import data
from benchmarks.contenders import OURS, Server
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
    Size("the same, 100 000 users", 1_000_000, users=100_000),
)
TODOS_OF_EACH_USER = 10

DEEP = Workload("deep", "page 1 000, or the last", lambda ids: Request("GET", ()))
OPEN = Workload("open", "first page of what is open", lambda ids: Request("GET", (f"{TODOS}?completed=false",)))
FREQUENT = Workload("frequent", "search: half of all match", lambda ids: Request("GET", (f"{TODOS}?q=a+few+words",)))
RARE = Workload("rare", "search: one matches", lambda ids: Request("GET", ()))
EVERYBODYS = (WORKLOADS["list50"], WORKLOADS["get"], WORKLOADS["create"])
ONLY_OURS = (OPEN, FREQUENT)  # the peers have neither filters nor search
TITLES = {
    "list50": "first page",
    **{workload.name: workload.title for workload in (DEEP, OPEN, FREQUENT, RARE, *EVERYBODYS[1:])},
}


def measure(
    bench: Bench, user_id: UUID, plan: Plan, progress: Callable[[str], None]
) -> Iterator[tuple[Size, list[Series]]]:
    """First page, a page far behind it, filtered, searched, get and create at each size."""
    todos, users = data.TODOS, data.OTHER_USERS
    for size in SIZES:
        progress(f"filling the table: {size.title}")
        data.grow(user_id, todos + 1, size.todos)
        data.add_users(users + 1, size.users, todos=TODOS_OF_EACH_USER)
        data.tidy()
        todos, users = size.todos, size.users
        requests = _requests(bench.servers, size, data.todo_ids(user_id, 1000), progress)
        yield size, [one for workload, its in requests for one in bench.measure(workload, its, plan, progress)]


def _requests(
    servers: Sequence[Server], size: Size, ids: tuple[str, ...], progress: Callable[[str], None]
) -> Iterator[tuple[Workload, dict[Server, Request]]]:
    """What each contender is asked, workload by workload."""
    ours = [server for server in servers if server.contender.name == OURS]
    for workload in EVERYBODYS:
        yield workload, dict.fromkeys(servers, workload.request(ids))
    page = min(DEEP_PAGE, size.todos // PAGE)
    yield DEEP, {server: _page(server, page, progress) for server in servers}
    for workload in ONLY_OURS:
        yield workload, dict.fromkeys(ours, workload.request(ids))
    yield RARE, dict.fromkeys(ours, _one_of_many(size.todos))


def _one_of_many(todos: int) -> Request:
    """Searches with one match each: the number of a to-do, which no other number contains."""
    numbers = range(todos // 10 + 1, todos, max(todos // 200, 1))
    return Request("GET", tuple(f"{TODOS}?q={number}" for number in numbers))


def _page(server: Server, number: int, progress: Callable[[str], None]) -> Request:
    """The request for that page, found by turning the pages: a cursor is the contender's own."""
    progress(f"turning {number} pages of {server.contender.name}")
    url = httpx.URL(TODOS, params={"limit": PAGE})
    with httpx.Client(base_url=server.url, timeout=30, headers={"Authorization": f"Bearer {server.token}"}) as client:
        for _ in range(number - 1):
            url = url.copy_set_param("cursor", client.get(url).raise_for_status().json()["next_cursor"])
    return Request("GET", (str(url),))
