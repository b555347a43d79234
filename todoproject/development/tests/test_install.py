"""`.ci/environment.py`, which brings .venv up to date: what it says, and that Ctrl-C ends it."""

from __future__ import annotations

import fcntl
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from todoproject.db.tests.rig import closed_port
from todoproject.tests.waiting import PATIENCE

SCRIPT = Path(__file__).resolve().parents[3] / ".ci" / "environment.py"
LOCK = "requirements-run.txt"
INSTALLING = f"Installing {LOCK}: half a minute, longer over a slow network ...\n"


class Checkout:
    """One with a .venv whose Python is that of the tests, or a `program` that stands in for its pip."""

    def __init__(self, path: Path, program: str = f'exec {sys.executable} "$@"') -> None:
        self.path = path
        (path / ".ci").mkdir()
        shutil.copy(SCRIPT, path / ".ci")
        (path / LOCK).write_text("nobody-has-this-package==1.0 --hash=sha256:" + 64 * "0" + "\n")
        python = path / ".venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        python.write_text(f'#!/bin/sh\n[ "$1" = -m ] || exec {sys.executable} "$@"\n{program}\n')
        python.chmod(0o755)

    def start(self, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, ".ci/environment.py", LOCK],
            cwd=self.path,
            env={"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def says(self, **environment: str) -> tuple[int, str, str]:
        """The exit status, standard output and standard error."""
        with self.start(**environment) as process:
            output, errors = process.communicate(timeout=PATIENCE)
            return process.returncode, output, errors


def test_without_a_network_it_says_so_in_one_line(tmp_path: Path) -> None:
    status, output, errors = Checkout(tmp_path).says(
        PIP_INDEX_URL=f"http://127.0.0.1:{closed_port()}/simple", PIP_RETRIES="1"
    )
    assert (status, output) == (1, INSTALLING)
    assert errors == (
        "todoproject: the package index does not answer. Is there a network? Type the same again once there is.\n"
    )


def test_another_error_of_pip_is_shown(tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    status, _, errors = Checkout(tmp_path).says(PIP_INDEX_URL=(tmp_path / "index").as_uri())
    assert status == 1
    assert errors.startswith(f"todoproject: {LOCK} cannot be installed. pip says:\n")
    assert "No matching distribution found for nobody-has-this-package==1.0" in errors


def test_a_certificate_that_is_not_trusted_is_no_missing_network(tmp_path: Path) -> None:
    retry = "WARNING: Retrying (Retry(total=0, connect=None)) after connection broken by 'SSLError(CERTIFICATE_VERIFY)'"
    status, _, errors = Checkout(tmp_path, f'echo "{retry}"; exit 1').says()
    assert (status, "CERTIFICATE_VERIFY" in errors) == (1, True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_pip_too_and_nothing_is_said(number: signal.Signals, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "started")
    with Checkout(tmp_path, "echo $$ > started; exec sleep 600").start() as process:
        pip = int((tmp_path / "started").read_text())
        os.killpg(process.pid, number)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (128 + number, "")
    assert (tmp_path / ".venv" / "unfinished").exists()  # to be made anew the next time
    with pytest.raises(ProcessLookupError):
        os.kill(pip, 0)


def test_a_lock_that_a_stranger_could_hold_does_not_matter(tmp_path: Path) -> None:
    (tmp_path / "Makefile").touch()
    with (tmp_path / "Makefile").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert Checkout(tmp_path, "exit 0").says() == (0, INSTALLING, "")
    assert (tmp_path / ".local" / "environment.lock").stat().st_mode & 0o777 == 0o600


class SlowProgram(subprocess.Popen[bytes]):
    def __init__(self, seconds: int) -> None:
        self.seconds = seconds

    def wait(self, timeout: float | None = None) -> int:
        self.seconds -= 1
        if self.seconds < 0:
            return 0
        raise subprocess.TimeoutExpired("pip", timeout or 0)

    def __del__(self) -> None:
        pass


@pytest.fixture
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    before = signal.getsignal(signal.SIGINT)
    spec.loader.exec_module(module)
    signal.signal(signal.SIGINT, before)
    return module


def test_a_log_gets_a_line_every_ten_seconds(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    script.wait(SlowProgram(25))
    assert capsys.readouterr().out == "... 10 s\n... 20 s\n"


def test_a_terminal_gets_a_dot_a_second(
    script: ModuleType, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    script.wait(SlowProgram(3))
    assert capsys.readouterr().out == "...\n"
