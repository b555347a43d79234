"""The variables of the environment: where they are read, and what the settings make of them."""

from __future__ import annotations

import ast
import inspect
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

from todoproject import environment
from todoproject.tests.waiting import PATIENCE

Change = dict[str, str | None]
ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
READERS = {"is_set"} | {
    name
    for name, reader in inspect.getmembers(environment, inspect.isfunction)
    if next(iter(inspect.signature(reader).parameters), "") == "name"
}
# Set by those who start the process and not by its settings.
OTHERS = {"ENV_FILE", "DJANGO_SETTINGS_MODULE", "PGPASSWORD", "WEB_CONCURRENCY"}

PRODUCTION = {
    "ENV_FILE": os.devnull,
    "SECRET_KEY": secrets.token_urlsafe(50),
    "DATABASE_URL": "postgresql://ann:c4n4ry@db.example.com/todo",
    "ALLOWED_HOSTS": "todo.example.com",
}
# Reads the settings once for each environment on standard input, and prints what came of it.
MANY = """
import contextlib, io, json, os, runpy, sys
for environment in json.load(sys.stdin):
    os.environ.clear()
    os.environ.update(environment)
    err, status, settings = io.StringIO(), 0, {}
    try:
        with contextlib.redirect_stderr(err):
            settings = runpy.run_module("todoproject.settings")
    except SystemExit as stop:
        status = stop.code
    except BaseException as error:
        status = repr(error)
    kinds = int, float, str, list
    plain = {name: value for name, value in settings.items() if name.isupper() and isinstance(value, kinds)}
    print(json.dumps([status, err.getvalue(), plain], default=str))
"""


def load(*changes: Change) -> list[tuple[object, str, dict[str, object]]]:
    """Exit status, standard error and settings for each change of a production environment."""
    environments = [
        {name: value for name, value in (PRODUCTION | change).items() if value is not None} for change in changes
    ]
    done = subprocess.run(
        [sys.executable, "-c", MANY],
        input=json.dumps(environments),
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


def read_by_the_code() -> set[str]:
    """The variables that the project's modules read, by their syntax."""
    paths = [path for app in ("accounts", "todoproject", "todos") for path in (ROOT / app).rglob("*.py")]
    return set().union(*(read_in(path) for path in paths if "tests" not in path.parts))


def read_in(module: Path) -> set[str]:
    return {name for node in ast.walk(ast.parse(module.read_text())) for name in read_by(node)}


def read_by(node: ast.AST) -> set[str]:
    """`os.environ["NAME"]`, `os.environ.get("NAME")`, and the settings' own readers."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) == "os.environ" and isinstance(node.ctx, ast.Load):
        first: ast.expr = node.slice
    elif isinstance(node, ast.Call) and node.args:
        function = ast.unparse(node.func)
        if function not in READERS | {"os.environ.get", "os.environ.pop", "os.environ.setdefault", "os.getenv"}:
            return set()
        first = node.args[0]
    else:
        return set()
    is_name = isinstance(first, ast.Constant) and re.fullmatch(r"[A-Z][A-Z0-9_]+", str(first.value))
    return {str(first.value)} if isinstance(first, ast.Constant) and is_name else set()


def in_the_example() -> dict[str, str]:
    return dict(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=(.*)$", EXAMPLE, re.MULTILINE))
