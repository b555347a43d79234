"""What the settings take from the environment, and how they refuse to start without it."""

from __future__ import annotations

import ast
import json
import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as current

ROOT = Path(__file__).resolve().parent.parent.parent
EXAMPLE = (ROOT / ".env.example").read_text()
READERS = {"text", "flag", "number", "names", "secret", "is_set"}
# Set by those who start the process and not by its settings.
OTHERS = {"ENV_FILE", "DJANGO_SETTINGS_MODULE", "PGPASSWORD"}

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
    plain = {name: value for name, value in settings.items() if name.isupper() and isinstance(value, (bool, str, list))}
    print(json.dumps([status, err.getvalue(), plain], default=str))
"""


def load(*changes: dict[str, str | None]) -> list[tuple[object, str, dict[str, object]]]:
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
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return [tuple(json.loads(line)) for line in done.stdout.splitlines()]


BAD: list[tuple[dict[str, str | None], str, str]] = [  # the change, the variable, what it should look like
    ({"SECRET_KEY": None}, "SECRET_KEY", "50 random characters"),
    ({"SECRET_KEY": ""}, "SECRET_KEY", "is not set"),
    ({"SECRET_KEY": "x" * 49}, "SECRET_KEY", "is too short"),
    ({"SECRET_KEY": "put-a-secret-here"}, "SECRET_KEY", "token_urlsafe(50)"),
    ({"DATABASE_URL": None}, "DATABASE_URL", "postgresql://USER:PASSWORD@HOST/DATABASE"),
    ({"DATABASE_URL": None}, "DATABASE_URL", "make run"),
    ({"DATABASE_URL": "mysql://a:c4n4ry@b/c"}, "DATABASE_URL", "postgresql://USER:PASSWORD@HOST/DATABASE"),
    ({"DATABASE_URL": "postgresql://a:c4n4ry/x@b/c"}, "DATABASE_URL", "%2F for /"),
    ({"DATABASE_URL": "postgresql://a:c4n4ry@b/c?sslmode=disable"}, "DATABASE_URL", "sslmode=require"),
    ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS", "api.example.com"),
    ({"ALLOWED_HOSTS": " , "}, "ALLOWED_HOSTS", "api.example.com"),
    ({"DEBUG": "maybe"}, "DEBUG", "1 or 0"),
    ({"DATABASE_POOL_MIN": "-1"}, "DATABASE_POOL_MIN", "at least 0"),
    ({"DATABASE_POOL_MAX": "0"}, "DATABASE_POOL_MAX", "at least 1"),
    ({"DATABASE_POOL_MAX": "many"}, "DATABASE_POOL_MAX", "number"),
    ({"DATABASE_POOL_MAX": "nan"}, "DATABASE_POOL_MAX", "number"),
    ({"DATABASE_POOL_MAX": "inf"}, "DATABASE_POOL_MAX", "number"),
    ({"DATABASE_POOL_MIN": "5", "DATABASE_POOL_MAX": "4"}, "DATABASE_POOL_MIN", "larger than DATABASE_POOL_MAX"),
    ({"DATABASE_POOL_TIMEOUT": "0"}, "DATABASE_POOL_TIMEOUT", "at least 0.1"),
    ({"DATABASE_STATEMENT_TIMEOUT": "soon"}, "DATABASE_STATEMENT_TIMEOUT", "number"),
    ({"DATABASE_PREPARED_STATEMENTS": "2"}, "DATABASE_PREPARED_STATEMENTS", "1 or 0"),
    ({"SECURE_HSTS_SECONDS": "-1"}, "SECURE_HSTS_SECONDS", "at least 0"),
    ({"SECURE_SSL_REDIRECT": "x"}, "SECURE_SSL_REDIRECT", "1 or 0"),
    ({"EMAIL_PORT": "smtp"}, "EMAIL_PORT", "number"),
    ({"EMAIL_USE_TLS": "x"}, "EMAIL_USE_TLS", "1 or 0"),
    ({"LOG_FORMAT": "xml"}, "LOG_FORMAT", "text or json"),
    ({"LOG_LEVEL": "LOUD"}, "LOG_LEVEL", "DEBUG, INFO, WARNING, ERROR or CRITICAL"),
]


def test_what_is_missing_or_wrong_stops_the_start_with_one_line() -> None:
    wrong = []
    for (change, name, hint), (status, err, _) in zip(BAD, load(*(change for change, _, _ in BAD)), strict=True):
        is_one_line = err.startswith(f"todoproject: {name} ") and err.count("\n") == 1
        if status != 2 or not is_one_line or hint not in err or "c4n4ry" in err:
            wrong.append((change, status, err))
    assert wrong == []


def test_a_command_stops_with_that_line_alone() -> None:
    for variable in ("SECRET_KEY", "DATABASE_URL"):
        done = subprocess.run(
            [sys.executable, "manage.py", "check"],
            env=os.environ | PRODUCTION | {variable: ""},
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=60,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(rf"todoproject: {variable} is not set\. .+\n", done.stderr)


def test_what_is_not_said_is_safe() -> None:
    [(status, err, settings), (_, _, debug)] = load({}, {"DEBUG": "true", "ALLOWED_HOSTS": None})
    assert (status, err) == (0, "")
    assert settings["DEBUG"] is False
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"):
        assert settings[name] is True
        assert debug[name] is False
    assert settings["LOG_FORMAT"] == "json"
    assert settings["CORS_ALLOWED_ORIGINS"] == settings["CSRF_TRUSTED_ORIGINS"] == []
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert debug["DEBUG"] is True
    assert debug["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert debug["LOG_FORMAT"] == "text"
    assert current.DEBUG is False


def test_lists_and_switches() -> None:
    [(_, _, one), (_, _, other)] = load(
        {"ALLOWED_HOSTS": " a.example.com ,b.example.com,", "EMAIL_HOST": "smtp.example.com", "EMAIL_USE_TLS": "No"},
        {"SECURE_SSL_REDIRECT": "off", "LOG_LEVEL": "debug"},
    )
    assert one["ALLOWED_HOSTS"] == ["a.example.com", "b.example.com"]
    assert one["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert one["EMAIL_USE_TLS"] is False
    assert other["SECURE_SSL_REDIRECT"] is False
    assert other["LOG_LEVEL"] == "DEBUG"


def test_django_has_nothing_to_say_against_it_in_production() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("SECURE_SSL_REDIRECT", "DEBUG")}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"],
        env=environment | PRODUCTION,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


# --- .env.example ----------------------------------------------------------------------------------------------------


def read_by_the_code() -> set[str]:
    """The variables that the project's modules read, by their syntax."""
    found = set()
    for app in ("accounts", "todoproject", "todos"):
        for path in (ROOT / app).rglob("*.py"):
            if "tests" not in path.parts:
                found |= {name for node in ast.walk(ast.parse(path.read_text())) for name in read_by(node)}
    return found


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


def test_the_example_lists_each_variable_and_no_other() -> None:
    assert set(in_the_example()) == read_by_the_code() - OTHERS


def test_each_variable_of_the_example_is_explained() -> None:
    for paragraph in EXAMPLE.split("\n\n")[1:]:
        lines = paragraph.strip().splitlines()
        if not lines[0].startswith("# ---"):
            assert re.match(r"# [A-Z][a-z]|# [a-z]+ or|# DEBUG, INFO", lines[0]), lines


def test_the_example_works_once_its_secret_and_its_url_are_filled_in(tmp_path: Path) -> None:
    as_it_is, filled_in = tmp_path / "a", tmp_path / "b"
    as_it_is.write_text(EXAMPLE)
    everything = re.sub(r"^# ([A-Z][A-Z0-9_]+=)", r"\1", EXAMPLE, flags=re.MULTILINE)
    filled_in.write_text(everything.replace("put-a-secret-here", secrets.token_urlsafe(50)))
    nothing: dict[str, str | None] = dict.fromkeys(PRODUCTION)
    [(status, err, _), (other_status, other_err, settings)] = load(
        nothing | {"ENV_FILE": str(as_it_is)}, nothing | {"ENV_FILE": str(filled_in)}
    )
    assert status == 2
    assert err.startswith("todoproject: SECRET_KEY is too short")
    assert (other_status, other_err) == (0, "")
    assert settings["ALLOWED_HOSTS"] == ["api.example.com"]


@pytest.mark.parametrize(
    "name", ["DATABASE_POOL_MIN", "DATABASE_POOL_MAX", "DATABASE_POOL_TIMEOUT", "EMAIL_PORT", "SECURE_HSTS_SECONDS"]
)
def test_the_example_shows_the_defaults(name: str) -> None:
    source = (ROOT / "todoproject" / "settings.py").read_text()
    default = re.search(rf'number\("{name}", ([\d_.]+)', source)
    assert default is not None
    assert float(default[1]) == float(in_the_example()[name])
