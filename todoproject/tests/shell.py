"""Commands of manage.py in a process of their own, as somebody at a shell runs them."""

from __future__ import annotations

import os
import subprocess
import sys

from todoproject.tests.waiting import PATIENCE

CANARY = "c4n4ryPa55w0rd"


def start(*arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end. It shows no traceback, no URL and not CANARY, the password of the tests' URLs."""
    process = start(*arguments, **environment)
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in err, err
    for text in (out, err):
        assert CANARY not in text
        assert "postgresql://" not in text.replace("postgresql://USER:PASSWORD@HOST/DATABASE", "")
    return subprocess.CompletedProcess(arguments, process.returncode, out, err)
