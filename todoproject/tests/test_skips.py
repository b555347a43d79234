"""What a run without a program says about it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from todoproject.tests import programs
from todoproject.tests.plugin import pytest_terminal_summary

MESSAGE = "no pgbouncer (Debian: apt install pgbouncer; elsewhere: its path in PGBOUNCER)"


@pytest.fixture(autouse=True)
def without(monkeypatch: pytest.MonkeyPatch) -> None:
    """No program is installed, and this is nobody's CI."""
    monkeypatch.setattr("shutil.which", lambda *_, **__: None)
    for name in ("CI", "ALLOW_SKIPS", "PGBOUNCER"):
        monkeypatch.delenv(name, raising=False)


def outcome() -> BaseException:
    with pytest.raises((pytest.skip.Exception, pytest.fail.Exception)) as caught:
        programs.program("pgbouncer")
    assert str(caught.value) == MESSAGE
    return caught.value


def test_a_program_that_is_missing_skips_the_test() -> None:
    assert isinstance(outcome(), pytest.skip.Exception)


def test_where_everything_has_to_run_it_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    assert isinstance(outcome(), pytest.fail.Exception)
    monkeypatch.setenv("ALLOW_SKIPS", "1")
    assert isinstance(outcome(), pytest.skip.Exception)


def test_it_can_be_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGBOUNCER", "/opt/pgbouncer")
    assert programs.program("pgbouncer") == "/opt/pgbouncer"


def test_the_last_lines_count_what_was_skipped() -> None:
    lines: list[str] = []
    reports = [SimpleNamespace(longrepr=("test_x.py", 1, f"Skipped: {reason}")) for reason in ("b", "a", "b")]
    reporter: Any = SimpleNamespace(stats={"skipped": reports}, write_line=lambda line, **_: lines.append(line))
    summary = pytest_terminal_summary(reporter)
    next(summary)
    assert lines == []  # the summaries of the others come first
    with pytest.raises(StopIteration):
        next(summary)
    assert lines == ["1 test skipped: a", "2 tests skipped: b"]
