"""Programs that some tests need and that no Python package brings."""

from __future__ import annotations

import os
import shutil

import pytest


def program(name: str) -> str:
    """The path of the program.

    Without it the test is skipped, or fails where everything has to run: CI is set, and ALLOW_SKIPS is not 1.
    """
    variable = name.upper()
    found = os.environ.get(variable) or shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if found:
        return found
    message = f"no {name} (Debian: apt install {name}; elsewhere: its path in {variable})"
    if os.environ.get("CI") and os.environ.get("ALLOW_SKIPS") != "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
