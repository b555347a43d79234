"""What the service writes from its start to its end, and the mails to ADMINS, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from todoproject.db.tests.rig import closed_port, service, url
from todoproject.tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[3]
SESSION = {"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"}


def records(output: str) -> list[dict[str, str]]:
    """One a line, each with what a collector of logs needs."""
    found: list[dict[str, str]] = [json.loads(line) for line in output.splitlines()]
    for record in found:
        assert {"ts", "level", "logger", "event"} <= record.keys()
        assert record.keys() <= {"ts", "level", "logger", "event", "request_id", "exception"}
    return found


@pytest.mark.parametrize("debug", ["0", "1"])
def test_each_line_is_one_json_object(debug: str) -> None:
    away = url(port=closed_port())
    with (
        service(LOG_FORMAT="json", LOG_LEVEL="INFO", DEBUG=debug, DATABASE_URL=away) as (address, output),
        httpx.Client(base_url=address, timeout=PATIENCE) as client,
    ):
        assert client.get("/livez").status_code == 200
        failed = client.get("/admin/", headers=SESSION)
    assert failed.status_code == (500 if debug == "1" else 503)  # with DEBUG, Django's page with the traceback

    written = records(output[0])
    events = [record["event"] for record in written if record["logger"] == "uvicorn.error"]
    assert events[0].startswith("Started server process")
    assert events[-1].startswith("Finished server process")
    errors = [record for record in written if "exception" in record]
    assert len(errors) == (1 if debug == "1" else 0)
    for error in errors:
        assert error["level"] == "error"
        assert error["request_id"] == failed.headers["x-request-id"]
        assert error["exception"].startswith("Traceback (most recent call last):\n")
    accesses = [record["event"] for record in written if record["logger"] == "uvicorn.access"]
    assert len(accesses) == (2 if debug == "1" else 0)


def test_each_line_is_one_json_object_over_several_workers() -> None:
    command = [sys.executable, "-m", "uvicorn", "todoproject.asgi:application", "--port", "0", "--workers", "2"]
    process = subprocess.Popen(
        [*command, "--log-config", "todoproject/monitoring/uvicorn.json"],
        env=os.environ | {"LOG_FORMAT": "json", "LOG_LEVEL": "INFO", "DATABASE_URL": url(port=closed_port())},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stdout
        output, started = "", 0
        while started < 2:
            line = process.stdout.readline()
            assert line, output
            output += line
            started += "Application startup complete." in line
    finally:
        process.terminate()
        rest, _ = process.communicate(timeout=PATIENCE)
    events = [record["event"] for record in records(output + rest)]
    assert any(event.startswith("Started parent process") for event in events)
    assert sum(event.startswith("Finished server process") for event in events) == 2
    assert events[-1].startswith("Stopping parent process")


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"ADMINS": "admin@example.com", "DJANGO_SETTINGS_MODULE": "todoproject.settings"},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
    )


def test_a_command_ends_quietly_where_errors_are_mailed() -> None:
    done = run("manage.py", "check")
    assert (done.returncode, done.stderr) == (0, "")


def test_mails_are_sent_before_the_process_ends() -> None:
    done = run(
        "-c",
        "import atexit, logging, django; django.setup(); log = logging.getLogger('django'); "
        "atexit.register(log.error, 'at the very end'); log.error('before')",
    )
    assert done.returncode == 0
    assert [record["event"] for record in records(done.stderr)] == ["before", "at the very end"]
    for event in ("before", "at the very end"):
        assert f"Subject: [Django] ERROR: {event}\n" in done.stdout
