from __future__ import annotations

from benchmarks.growth import SIZES, _one_of_many


def test_a_rare_search_matches_one_todo() -> None:
    for size in SIZES[:2]:
        titles = [f"to-do {number}" for number in range(1, size.todos + 1)]
        for path in _one_of_many(size.todos).paths[::20]:
            wanted = path.partition("?q=")[2]
            assert sum(wanted in title for title in titles) == 1
