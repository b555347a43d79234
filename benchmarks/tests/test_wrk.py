from __future__ import annotations

import pytest

from benchmarks import wrk

OUTPUT = """Running 1s test @ http://127.0.0.1:8000
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
Requests/sec:   1500.00
{"requests": 1500, "microseconds": 2000000, "socket_errors": 0, "timeouts": 0, "bad_status": 0, \
"p50": 2100, "p95": 5250, "p99": 9000}
"""


def test_result_is_read_in_seconds_and_milliseconds() -> None:
    assert wrk.parse(OUTPUT) == wrk.Load(requests=1500, seconds=2.0, p50=2.1, p95=5.25, p99=9.0)


@pytest.mark.parametrize("failure", ["socket_errors", "timeouts", "bad_status"])
def test_a_failed_request_fails_the_run_and_is_named(failure: str) -> None:
    with pytest.raises(wrk.LoadError, match=failure):
        wrk.parse(OUTPUT.replace(f'"{failure}": 0', f'"{failure}": 3'))


def test_no_answer_at_all_fails_the_run() -> None:
    with pytest.raises(wrk.LoadError, match="nothing was answered"):
        wrk.parse(OUTPUT.replace('"requests": 1500', '"requests": 0'))


def test_missing_result_fails_the_run_with_what_wrk_printed() -> None:
    with pytest.raises(wrk.LoadError, match="unable to connect"):
        wrk.parse("unable to connect to 127.0.0.1:1 Connection refused\n")
