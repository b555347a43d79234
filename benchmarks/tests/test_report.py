from __future__ import annotations

import json
import re

import pytest

from benchmarks import report
from benchmarks.measure import Plan, Sample, Series
from benchmarks.wrk import Load

TITLES = {"get": "get", "livez": "liveness"}


def series(contender: str, *rates: int, workload: str = "get", connections: int = 32) -> Series:
    """Rounds of two seconds with these requests per second."""
    samples = [
        Sample(Load(requests=2 * rate, seconds=2, p50=10, p95=20, p99=30), web_cpu=1, postgres_cpu=0.5)
        for rate in rates
    ]
    return Series(contender, workload, connections, memory_mib=80, samples=samples)


def test_rate_is_the_median_of_the_rounds() -> None:
    assert series("ours", 100, 900, 200).rate() == 200


def test_spread_is_a_share_of_the_median() -> None:
    assert series("ours", 150, 200, 250).spread() == pytest.approx(0.5)


def test_costs_are_divided_by_the_requests_of_all_rounds() -> None:
    measured = series("ours", 100, 300)
    assert measured.per_request("web_cpu") == pytest.approx(2 / 800)
    assert measured.per_request("postgres_cpu") == pytest.approx(1 / 800)


def test_ratio_compares_the_same_workload_and_connections() -> None:
    results = [
        series("ours", 3000, connections=32),
        series("fastapi", 1000, connections=32),
        series("ours", 2000, connections=100),
        series("fastapi", 1000, connections=100),
    ]
    assert [(r.connections, r.value) for r in report.ratios(results)] == [(32, 3.0), (100, 2.0)]


def test_ratio_is_the_median_of_the_rounds_own() -> None:
    """A machine that is busy for a while slows both down."""
    quiet_and_busy = [series("ours", 3000, 300, 3000), series("fastapi", 1000, 100, 500)]
    assert [ratio.value for ratio in report.ratios(quiet_and_busy)] == [3.0]


def test_ratio_below_the_target_is_marked() -> None:
    fast, slow = series("ours", 3000), series("ours", 2990)
    assert [str(ratio) for ratio in report.ratios([fast, series("fastapi", 1000)])] == ["3.00 (ok 3)"]
    assert [str(ratio) for ratio in report.ratios([slow, series("fastapi", 1000)])] == ["2.99 (BELOW 3)"]


def test_the_targets_are_those_it_is_told() -> None:
    slow = [series("ours", 2990), series("fastapi", 1000)]
    assert [str(ratio) for ratio in report.ratios(slow, {})] == ["2.99"]


def test_ratio_without_a_target_always_holds() -> None:
    results = [series("ours", 1, workload="livez"), series("bare", 100, workload="livez")]
    assert [(str(ratio), ratio.holds()) for ratio in report.ratios(results)] == [("0.01", True)]


def test_without_the_service_there_is_nothing_to_compare() -> None:
    assert report.ratios([series("fastapi", 1000), series("bare", 1000)]) == []
    assert report.ratio_table([]) == ""


def test_tables_have_a_row_for_each_contender_and_peer() -> None:
    results = [series("ours", 3000), series("fastapi", 1000), series("ours", 10, workload="livez")]
    assert report.measurements(results, TITLES).count("todoproject") == 2
    assert re.search(
        r"FastAPI \+ SQLModel \+ asyncpg +3\.00 \(ok 3\)$", report.ratio_table(report.ratios(results[:2])), re.MULTILINE
    )


def test_columns_line_up() -> None:
    assert report.table([("", "req/s"), ("bare", "7")]) == "        req/s\n  bare      7"


def test_json_holds_the_figures_and_names_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    # what `make bench` alone installs may be missing
    monkeypatch.setattr(report, "PACKAGES", ("django", "psycopg"))
    monkeypatch.setattr(report, "PEER_PACKAGES", ())
    figures = report.figures([series("ours", 100, 300)])
    written = report.document({"rounds": 2}, "18.1", {"figures": figures})
    assert json.loads(written)["figures"][0]["requests_per_second"] == {"median": 200.0, "rounds": [100.0, 300.0]}
    assert json.loads(written)["machine"]["postgresql"] == "18.1"
    assert json.loads(written)["machine"]["packages"].keys() == {"django", "psycopg"}


def test_a_peer_that_is_not_installed_has_no_version() -> None:
    assert list(report.versions(["django", "a-peer-that-nobody-has"])) == ["django"]


def test_a_slow_contender_is_measured_longer_within_bounds() -> None:
    plan = Plan(connections=(32, 100), rounds=5, seconds=1)
    assert [plan.seconds_for(100, rate) for rate in (2000, 400, 200, 20)] == [1, 3, 4, 4]
