"""Run `wrk`, the load generator, and read what it measured."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).parent / "load.lua"
MISSING = """wrk, the load generator, is not installed. It comes with the system's packages:
    Debian, Ubuntu:  sudo apt-get install wrk
    macOS:           brew install wrk
    others:          https://github.com/wg/wrk"""


class LoadError(Exception):
    """The load did not run, or not every request was answered well."""


@dataclass(frozen=True)
class Request:
    """What one load sends: `paths` in turns, `{n}` in `body` a number never sent before."""

    method: str
    paths: tuple[str, ...]
    body: str | None = None


@dataclass(frozen=True)
class Load:
    """What wrk saw. Latencies in milliseconds, from a closed loop: each connection waits for its answer."""

    requests: int
    seconds: float
    p50: float
    p95: float
    p99: float


def is_installed() -> bool:
    return shutil.which("wrk") is not None


def run(url: str, request: Request, token: str, *, connections: int, seconds: int) -> Load:
    """Load the server at `url`. Raises LoadError unless every answer was 2xx or 3xx and every socket fine."""
    environment = {
        "PATH": os.environ["PATH"],
        "LOAD_METHOD": request.method,
        "LOAD_PATHS": " ".join(request.paths),
        "LOAD_TOKEN": token,
        "LOAD_START": str(time.time_ns()),
    }
    if request.body is not None:
        environment["LOAD_BODY"] = request.body
    # One thread: it sends far more than one worker can answer, and leaves the processors to those who are measured.
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout=30s", "--latency", "-s", str(SCRIPT), url]
    process = subprocess.Popen(
        command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        output, errors = process.communicate(timeout=seconds + 60)
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if process.returncode:
        raise LoadError(f"wrk ended with {process.returncode}: {errors.strip() or output.strip()}")
    return parse(output)


def parse(output: str) -> Load:
    """The line of JSON that load.lua prints below wrk's own report -> what was measured.

    Raises LoadError when the line is missing, nothing was answered, or anything failed.
    """
    line = next((line for line in reversed(output.splitlines()) if line.startswith("{")), None)
    if line is None:
        raise LoadError(f"wrk printed no result:\n{output}")
    report = json.loads(line)
    failed = {name: report[name] for name in ("socket_errors", "timeouts", "bad_status") if report[name]}
    if failed or not report["requests"]:
        raise LoadError(f"of {report['requests']} requests some failed: {failed}" if failed else "nothing was answered")
    return Load(
        requests=report["requests"],
        seconds=report["microseconds"] / 1e6,
        p50=report["p50"] / 1000,
        p95=report["p95"] / 1000,
        p99=report["p99"] / 1000,
    )
