from __future__ import annotations

from benchmarks.contenders import ROOT
from benchmarks.profile import tree

LOOP = "main (server.py:1);Runner.run (runners.py:118)"


def test_a_line_costs_its_share_with_all_that_it_calls() -> None:
    stacks = [
        f"{LOOP};get (api.py:1);fetch (pool.py:2) 60",
        f"{LOOP};get (api.py:1) 20",
        f"{LOOP} 15",
        f"{LOOP};x (y:1) 5",
    ]
    assert tree(stacks, 200).splitlines() == [
        "  200.0  all of it",
        "   30.0  the event loop itself: waiting, reading",
        "  160.0  /api.py get: ",
        "  120.0    /pool.py fetch: ",
        "   10.0  /y x: ",
    ]


def test_what_costs_next_to_nothing_is_left_out() -> None:
    assert "dear" in tree([f"{LOOP};dear (a.py:1) 990", f"{LOOP};cheap (b.py:1) 10"], 100)
    assert "cheap" not in tree([f"{LOOP};dear (a.py:1) 990", f"{LOOP};cheap (b.py:1) 10"], 100)


def test_stacks_without_an_event_loop_are_no_error() -> None:
    assert tree(["main (server.py:1) 10"], 100).startswith("  100.0  all of it")


def test_a_line_is_shown_as_it_is_written() -> None:
    assert "manage.py go: #!/usr/bin/env python" in tree(
        [f"{LOOP};go ({ROOT / 'manage.py'}:1) 1", f"{LOOP};x (y:1) 1"], 9
    )
