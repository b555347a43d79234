"""What was measured, as tables for people, JSON for programs and a picture."""

from __future__ import annotations

import datetime
import importlib.metadata
import json
import os
import platform
import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.chart import Bar, Panel, draw, number
from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.measure import Series
from benchmarks.workloads import TARGETS, WORKLOADS

PACKAGES = ("django", "django-ninja", "psycopg", "psycopg-pool", "uvicorn", "uvloop", "httptools", "pydantic", "pyjwt")
PEER_PACKAGES = ("fastapi", "sqlmodel", "sqlalchemy", "asyncpg", "gunicorn")


@dataclass(frozen=True)
class Ratio:
    """How many times the other's requests per second ours are."""

    workload: str
    connections: int
    other: str
    value: float
    target: float | None

    def holds(self) -> bool:
        return self.target is None or self.value >= self.target

    def __str__(self) -> str:
        target = "" if self.target is None else f" ({'ok' if self.holds() else 'BELOW'} {self.target:g})"
        return f"{self.value:.2f}{target}"


def ratios(results: Sequence[Series], targets: Mapping[str, Mapping[str, float]] = TARGETS) -> list[Ratio]:
    """Ours beside each of the others, with the target where there is one.

    The median of the rounds' own ratios: neighbours in time share the mood of the machine.
    """
    ours = {(one.workload, one.connections): one.rates() for one in results if one.contender == OURS}
    return [
        Ratio(
            workload=one.workload,
            connections=one.connections,
            other=one.contender,
            value=statistics.median(mine / its for mine, its in zip(rates, one.rates(), strict=True)),
            target=targets.get(one.contender, {}).get(one.workload),
        )
        for one in results
        if one.contender != OURS and (rates := ours.get((one.workload, one.connections)))
    ]


def measurements(results: Sequence[Series], titles: Mapping[str, str], *, round_trips: bool = False) -> str:
    """A table for each workload and number of connections."""
    last = ("round trips",) if round_trips else ()
    heading = ("", "req/s", "spread", "p50 ms", "p95 ms", "p99 ms", "CPU s/1000", "PostgreSQL", "MiB", *last)
    blocks = []
    for key in dict.fromkeys((one.workload, one.connections) for one in results):
        rows = [_row(one, round_trips) for one in results if (one.workload, one.connections) == key]
        blocks.append(f"{titles[key[0]]}, {key[1]} connections\n" + table([heading, *rows]))
    return "\n\n".join(blocks)


def _row(one: Series, round_trips: bool) -> tuple[str, ...]:
    row = (
        CONTENDERS[one.contender].title,
        number(one.rate()),
        f"{one.spread():.0%}",
        *(f"{one.latency(percentile):.1f}" for percentile in ("p50", "p95", "p99")),
        f"{one.per_request('web_cpu') * 1000:.3f}",
        f"{one.per_request('postgres_cpu') * 1000:.3f}",
        f"{one.memory_mib:.0f}",
    )
    return row + ((f"{one.round_trips or 0:.1f}",) if round_trips else ())


def ratio_table(found: Sequence[Ratio]) -> str:
    """A row for each peer, a column for each workload."""
    blocks = []
    for connections in dict.fromkeys(ratio.connections for ratio in found):
        workloads = list(dict.fromkeys(ratio.workload for ratio in found))
        rows = [
            (f"times (median of rounds), {connections} connections", *(WORKLOADS[name].title for name in workloads))
        ]
        for other in dict.fromkeys(ratio.other for ratio in found):
            cells = {r.workload: str(r) for r in found if r.other == other and r.connections == connections}
            rows.append((CONTENDERS[other].title, *(cells.get(name, "") for name in workloads)))
        blocks.append(table(rows))
    return "\n\n".join(blocks)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns as wide as they need to be, the first to the left, the others to the right."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]

    def lines() -> Iterator[str]:
        for row in rows:
            first, *others = (
                cell.ljust(width) if column == 0 else cell.rjust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            yield "  ".join(["  " + first, *others]).rstrip()

    return "\n".join(lines())


def figures(results: Sequence[Series]) -> list[dict[str, Any]]:
    return [
        {
            "contender": one.contender,
            "workload": one.workload,
            "connections": one.connections,
            "requests_per_second": {"median": round(one.rate(), 1), "rounds": [round(rate, 1) for rate in one.rates()]},
            "latency_ms": {name: round(one.latency(name), 2) for name in ("p50", "p95", "p99")},
            "cpu_seconds_per_1000_requests": {
                "web": round(one.per_request("web_cpu") * 1000, 4),
                "postgresql": round(one.per_request("postgres_cpu") * 1000, 4),
            },
            "round_trips_per_request": one.round_trips,
            "memory_mib": round(one.memory_mib, 1),
        }
        for one in results
    ]


def ratio_figures(found: Sequence[Ratio]) -> list[dict[str, Any]]:
    return [{**vars(ratio), "value": round(ratio.value, 3), "holds": ratio.holds()} for ratio in found]


def document(parameters: Mapping[str, Any], server_version: str, content: Mapping[str, Any]) -> str:
    """The JSON file: when, where and how it was measured, and then the figures."""
    measured_at = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    about = {"measured_at": measured_at, "machine": machine(server_version), "parameters": parameters}
    return json.dumps({**about, **content}, indent=2) + "\n"


def machine(server_version: str) -> dict[str, Any]:
    """What the figures depend on, and nothing that names the machine."""
    model = platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        named = (line.partition(":")[2].strip() for line in cpuinfo.read_text().splitlines() if "model name" in line)
        model = next(named, model)
    return {
        "processor": model,
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "postgresql": server_version,
        "packages": versions((*PACKAGES, *PEER_PACKAGES)),
    }


def versions(packages: Iterable[str]) -> dict[str, str]:
    """Those of the packages that are installed: a peer that was not measured need not be."""
    found = {}
    for name in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[name] = importlib.metadata.version(name)
    return found


def picture(results: Sequence[Series], titles: Mapping[str, str], title: str) -> str:
    """Requests per second, a panel for each workload, at the smallest number of connections."""
    connections = min(one.connections for one in results)
    shown = [one for one in results if one.connections == connections]
    panels = [
        Panel(
            titles[name],
            [
                Bar(CONTENDERS[one.contender].title, one.rate(), accent=one.contender == OURS)
                for one in shown
                if one.workload == name
            ],
        )
        for name in dict.fromkeys(one.workload for one in shown)
    ]
    return draw(title, f"{connections} connections; median of {len(results[0].samples)} rounds", panels)


def growth_picture(sizes: Mapping[str, Sequence[Series]], titles: Mapping[str, str]) -> str:
    """The first contender's requests per second: a panel for each workload, a bar for each size of the table."""
    first = next(iter(sizes.values()))[0].contender
    workloads = dict.fromkeys(one.workload for results in sizes.values() for one in results)
    panels = [
        Panel(
            titles[name],
            [
                Bar(size, one.rate(), accent=True)
                for size, results in sizes.items()
                for one in results
                if (one.contender, one.workload) == (first, name)
            ],
        )
        for name in workloads
    ]
    return draw("Requests a second while the table grows", CONTENDERS[first].title, panels)
