"""`python -m benchmarks --help`: measure the service beside its peers, on this machine, now."""

# ruff: noqa: T201  this is a program of the command line

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from benchmarks import wrk
from benchmarks.agreement import Disagreement
from benchmarks.contenders import CONTENDERS, OURS, ServerError
from benchmarks.run import run
from benchmarks.workloads import WORKLOADS
from todoproject.development.embedded import EmbeddedPostgresError


def arguments(args: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure the service beside its peers.")
    add = parser.add_argument
    add("--rounds", type=int, default=5, help="how often each contender is measured (%(default)s)")
    add("--seconds", type=int, default=1, help="how long each time (%(default)s)")
    add("--only", nargs="+", choices=WORKLOADS, metavar="WORKLOAD", help=f"of: {', '.join(WORKLOADS)} (all)")
    add("--peers", nargs="+", choices=CONTENDERS, metavar="PEER", help=f"of: {', '.join(CONTENDERS)} (all)")
    add("--connections", type=int, nargs="+", metavar="N", help="that send requests at once (32 100)")
    add("--workers", type=int, default=1, help="processes of each contender (%(default)s)")
    add("--pool", type=int, default=8, help="database connections of each process (%(default)s)")
    add("--latency", type=float, default=0, metavar="MS", help="put the database so many milliseconds away, both ways")
    add("--growth", action="store_true", help="the same requests while the table grows to a million rows")
    add("--profile", choices=WORKLOADS, metavar="WORKLOAD", help="show where the service's time goes, line by line")
    add("--output", type=Path, help="where the JSON and the picture go (docs/performance; of a part of a run: nowhere)")
    options = parser.parse_args(args)
    if options.profile:
        options.peers, options.workers = [OURS], 1
    options.connections = options.connections or ([32] if options.growth or options.latency else [32, 100])
    return options


def main() -> int:
    options = arguments()
    if not wrk.is_installed():
        print(wrk.MISSING, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job would ignore it
    try:
        run(options)
    except (wrk.LoadError, ServerError, Disagreement, EmbeddedPostgresError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped", file=sys.stderr)
        return 130
    return 0


def _stop(number: int, frame: object) -> NoReturn:
    raise SystemExit(128 + number)


if __name__ == "__main__":
    sys.exit(main())
