"""How malformed settings stop the start: a line that names the variable and says what to write."""

from __future__ import annotations

import os
import re
import secrets
import subprocess
import sys
from pathlib import Path

import pytest

from todoproject.tests.variables import PRODUCTION, ROOT, Change, in_the_example, load, read_in
from todoproject.tests.waiting import PATIENCE

# What each variable is given, and what the line about it says. `c4n4ry` is never repeated.
MALFORMED: dict[str, dict[str | None, str]] = {
    "SECRET_KEY": {
        None: "50 random characters",
        "": "is not set",
        "x" * 49: "is too short",
        "put-a-secret-here": "token_urlsafe(50)",
        "c4n4ry" * 4: "is too short",
        "x" * 50: "is not random",
    },
    "SECRET_KEY_FALLBACKS": {
        "c4n4ry" * 4: "is too short",
        f"{secrets.token_urlsafe(50)},c4n4ry": "former values of SECRET_KEY",
        f"{secrets.token_urlsafe(50)};c4n4ry,": "contains a blank or a semicolon",
        "x" * 50: "is not random",
    },
    "DATABASE_URL": {
        None: "`make run`",
        "": "postgresql://USER:PASSWORD@HOST/DATABASE",
        "mysql://a:c4n4ry@b/c": "postgresql://USER:PASSWORD@HOST/DATABASE",
        "postgresql://a:c4n4ry/x@b/c": "%2F for /",
        "postgresql://a:c4n4ry@b/c?sslmode=disable": "sslmode=require",
    },
    "ALLOWED_HOSTS": {
        None: "api.example.com",
        " , ": "api.example.com",
        "https://c4n4ry.test": "without https://",
        "c4n4ry.test:8000": "a port",
        "c4n4ry.test/": "a path",
        "c4n4ry.test other.test": "commas between its entries",
        "c4n4ry.test;other.test": "commas between its entries",
        "*.c4n4ry.test": "written .example.com",
        "::1": "in brackets, like [::1]",
        "[::1": "host name",
        "[c4n4ry]": "host name",
        "['c4n4ry.test']": "host name",
        "other.test,https://c4n4ry.test": "has a mistake in entry 2, which should",
        "bücher.test": "xn--",
        "c4n4ry..test": "host name",
        "c4n4ry" * 11: "host name",
        "c4n4ry." * 40: "host name",
    },
    "DEBUG": {"maybe": "1 or 0", "2": "1 or 0"},
    "DATABASE_POOL_MIN": {"-1": "from 0", "1.0": "a whole number", "1001": "to 1000"},
    "DATABASE_POOL_MAX": {
        "0": "from 1 to 1000",
        "2.5": "a whole number",
        "many": "a whole number",
        "nan": "a whole number",
        "inf": "a whole number",
        "1e2": "a whole number",
        "1_0": "a whole number",
        "٣": "a whole number",
        "1001": "from 1 to 1000",
        "9" * 5000: "from 1 to 1000",
        "3,4": "a whole number",
    },
    "DATABASE_TIMEOUT": {
        "0": "from 0.1 to 600",
        "601": "from 0.1 to 600",
        "10s": "a number of seconds",
        "1e1": "a number of seconds",
        ".": "a number of seconds",
        "9" * 5000: "a number of seconds",
    },
    "DATABASE_WAKE_TIMEOUT": {
        "soon": "a number of seconds",
        "nan": "a number of seconds",
        "0": "from 0.1 to 600",
        "1,5": "a number of seconds",
        "601": "from 0.1 to 600",
    },
    "DATABASE_PREPARED_STATEMENTS": {"2": "1 or 0"},
    "CORS_ALLOWED_ORIGINS": {
        "c4n4ry.test": "start with https:// or http://",
        "//c4n4ry.test": "start with https:// or http://",
        "ftp://c4n4ry.test": "start with https:// or http://",
        "https:c4n4ry.test": "start with https:// or http://",
        "https://c4n4ry.test/": "without a slash",
        "https://c4n4ry.test/app": "without a slash or a path",
        "https://c4n4ry.test?a=b": "end with the host",
        "https://ann:c4n4ry@other.test": "end with the host",
        "https://": "a host name after ://",
        "https://:8000": "a host name after ://",
        "https://c4n4ry..test": "a host name after ://",
        "https://[::c4n4ry]": "a host name after ://",
        "https://c4n4ry.test:": "a port from 1 to 65535",
        "https://c4n4ry.test:0": "a port from 1 to 65535",
        "https://c4n4ry.test:65536": "a port from 1 to 65535",
        "https://c4n4ry.test:http": "a port from 1 to 65535",
        "https://c4n4ry.test:443": "without :443",
        "http://c4n4ry.test:80": "without :80",
        "https://C4n4ry.test": "in lower case",
        "https://bücher.test": "xn--",
        "https://a.test https://c4n4ry.test": "commas between its entries",
        "https://a.test;https://c4n4ry.test": "commas between its entries",
        "https://a.test,c4n4ry.test": "entry 2, which should start with",
        '["https://c4n4ry.test"]': "commas between its entries",
        "https://*.c4n4ry.test": "each host in full",
        "https://*": "each host in full",
        "*": "any website",
        "null": "any website",
    },
    "CSRF_TRUSTED_ORIGINS": {
        "c4n4ry.test": "start with https:// or http://",
        "*.c4n4ry.test": "start with https:// or http://",
        "https://c4n4ry.test/": "without a slash",
        "https://*": "like https://*.example.com",
        "https://c4n4ry.*.test": "like https://*.example.com",
        "https://*c4n4ry.test": "like https://*.example.com",
        "https://*.": "a host name after ://",
        "*": "any website",
        "null": "any website",
    },
    "SECURE_SSL_REDIRECT": {"x": "1 or 0"},
    "SECURE_HSTS_SECONDS": {"-1": "from 0", "1 year": "a whole number", "1000000001": "to 1000000000"},
    "EMAIL_HOST": {
        "smtp://c4n4ry.test": "a host name alone",
        "c4n4ry.test:587": "the port is in EMAIL_PORT",
        "c4n4ry.test/": "a host name alone",
        "ann@c4n4ry.test": "a host name alone",
    },
    "EMAIL_PORT": {
        "smtp": "a whole number",
        "0": "from 1 to 65535",
        "65536": "from 1 to 65535",
        "587.0": "a whole number",
    },
    "EMAIL_HOST_USER": {"c4n4ryé": "ASCII", "c4n4ry": "both be set"},
    "EMAIL_HOST_PASSWORD": {"c4n4ryé": "ASCII"},
    "EMAIL_USE_TLS": {"x": "1 or 0"},
    "DEFAULT_FROM_EMAIL": {
        "c4n4ry": "an e-mail address",
        "c4n4ry@": "an e-mail address",
        "a@c4n4ry.test,b@c4n4ry.test": "an e-mail address",
        "To-do <c4n4ry>": "an e-mail address",
        "To-do <a@c4n4ry.test": "an e-mail address",
        "<a@c4n4ry.test>": "an e-mail address",
    },
    "ADMINS": {
        "c4n4ry": "an e-mail address",
        "a@other.test,c4n4ry": "entry 2, which should be an e-mail address",
        "Ann <a@c4n4ry.test>": "nothing else, like ann@example.com,bob@example.com",
        "a@c4n4ry.test b@c4n4ry.test": "nothing else, like ann@example.com,bob@example.com",
    },
    "LOG_FORMAT": {"xml": "text or json"},
    "LOG_LEVEL": {"LOUD": "DEBUG, INFO, WARNING, ERROR or CRITICAL", "20": "DEBUG, INFO"},
}


def assert_refused(*cases: tuple[str, Change, str]) -> None:
    """Variable, change and what is said: on one line, about that variable."""
    wrong = []
    for (name, change, hint), (status, err, _) in zip(cases, load(*(case[1] for case in cases)), strict=True):
        is_one_line = err.startswith(f"todoproject: {name} ") and err.count("\n") == 1
        if status != 2 or not is_one_line or hint not in err or "c4n4ry" in err.lower():
            wrong.append((change, status, err))
    assert wrong == []


def test_what_is_missing_or_malformed_stops_the_start_with_one_line() -> None:
    assert_refused(
        *((name, {name: value}, hint) for name, values in MALFORMED.items() for value, hint in values.items())
    )


def test_also_what_debug_leaves_unused_is_checked() -> None:
    assert_refused(
        ("SECURE_SSL_REDIRECT", {"DEBUG": "1", "SECURE_SSL_REDIRECT": "x"}, "1 or 0"),
        ("SECURE_HSTS_SECONDS", {"DEBUG": "1", "SECURE_HSTS_SECONDS": "x"}, "whole number"),
    )


def test_each_variable_of_the_settings_is_in_the_table() -> None:
    assert read_in(ROOT / "todoproject" / "settings.py") == MALFORMED.keys()


def test_what_came_along_with_a_paste_stops_the_start() -> None:
    cases: list[tuple[str, Change, str]] = []
    for name in MALFORMED.keys() - {"DATABASE_URL"}:  # which has its own rules, and takes quotation marks
        value = in_the_example()[name]
        for quote in ('"{}"', "'{}'", "“{}”"):
            cases.append((name, {name: quote.format(value)}, "is in quotation marks"))
        for character in ("\n", "\r", "\x1b", "\xa0", "\u200b", "\ufeff", "\udcff"):
            cases.append((name, {name: value + character + value}, "another invisible character"))
    assert_refused(*cases)


def test_what_does_not_go_together_stops_the_start() -> None:
    assert_refused(
        ("DATABASE_POOL_MIN", {"DATABASE_POOL_MIN": "5", "DATABASE_POOL_MAX": "4"}, "larger than DATABASE_POOL_MAX"),
        ("EMAIL_HOST_USER", {"EMAIL_HOST_PASSWORD": "c4n4ry"}, "EMAIL_HOST_PASSWORD should both be set, or neither"),
    )


@pytest.mark.parametrize(
    "content",
    [b"a\0b", "DEBUG=é".encode("latin-1"), "DEBUG=1".encode("utf-16")],
    ids=["null", "latin-1", "utf-16"],
)
def test_a_file_that_is_no_text_stops_the_start(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "env"
    file.write_bytes(b"LOG_LEVEL=" + content)
    [(status, err, _)] = load({"ENV_FILE": str(file)})
    assert status == 2
    assert err == f"todoproject: {file} cannot be read: it should be a text file in UTF-8\n"


def test_a_file_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    assert_refused(
        ("ENV_FILE", {"ENV_FILE": str(tmp_path / "c4n4ry")}, "a file that exists"),
        ("ENV_FILE", {"ENV_FILE": str(tmp_path)}, "a file that exists"),
    )


def test_a_file_of_a_windows_editor_is_read(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("LOG_LEVEL=ERROR\r\nLOG_FORMAT=text\r\n", encoding="utf-8-sig")
    [(_, err, settings)] = load({"ENV_FILE": str(file)})
    assert err == ""
    assert (settings["LOG_LEVEL"], settings["LOG_FORMAT"]) == ("ERROR", "text")


@pytest.mark.parametrize(
    "several",
    [[], ["--workers", "2", "--log-config", "todoproject/monitoring/uvicorn.json"]],
    ids=["one process", "several workers"],
)
def test_uvicorn_stops_with_that_line_alone(several: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "todoproject.asgi:application", "--port", "0", *several],
        env=os.environ | PRODUCTION | {"CORS_ALLOWED_ORIGINS": "app.example.com"},
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch("todoproject: CORS_ALLOWED_ORIGINS should start with https:// or http://, .+\n", done.stderr)


def test_uvicorn_does_not_start_its_workers_for_ever() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "uvicorn", "todoproject.asgi:application", "--port", "0", "--workers", "2"],
        env=os.environ | PRODUCTION | {"DEBUG": "maybe"},
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
    )
    assert done.stderr.count("todoproject: DEBUG should be 1 or 0\n") == 2
    assert "Traceback" not in done.stderr


def test_where_nothing_is_set_the_database_comes_first() -> None:
    [(status, err, _)] = load({name: None for name in PRODUCTION if name != "ENV_FILE"})
    assert status == 2
    assert re.match(r"todoproject: DATABASE_URL is not set\. .*`make run`", err)


def test_a_command_stops_with_that_line_alone() -> None:
    for variable in ("SECRET_KEY", "DATABASE_URL"):
        done = subprocess.run(
            [sys.executable, "manage.py", "check"],
            env=os.environ | PRODUCTION | {variable: ""},
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=PATIENCE,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(rf"todoproject: {variable} is not set\. .+\n", done.stderr)
