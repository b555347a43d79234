"""What a client is told when it breaks a rule that only the database knows."""

from __future__ import annotations

import logging
from collections.abc import Callable

import psycopg
import pytest
from django.apps import apps
from django.db import IntegrityError
from django.db.models import CheckConstraint

from accounts.tests.test_constraints import BROKEN as ACCOUNTS
from todoproject.rest import problems
from todos.tests.test_constraints import BROKEN as TODOS

BROKEN = dict(ACCOUNTS + TODOS)


def checks(*, with_message: bool) -> list[CheckConstraint]:
    """The check constraints of the project's models that have, or do not have, a message of their own."""
    return [
        constraint
        for app in ("accounts", "todos")
        for model in apps.get_app_config(app).get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
        and (constraint.violation_error_message != CheckConstraint.default_violation_error_message) == with_message
    ]


def refused(breaking: Callable[[], object]) -> problems.Problem:
    with pytest.raises(IntegrityError) as caught:
        breaking()
    assert isinstance(caught.value.__cause__, psycopg.IntegrityError)
    return problems.of(caught.value.__cause__)


POINTERS = {
    "user_email_valid": "/email",
    "user_display_name_length": "/display_name",
    "api_token_name_length": "/name",
    "api_token_expires_later": "/expires_at",
    "category_name_length": "/name",
    "category_color_format": "/color",
    "category_icon_length": "/icon",
    "todo_title_length": "/title",
    "todo_description_length": "/description",
    "todo_priority_range": "/priority",
}


@pytest.mark.parametrize("constraint", [pytest.param(item, id=item.name) for item in checks(with_message=True)])
def test_a_broken_check_points_to_its_field_in_the_models_words(constraint: CheckConstraint) -> None:
    problem = refused(BROKEN[constraint.name])
    assert (problem.status, problem.code) == (422, "invalid")
    message = str(constraint.violation_error_message)
    assert problem.errors == [{"pointer": POINTERS[constraint.name], "message": message, "code": "check"}]


@pytest.mark.parametrize("constraint", [pytest.param(item, id=item.name) for item in checks(with_message=False)])
def test_a_check_that_no_client_can_break_is_an_error_of_ours(
    constraint: CheckConstraint, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "todoproject"):
        problem = refused(BROKEN[constraint.name])
    assert (problem.status, problem.code) == (500, "internal_error")
    assert constraint.name in caplog.text
    assert "Failing row" not in caplog.text
