"""Brings .venv up to date with lock files: `python3 .ci/environment.py requirements-run.txt ...`

Quick when nothing has changed. What an earlier run left half-made, or another Python made, is made anew. An older
Python 3 has to be able to read this file, to say that it is too old.
"""

import fcntl
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UNFINISHED = VENV / "unfinished"  # there while something is being installed


def main(locks: "list[str]") -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  it is an older Python that should get to read this
        stop(
            f"Python 3.11 or later is needed, and {sys.executable} is {sys.version_info[0]}.{sys.version_info[1]}. "
            "Name another one: make run PYTHON=python3.13"
        )
    with (ROOT / "Makefile").open() as file:  # any file will do: two runs at once take turns
        fcntl.flock(file, fcntl.LOCK_EX)
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
    say(f"Making .venv with Python {sys.version_info[0]}.{sys.version_info[1]} ...")
    if VENV.exists():
        shutil.rmtree(str(VENV))
    VENV.mkdir()
    UNFINISHED.touch()
    run(sys.executable, "-m", "venv", str(VENV))
    UNFINISHED.unlink()


def is_installed(lock: str) -> bool:
    stamp = VENV / lock
    return stamp.exists() and stamp.read_bytes() == (ROOT / lock).read_bytes()


def install(lock: str) -> None:
    say(f"Installing {lock} ...")
    UNFINISHED.touch()
    options = ["-qq", "--disable-pip-version-check", "--no-input", "--require-hashes", "--only-binary", ":all:"]
    run(str(PYTHON), "-m", "pip", "install", *options, "-r", str(ROOT / lock))
    shutil.copyfile(str(ROOT / lock), str(VENV / lock))
    UNFINISHED.unlink()


def run(*command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONHOME", "PYTHONPATH")}
    environment["PIP_USER"] = "0"
    status = subprocess.call(command, env=environment)
    if status:
        stop(f"this failed, with status {status}: {' '.join(command)}")


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def stop(message: str) -> None:
    sys.stderr.write(f"todoproject: {message}\n")
    sys.exit(1)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        stop(f"cannot use {error.filename or VENV}: {error.strerror}")
    except KeyboardInterrupt:
        sys.exit(130)
