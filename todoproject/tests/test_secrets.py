"""Neither the database's password nor the secret key nor a token is ever said to anybody."""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from types import TracebackType

import httpx
import psycopg
import pytest
from django.core import mail
from django.db import OperationalError, connections
from django.test import RequestFactory
from django.utils.log import AdminEmailHandler
from django.views.debug import ExceptionReporter
from pytest_django.fixtures import Settings

from accounts.models import ApiToken
from todoproject.db import opener
from todoproject.db.connection import Connection
from todoproject.db.opener import connection_parameters
from todoproject.db.pool import Pool
from todoproject.db.tests.rig import Front, closed_port, fatal, service, url
from todoproject.monitoring.logs import JsonFormatter, TextFormatter
from todoproject.tests.waiting import PATIENCE

CANARY = "c4n4ryPa55w0rd"
PIECES = {CANARY[at : at + 6] for at in range(len(CANARY) - 5)}
KEY = secrets.token_urlsafe(50)
FORMER_KEYS = [secrets.token_urlsafe(50), secrets.token_urlsafe(50)]
TOKEN = ApiToken.make_secret()
WRONG_PASSWORD = fatal("28P01", 'password authentication failed for user "ann"')
ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]


def assert_silent(text: str, *more: str) -> None:
    found = [secret for secret in (*PIECES, *more) if secret in text]
    assert not found, f"{found} in {text[:2000]}"


@pytest.fixture(params=["refused", "wrong password"])
def unusable(request: pytest.FixtureRequest) -> Iterator[str]:
    """DATABASE_URL of a database that cannot be used, with the password in it."""
    if request.param == "refused":
        yield url(port=closed_port(), user="ann", password=CANARY)
        return
    with Front(password_refusal=WRONG_PASSWORD) as front:
        yield url(port=front.port, user="ann", password=CANARY)


@pytest.mark.parametrize(
    "environment",
    [
        {"DEBUG": "1", "LOG_FORMAT": "text", "LOG_LEVEL": "DEBUG"},
        {"DEBUG": "0", "LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG"},
    ],
    ids=["debug", "production"],
)
def test_the_service_without_its_database(environment: dict[str, str], unusable: str) -> None:
    """Answers, debug pages and logs."""
    answers = []
    keys = {"SECRET_KEY": KEY, "SECRET_KEY_FALLBACKS": ",".join(FORMER_KEYS)}
    with (
        service(**environment | keys, DATABASE_URL=unusable) as (address, output),
        httpx.Client(base_url=address, headers={"Accept": "text/html"}, timeout=PATIENCE) as client,
    ):
        for path in ("/health", "/health/db", "/readyz", "/livez", "/api/v1/docs", "/nothing"):
            answers.append(client.get(path))
        answers.append(client.get("/api/v1/todos", headers={"Authorization": f"Bearer {TOKEN}"}))
        page = client.get("/admin/", headers={"Cookie": "sessionid=abcdefghijklmnopqrstuvwxyz012345"})
        answers.append(page)
    is_debug = environment["DEBUG"] == "1"
    assert page.status_code == (500 if is_debug else 503)
    assert ("Traceback" in page.text) == ("Traceback" in output[0]) == is_debug
    for answer in answers:
        assert_silent(str(answer.headers) + answer.text, KEY, TOKEN, *FORMER_KEYS)
    assert_silent(output[0], KEY, TOKEN, *FORMER_KEYS)


@pytest.fixture
def failure(monkeypatch: pytest.MonkeyPatch) -> ExcInfo:
    """What Django raises when the database does not accept the password."""
    monkeypatch.setenv("PGPASSWORD", CANARY)
    connection = connections["default"].copy()
    with Front(password_refusal=WRONG_PASSWORD) as front:
        connection.settings_dict |= {"HOST": "127.0.0.1", "PORT": str(front.port), "USER": "ann"}
        try:
            connection.ensure_connection()
        except OperationalError as error:
            return type(error), error, error.__traceback__
    raise AssertionError("it was accepted")


def test_error_pages(failure: ExcInfo, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = FORMER_KEYS
    reporter = ExceptionReporter(RequestFactory().get("/"), *failure)
    html, text = reporter.get_traceback_html(), reporter.get_traceback_text()
    assert "password authentication failed" in html
    assert "SECRET_KEY_FALLBACKS" in html
    assert_silent(html, settings.SECRET_KEY, *FORMER_KEYS)
    assert_silent(text, settings.SECRET_KEY, *FORMER_KEYS)


def test_logs(failure: ExcInfo) -> None:
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed: %s", (failure[1],), failure)
    for formatter in (JsonFormatter(), TextFormatter()):
        line = formatter.format(record)
        assert "password authentication failed" in line
        assert_silent(line)


@pytest.mark.parametrize("html", [False, True])
def test_mails_to_the_admins(failure: ExcInfo, html: bool, settings: Settings) -> None:
    settings.SECRET_KEY_FALLBACKS = FORMER_KEYS
    settings.ADMINS = [("", f"{secrets.token_hex(8)}@example.com")]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    mail.outbox = []
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed: %s", (failure[1],), failure)
    AdminEmailHandler(include_html=html).emit(record)
    [message] = mail.outbox
    assert "password authentication failed" in message.message().as_string()
    assert_silent(message.message().as_string(), settings.SECRET_KEY, *FORMER_KEYS)


def test_connections_and_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", CANARY)

    async def texts() -> list[str]:
        pool, kept = Pool(), []
        connection = await Connection.open(connection_parameters(), prepare=True, patience=PATIENCE)
        await pool.fetch(b"SELECT 1", ())
        kept += [repr(pool), repr(vars(pool)), repr(connection), repr(vars(connection)), repr(connection_parameters())]
        connection.close()
        await pool.close()
        kept += [repr(pool), repr(connection), repr(vars(connection))]
        return kept

    for text in asyncio.run(texts()):
        assert_silent(text)


def test_what_the_pool_raises_and_logs(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv("PGPASSWORD", CANARY)

    async def fetch() -> None:
        pool = Pool()
        try:
            await pool.fetch(b"SELECT 1", ())
        finally:
            await pool.close()

    with Front(password_refusal=WRONG_PASSWORD) as front, caplog.at_level(logging.DEBUG):
        away = connection_parameters() | {"host": "127.0.0.1", "port": front.port, "user": "ann"}
        monkeypatch.setattr(opener, "connection_parameters", lambda: away)
        with pytest.raises(psycopg.OperationalError) as caught:
            asyncio.run(fetch())
    assert "no connection to the database: auth" in caplog.text
    assert_silent(caplog.text)
    assert_silent(repr(caught.value) + str(caught.value))


def test_no_setting_holds_it() -> None:
    environment = os.environ | {"DATABASE_URL": f"postgresql://ann:{CANARY}@db.example.com/todo"}
    command = [sys.executable, "manage.py", "diffsettings", "--all"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert "db.example.com" in done.stdout
    assert_silent(done.stdout + done.stderr)
