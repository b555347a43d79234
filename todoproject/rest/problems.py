"""Every error of the API, as `application/problem+json` (RFC 9457).

Whatever is raised while a request is served ends up here. What is unknown here becomes a 500 that gives away nothing
but its request id; the log has the rest.
"""

from __future__ import annotations

import json
import logging
import random
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any, TypedDict

import psycopg
from django import db
from django.apps import apps
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db.models import CheckConstraint, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.response import HttpResponseBase
from ninja.errors import AuthenticationError, HttpError, ValidationError

from todoproject.db import failures
from todoproject.db.job import Overloaded, Refused, Unavailable
from todoproject.monitoring.logs import request_id

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"


class FieldError(TypedDict):
    pointer: str  # where in the body (`/title`), or `/query/…`, `/path/…`, `/header/…`
    message: str
    code: str


class Problem(Exception):
    """An error response. `code` is for programs and never changes; `detail` is for people."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
    ):
        super().__init__(detail)
        self.status, self.code, self.detail, self.errors, self.headers = status, code, detail, errors, headers

    def response(self) -> HttpResponse:
        body: dict[str, Any] = {
            "type": "about:blank",  # RFC 9457, 4.2.1: no more than the status says; `code` is more precise
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id.get(),
        }
        if self.errors is not None:
            body["errors"] = self.errors
        return HttpResponse(json.dumps(body), status=self.status, content_type=CONTENT_TYPE, headers=self.headers)


def not_found(what: str = "resource") -> Problem:
    return Problem(404, "not_found", f"There is no such {what}.")


async def no_such_address(request: HttpRequest, rest: str) -> HttpResponse:
    """The view for every address under the API that has none of its own."""
    return of_status(404).response()


def pointer(*path: object) -> str:
    """A JSON pointer (RFC 6901)."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)


def invalid(pointer: str, message: str, code: str) -> Problem:
    """A 422 about one place in the request."""
    return Problem(422, "invalid", message, errors=[{"pointer": pointer, "message": message, "code": code}])


def declare(*statuses: int) -> dict[str, list[int]]:
    """For an operation's `openapi_extra`: its errors beyond those that every operation has."""
    return {"x-problems": list(statuses)}


# The problem for each constraint, by name. Checks are not in here: their messages are in the models.
CONSTRAINTS: dict[str, Problem] = {}


def of(error: BaseException) -> Problem:
    """The problem that this exception is to the client."""
    match error:
        case Problem():
            return error
        case ValidationError():
            return _of_validation(error)
        case AuthenticationError():
            return of_status(401)
        case HttpError(__cause__=Problem() as cause):  # raised by our parser and wrapped by ninja
            return cause
        case HttpError():
            return of_status(error.status_code, str(error))
        case Http404():
            return not_found()
        case PermissionDenied():
            return of_status(403)
        case RequestDataTooBig():
            return of_status(413)
        case BadRequest() | SuspiciousOperation() | MultiPartParserError():
            return of_status(400)
        case psycopg.IntegrityError():
            return _of_constraint(error)
    if problem := of_outage(error):
        return problem
    logger.error("unhandled exception", exc_info=error)
    return of_status(500)


DETAILS = {
    400: ("bad_request", "The request is malformed."),
    401: ("unauthenticated", "Send a valid token: `Authorization: Bearer …`."),
    403: ("forbidden", "This is not allowed."),
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not support this method; the Allow header lists those it does."),
    413: ("too_large", "The body is too large for this address."),
    415: ("unsupported_media_type", "Send JSON: `Content-Type: application/json`."),
    500: ("internal_error", "Something went wrong on our side. Quote the request id when you report it."),
}


def of_status(status: int, detail: str | None = None) -> Problem:
    """The problem for a status alone, such as Django's own handlers give."""
    phrase = HTTPStatus(status).phrase
    code, standard = DETAILS.get(status, (phrase.lower().replace(" ", "_"), f"{phrase}."))
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return Problem(status, code, detail or standard, headers=headers)


def _of_validation(error: ValidationError) -> Problem:
    errors: list[FieldError] = []
    for item in error.errors:
        place, *path = item["loc"]
        if place == "body":
            path = path[1:]  # less the name of the view's parameter
        elif len(path) > 1 and isinstance(path[1], str):  # ninja leaves that name in for an item of a list
            path = path[1:]
        where = pointer(*path) if place == "body" else pointer(place, *path)
        message = str(item["msg"]).removeprefix("Value error, ")
        errors.append({"pointer": where, "message": message, "code": str(item["type"])})
    first = errors[0]
    where = first["pointer"] or "the body"
    return Problem(422, "invalid", f"{where}: {first['message']}", errors=errors)


def _of_constraint(error: psycopg.IntegrityError) -> Problem:
    name = error.diag.constraint_name or ""
    if problem := CONSTRAINTS.get(name):
        return problem
    if check := _checks().get(name):
        return invalid(*check, "check")
    # without the exception, because its text contains the whole row
    logger.error("no problem is declared for %s of %s", name or error.sqlstate, error.diag.table_name)
    return of_status(500)


@cache
def _checks() -> dict[str, tuple[str, str]]:
    """For each check constraint with a message of its own: the pointer to its first field, and the message.

    One without is about what only the database writes, so to break it is no mistake of the client's.
    """

    def first_field(condition: Any) -> str:
        while isinstance(condition, Q):
            condition = condition.children[0]
        return str(condition[0]).partition("__")[0]

    return {
        constraint.name: (f"/{first_field(constraint.condition)}", str(constraint.violation_error_message))
        for model in apps.get_models()
        for constraint in model._meta.constraints
        if isinstance(constraint, CheckConstraint)
        and constraint.violation_error_message != CheckConstraint.default_violation_error_message
    }


def of_outage(error: BaseException) -> Problem | None:
    """The 503 for a database that is away or not migrated, after a line in the log; None for any other error."""
    cause = error.__cause__ if isinstance(error, db.ProgrammingError) else error
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        logger.error("migrations are missing: manage.py migrate (%s)", str(cause).partition("\n")[0])
    elif not isinstance(error, psycopg.OperationalError | db.OperationalError | db.InterfaceError | OSError):
        return None
    elif not isinstance(error, Unavailable):  # else the pool has said it, once for all requests
        logger.warning("database: %s", failures.reason(error))
    retry_after = failures.retry_after(error)
    if isinstance(error, Refused) and error.unknown:
        return outcome_unknown(retry_after)
    if isinstance(error, Overloaded):
        return overloaded(retry_after)
    detail = "The database is not responding at the moment, and nothing was changed. Try again shortly."
    return _unavailable("database_unavailable", detail, retry_after)


def overloaded(retry_after: int | None = None) -> Problem:
    detail = "The service is overloaded at the moment, and nothing was changed. Try again shortly."
    return _unavailable("overloaded", detail, retry_after)


def outcome_unknown(retry_after: int | None = None) -> Problem:
    """The connection broke while the write was under way."""
    detail = (
        "The connection to the database broke before it answered: the change may have been made, or not. "
        "Repeating it is safe only with PUT or an Idempotency-Key; otherwise look first."
    )
    return _unavailable("outcome_unknown", detail, retry_after)


def _unavailable(code: str, detail: str, retry_after: int | None) -> Problem:
    return Problem(503, code, detail, headers={"Retry-After": str(retry_after or random.randint(1, 3))})


def replace_bare_error(response: HttpResponseBase) -> HttpResponseBase:
    """Turn an error that Django or ninja answered with a page or plain text into a problem; its headers stay."""
    if response.status_code < 400 or response.headers.get("Content-Type") in (CONTENT_TYPE, "application/json"):
        return response
    problem = of_status(response.status_code).response()
    for name, value in response.items():
        if name not in ("Content-Type", "Content-Length"):
            problem.headers.setdefault(name, value)
    return problem
