"""The environment of the tests, set before the settings are read: hence a plugin and not a conftest.

A PostgreSQL of its own, unless DATABASE_URL in the environment (not in `.env`) names one on this machine.
"""

from __future__ import annotations

import os
import secrets
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from todoproject.db.url import DatabaseURLError, parse
from todoproject.development.embedded import EmbeddedPostgres
from todoproject.tests.waiting import PATIENCE

CHECKOUT = Path(__file__).resolve().parent.parent.parent

ENVIRONMENT = {
    "ENV_FILE": os.devnull,
    "DEBUG": "0",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "SECURE_SSL_REDIRECT": "0",  # the browser of the tests speaks plain HTTP to a server on this machine
    "CORS_ALLOWED_ORIGINS": "https://app.example.com",
    "LOG_LEVEL": "WARNING",
    "DATABASE_TIMEOUT": str(PATIENCE),
    "DATABASE_WAKE_TIMEOUT": str(PATIENCE),
}
# What starts processes or a browser, or imports much: each line goes first on a worker of its own, prepared once there.
FIRST = (
    ("test_browser_admin.py", "test_browser_docs.py", "test_fuzz.py"),
    ("test_embedded.py", "test_development.py"),
    ("test_commands.py", "test_secrets.py", "test_settings.py", "test_peers.py"),
)
INHERITED = ("CSRF_TRUSTED_ORIGINS", "ADMINS", "LOG_FORMAT", "EMAIL_HOST", "DIRECT_DATABASE_URL", "PGPASSWORD")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slow tests where the workers begin: each with an equal run of neighbours, from whose end others steal."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if workers == 1:
        return
    place = {name: number % workers for number, names in enumerate(FIRST) for name in names}
    runs: list[list[pytest.Item]] = [[] for _ in range(workers)]
    others = []
    for item in items:
        if item.path.name in place:
            runs[place[item.path.name]].append(item)
        else:
            others.append(item)
    items.clear()
    for number, run in enumerate(runs):
        length = (len(others) + sum(map(len, runs[number:]))) // (workers - number)
        missing = max(length - len(run), 0)
        items += run + others[:missing]
        del others[:missing]


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    # A script's background jobs ignore SIGINT, and so would every process that a test starts and interrupts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ |= ENVIRONMENT
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    for name in INHERITED:
        os.environ.pop(name, None)
    if not os.environ.get("DATABASE_URL"):
        server = EmbeddedPostgres(CHECKOUT / ".local" / "postgres-test", fast=True)
        os.environ["DATABASE_URL"] = server.__enter__().url("postgres")
        early_config.add_cleanup(lambda: server.__exit__(None, None, None))
        return
    try:
        is_local = parse(os.environ["DATABASE_URL"]).is_local
    except DatabaseURLError as error:
        raise pytest.UsageError(str(error)) from None
    if not is_local:
        raise pytest.UsageError(
            "the tests create and drop databases, and DATABASE_URL names one on another machine: unset it, and they "
            "bring their own"
        )


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    """Say at the very end what was skipped, and why, which says what is missing."""
    yield
    reports: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    reasons = Counter(report.longrepr[2] for report in reports if isinstance(report.longrepr, tuple))
    for reason, count in sorted(reasons.items()):
        tests = "1 test" if count == 1 else f"{count} tests"
        terminalreporter.write_line(f"{tests} skipped: {reason.removeprefix('Skipped: ')}", yellow=True)
