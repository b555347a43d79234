"""Brings .venv up to date with lock files: `python3 .ci/environment.py requirements-run.txt ...`

Quick when nothing has changed. What an earlier run left half-made, or another Python made, is made anew. An older
Python 3 has to be able to read this file, to say that it is too old.
"""

import signal

if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C is quiet from the first moment
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the Makefile has let it wait

import fcntl
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"  # there while something is being installed
LOCK = ROOT / ".local" / "environment.lock"
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main(locks: "list[str]") -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  it is an older Python that should get to read this
        stop(
            f"Python 3.11 or later is needed, and {sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}. "
            "Name another one: make run PYTHON=python3.13"
        )
    LOCK.parent.mkdir(exist_ok=True)
    with open(os.open(str(LOCK), os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # two runs at once take turns
        if UNFINISHED.exists() or not is_usable():
            create()
        for lock in locks:
            if not is_installed(lock):
                install(lock)


def is_usable() -> bool:
    """Whether .venv works and has the version of this Python."""
    test = "import sys, importlib.util as u; print(sys.version_info[:2], bool(u.find_spec('pip')))"
    try:
        output = subprocess.check_output([str(PYTHON), "-c", test], stderr=subprocess.DEVNULL, universal_newlines=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return output.strip() == f"{sys.version_info[:2]} True"


def create() -> None:
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        stop("this Python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv")
    say(f"Making .venv with Python {sys.version_info[0]}.{sys.version_info[1]}: a few seconds ...")
    if VENV.exists():
        with suppress(FileNotFoundError):
            PYTHON.unlink()  # first, so that nobody takes what is left for usable
        shutil.rmtree(str(VENV))
    VENV.mkdir()
    UNFINISHED.touch()
    failed, output = run(sys.executable, "-m", "venv", str(VENV))
    if failed:
        stop(f"the virtual environment cannot be made:\n{output}")
    UNFINISHED.unlink()


def is_installed(lock: str) -> bool:
    stamp = VENV / lock
    return stamp.exists() and stamp.read_bytes() == (ROOT / lock).read_bytes()


def install(lock: str) -> None:
    say(f"Installing {lock}: half a minute, longer over a slow network ...")
    UNFINISHED.touch()
    options = ["-q", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"]
    failed, output = run(str(PYTHON), "-m", "pip", "install", *options, "-r", str(ROOT / lock))
    if failed and re.search(r"Retry\(total=0,(?!.*SSLError)", output):  # pip's last attempt
        stop("the package index does not answer. Is there a network? Type the same again once there is.")
    if failed:
        stop(f"{lock} cannot be installed. pip says:\n{output}")
    shutil.copyfile(str(ROOT / lock), str(VENV / lock))
    UNFINISHED.unlink()


def run(*command: str) -> "tuple[bool, str]":
    """Run a program that says nothing for long; return whether it failed, and what it said.

    Ctrl-C in the terminal does not reach it, or it would show a traceback. It ends with this process all the same.
    """
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    environment["PIP_USER"] = "0"
    with tempfile.TemporaryFile() as output:
        held = signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=lambda: signal.pthread_sigmask(signal.SIG_SETMASK, held),
        )
        try:
            signal.pthread_sigmask(signal.SIG_SETMASK, held)
            wait(process)
        finally:
            end(process)
        output.seek(0)
        return process.returncode != 0, output.read().decode(errors="replace").rstrip()


def wait(process: "subprocess.Popen[bytes]") -> None:
    """Until it ends. Show that it goes on: a dot a second on a terminal, a line every ten seconds in a log."""
    seconds, is_terminal = 0, sys.stdout.isatty()
    while True:
        try:
            process.wait(timeout=1)
            break
        except subprocess.TimeoutExpired:
            seconds += 1
        if is_terminal:
            say(".", end="")
        elif seconds % 10 == 0:
            say(f"... {seconds} s")
    if seconds and is_terminal:
        say("")


def end(process: "subprocess.Popen[bytes]") -> None:
    """See that nothing is left of the process and those that it has started."""
    if process.returncode is not None:
        return
    for number in ENDING:
        signal.signal(number, signal.SIG_IGN)  # this process is ending already
    for number in (signal.SIGINT, signal.SIGKILL):  # at the first one pip removes its temporary files
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=5)


def say(text: str, end: str = "\n") -> None:
    sys.stdout.write(f"{text}{end}")
    sys.stdout.flush()


def stop(message: str) -> None:
    sys.stderr.write(f"todoproject: {message}\n")
    sys.exit(1)


if __name__ == "__main__":
    try:
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:
                signal.signal(number, lambda number, frame: sys.exit(128 + number))
        main(sys.argv[1:])
    except OSError as error:
        stop(f"cannot use {error.filename or VENV}: {error.strerror}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            signal.signal(signal.SIGINT, signal.SIG_DFL)
