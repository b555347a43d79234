"""What an exception means to the client, where hardly a request gets that far."""

from __future__ import annotations

import logging
from uuid import uuid4

import psycopg
import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from ninja.errors import HttpError

from todoproject.db.opener import connection_parameters
from todoproject.rest import problems


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (RequestDataTooBig(), 413, "too_large"),
        (HttpError(409, "Taken."), 409, "conflict"),
    ],
)
def test_djangos_and_ninjas_own_exceptions(error: Exception, status: int, code: str) -> None:
    problem = problems.of(error)
    assert (problem.status, problem.code) == (status, code)


def refused(sql: str, value: str) -> psycopg.IntegrityError:
    """What PostgreSQL raises for this statement."""
    with psycopg.connect(**connection_parameters()) as connection, pytest.raises(psycopg.IntegrityError) as caught:
        connection.execute(sql.encode(), [value])
    return caught.value


def test_a_constraint_that_nobody_expects_is_500_and_its_row_is_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    value = uuid4().hex
    with caplog.at_level(logging.ERROR):
        problem = problems.of(refused("INSERT INTO django_session (session_key) VALUES (%s)", value))
    assert problem.status == 500
    assert "no problem is declared for 23502 of django_session" in caplog.text
    assert value not in caplog.text
