"""The service in front of a database without migrations: 503 everywhere, until they are there."""

from __future__ import annotations

import json

import httpx
import pytest
from django import db
from psycopg import errors

from accounts.models import ApiToken
from todoproject.db.tests.rig import service
from todoproject.rest import problems
from todoproject.tests import scratch
from todoproject.tests.client import assert_problem
from todoproject.tests.shell import run
from todoproject.tests.waiting import PATIENCE

TODOS = "/api/v1/todos"
SESSION = {"Cookie": "sessionid=" + "a" * 32}


def test_it_is_503_until_the_migrations_are_there() -> None:
    token = {"Authorization": f"Bearer {ApiToken.make_secret()}"}
    with scratch.database() as name:
        away = {"DATABASE_URL": scratch.url(name)}
        with service(**away) as (url, output), httpx.Client(base_url=url, timeout=PATIENCE) as client:
            for headers in (token, SESSION):  # by the lean handler and by Django's own
                response = client.get(TODOS, headers=headers)
                assert_problem(response, 503, "database_unavailable")
                assert response.headers["retry-after"] in ("1", "2", "3")
                assert "accounts_apitoken" not in response.text
                assert "django_session" not in response.text
            page = client.get("/admin/", headers=SESSION | {"Accept": "text/html"})
            assert page.status_code == 503
            assert page.headers["retry-after"] in ("1", "2", "3")
            assert "The service is unavailable" in page.text
            assert_problem(client.get("/admin/", headers=SESSION), 503, "database_unavailable")
            assert client.get("/readyz").json()["checks"]["database"]["error"] == "migrations"
            assert client.get("/livez").status_code == 200

            assert run("migrate", **away).returncode == 0
            assert client.get(TODOS, headers=token).status_code == 401
            assert client.get("/admin/", headers=SESSION).status_code == 302
    events = [json.loads(line)["event"] for line in output[0].splitlines() if line.startswith("{")]
    missing = [event for event in events if event.startswith("migrations are missing: manage.py migrate (relation ")]
    assert len(missing) == 4
    assert "Traceback" not in output[0]


def wrapped(error: Exception) -> db.ProgrammingError:
    """As Django's own connections raise it."""
    try:
        raise db.ProgrammingError(str(error)) from error
    except db.ProgrammingError as outer:
        return outer


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.UndefinedTable('relation "x" does not exist'), 503),
        (errors.UndefinedColumn('column "x" does not exist'), 503),
        (wrapped(errors.UndefinedTable('relation "x" does not exist')), 503),
        (wrapped(errors.UndefinedColumn('column "x" does not exist')), 503),
        (errors.SyntaxError("syntax error"), 500),
        (wrapped(errors.SyntaxError("syntax error")), 500),
    ],
    ids=lambda value: repr(value),
)
def test_only_what_migrations_would_have_made_counts_as_missing(error: Exception, status: int) -> None:
    assert problems.of(error).status == status
