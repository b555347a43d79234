from __future__ import annotations

from typing import Any

from benchmarks.agreement import KEYS, todo

BODY: dict[str, Any] = dict.fromkeys(KEYS) | {"created_at": "2026-01-02T03:04:05Z", "title": "Buy milk"}


def test_one_moment_may_be_written_in_several_ways() -> None:
    assert todo(BODY) == todo(BODY | {"created_at": "2026-01-02T03:04:05.000000+00:00"})
    assert todo(BODY) != todo(BODY | {"created_at": "2026-01-02T03:04:05.000001+00:00"})


def test_only_the_fields_of_a_todo_are_compared() -> None:
    assert todo(BODY) == todo(BODY | {"links": []})
    assert todo(BODY) != todo(BODY | {"title": "Buy oats"})
