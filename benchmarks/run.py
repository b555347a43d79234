"""One run: PostgreSQL, the rows, the servers, the loads, the report. Whatever was started stops at its end."""

# ruff: noqa: T201  this is a program of the command line

from __future__ import annotations

import argparse
import os
import secrets
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import django

from benchmarks import agreement, data, growth, processes, report
from benchmarks.contenders import CONTENDERS, ROOT, ServerError, serving
from benchmarks.distance import distant
from benchmarks.measure import Bench, Plan, Series
from benchmarks.profile import profile
from benchmarks.workloads import TARGETS, WORKLOADS
from todoproject.development.embedded import EmbeddedPostgres

STATE = ROOT / ".local"
LOGS = STATE / "bench"


def run(options: argparse.Namespace) -> None:
    """Measure as `python -m benchmarks` was told, print, write the files.

    Raises LoadError, ServerError or Disagreement when there is nothing to compare.
    """
    plan = Plan(options.connections, options.rounds, options.seconds)
    with started(options) as (bench, user_id):
        if options.profile:
            workload = WORKLOADS[options.profile]
            request = workload.request(data.todo_ids(user_id))
            print(profile(bench, bench.servers[0], workload, request, LOGS))
        elif options.growth:
            _report_growth(options, growth.measure(bench, user_id, plan, progress))
        else:
            _report(options, _measure(options, bench, user_id, plan))


@contextmanager
def started(options: argparse.Namespace) -> Iterator[tuple[Bench, UUID]]:
    """Everything that a measurement needs, and the user it is about."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        progress("starting PostgreSQL and loading the rows")
        postgres = stack.enter_context(EmbeddedPostgres(STATE / "postgres-bench"))
        data.drop_database(postgres.url("postgres"))
        direct = postgres.url(data.DATABASE)
        environment = _configure(direct, options.pool)
        rows = data.load()
        network = stack.enter_context(distant(direct, options.latency / 1000)) if options.latency else None
        environment |= {
            "DATABASE_URL": network.url(direct) if network else direct,
            "BENCH_API_TOKEN": rows.api_token,
            "BENCH_USER_ID": str(rows.user_id),
            "BENCH_JWT_SECRET": rows.jwt_secret,
        }
        servers = []
        for name in options.peers or CONTENDERS:
            progress(f"starting {name}")
            try:
                server = serving(CONTENDERS[name], environment, rows.tokens(), workers=options.workers, logs=LOGS)
                servers.append(stack.enter_context(server))
            except ServerError as error:
                raise ServerError(f"{name} {error}") from None
        progress("comparing the answers")
        agreement.check(servers, data.todo_ids(rows.user_id)[0], data.foreign_todo_id(rows.user_id))
        postmaster = processes.parent(data.backend_pid()) if processes.is_known() else 0
        yield Bench(servers, postmaster, network), rows.user_id


def _configure(url: str, pool: int) -> dict[str, str]:
    """The settings of every contender, and of Django in this process; none comes from outside."""
    environment = {
        "DATABASE_URL": url,
        "DIRECT_DATABASE_URL": "",
        "DATABASE_POOL_MIN": str(pool),
        "DATABASE_POOL_MAX": str(pool),
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ALLOWED_HOSTS": "127.0.0.1",
        "DEBUG": "0",
        "SECURE_SSL_REDIRECT": "0",
        "LOG_LEVEL": "WARNING",
        "ENV_FILE": os.devnull,
        "DJANGO_SETTINGS_MODULE": "todoproject.settings",
    }
    os.environ.update(environment)
    django.setup()
    return environment


def _measure(options: argparse.Namespace, bench: Bench, user_id: UUID, plan: Plan) -> list[Series]:
    ids = data.todo_ids(user_id)
    results: list[Series] = []
    for name in options.only or WORKLOADS:
        workload = WORKLOADS[name]
        found = list(bench.measure(workload, dict.fromkeys(bench.servers, workload.request(ids)), plan, progress))
        results += found
        progress("")
        print(report.measurements(found, _titles(), round_trips=bool(options.latency)), end="\n\n")
    return results


def _report(options: argparse.Namespace, results: list[Series]) -> None:
    usual = options.workers == 1 and not options.latency  # what the targets are about
    ratios = report.ratios(results, TARGETS if usual else {})
    if ratios:
        print(report.ratio_table(ratios), end="\n\n")
    name = f"distance-{options.latency:g}ms" if options.latency else "side-by-side"
    name += f"-{options.workers}-workers" if options.workers > 1 else ""
    content = {"figures": report.figures(results), "ratios": report.ratio_figures(ratios)}
    away = f", the database {options.latency:g} ms away" if options.latency else ""
    title = f"Requests a second, {options.workers} worker{'s' if options.workers > 1 else ''}{away}"
    _write(options, name, content, report.picture(results, _titles(), title))


def _report_growth(options: argparse.Namespace, measured: Iterator[tuple[growth.Size, list[Series]]]) -> None:
    sizes: dict[str, list[Series]] = {}
    for size, results in measured:
        sizes[size.title] = results
        progress("")
        print(f"{size.title}\n\n{report.measurements(results, growth.TITLES)}", end="\n\n")
    content = {"sizes": {title: report.figures(results) for title, results in sizes.items()}}
    _write(options, "growth", content, report.growth_picture(sizes, growth.TITLES))


def _write(options: argparse.Namespace, name: str, content: Mapping[str, Any], picture: str) -> None:
    """Write the files; a run of some workloads or contenders writes none unless it was told where."""
    directory: Path | None = options.output
    if directory is None and not (options.only or options.peers):
        directory = ROOT / "docs/performance"
    if directory is None:
        return
    directory.mkdir(parents=True, exist_ok=True)
    parameters = {name: getattr(options, name) for name in ("rounds", "seconds", "workers", "pool", "latency")}
    (directory / f"{name}.json").write_text(report.document(parameters, data.server_version(), content))
    (directory / f"{name}.svg").write_text(picture)
    print(f"wrote {name}.json and {name}.svg")


def _titles() -> dict[str, str]:
    return {name: workload.title for name, workload in WORKLOADS.items()}


def progress(text: str) -> None:
    """One line that the next one replaces; nothing where nobody watches."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
