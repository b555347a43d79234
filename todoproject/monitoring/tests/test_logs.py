"""What the service writes from its start to its end, and the mails to ADMINS, in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]


def records(output: str) -> list[dict[str, str]]:
    """One a line, each with what a collector of logs needs."""
    found: list[dict[str, str]] = [json.loads(line) for line in output.splitlines()]
    for record in found:
        assert {"ts", "level", "logger", "event"} <= record.keys()
        assert record.keys() <= {"ts", "level", "logger", "event", "request_id", "exception"}
    return found


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env=os.environ | {"ADMINS": "admin@example.com", "DJANGO_SETTINGS_MODULE": "todoproject.settings"},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
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
