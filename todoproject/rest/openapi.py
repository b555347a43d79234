"""What ninja leaves out of the OpenAPI document: the errors, and the headers of conditional requests."""

from __future__ import annotations

from typing import Any

from .problems import CONTENT_TYPE
from .schemas import ProblemOut

REF = "#/components/schemas/{model}"

PROBLEMS = {
    400: "The request is broken: its Host is not this service, or its query string is not UTF-8.",
    401: "The token is missing or not valid.",
    403: "A session cookie came without its CSRF token, or a password that was asked for is wrong.",
    404: "You have no such object.",
    409: "Something that has to be unique is already taken.",
    412: "The object has changed in the meantime or does not exist; nothing was done.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not `application/json`.",
    422: "Something in the request is not valid; `errors` says what and where.",
    500: "An error on our side. The request id leads to it in our log.",
    503: (
        "The database is not responding (`database_unavailable`) or the service is overloaded (`overloaded`): nothing "
        "was changed, try again after `Retry-After` seconds. Or the connection broke during a write "
        "(`outcome_unknown`): repeating it is safe only with PUT or an Idempotency-Key."
    ),
}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": False} | _header(description)


IF_MATCH = _parameter("If-Match", "Act only if the object still has this ETag; otherwise 412.")
IF_NONE_MATCH = _parameter("If-None-Match", "Answer 304, without a body, while the object still has this ETag.")
CREATE_ONLY = _parameter("If-None-Match", "`*`: act only if no object has this id yet; otherwise 412.")
ETAG = _header("Identifies this version of the object, for If-Match and If-None-Match.")
LOCATION = _header("The address of the new object.")
RETRY_AFTER = _header("Seconds to wait.")
WWW_AUTHENTICATE = _header("`Bearer`")


def complete(document: dict[str, Any]) -> None:
    """Complete a document made by ninja, in place. An operation's own errors are in its `x-problems`."""
    schema = ProblemOut.model_json_schema(ref_template=REF, mode="serialization")
    document["components"]["schemas"] |= schema.pop("$defs") | {"Problem": schema}
    for path in document["paths"].values():
        for method, operation in path.items():
            summary, _, description = operation.get("description", operation["summary"]).partition("\n\n")
            operation |= {"summary": summary, "description": description}
            _describe_conditions(method, operation)
            _describe_problems(operation)


def _describe_problems(operation: dict[str, Any]) -> None:
    statuses = {400, 422, 500, 503, *operation.pop("x-problems", ())}
    if "requestBody" in operation:
        statuses |= {413, 415}
    if operation.get("security"):
        statuses |= {401, 403}
    for status in sorted(statuses):
        operation["responses"][status] = {
            "description": PROBLEMS[status],
            "content": {CONTENT_TYPE: {"schema": {"$ref": REF.format(model="Problem")}}},
        }
    operation["responses"][503]["headers"] = {"Retry-After": RETRY_AFTER}
    if 401 in statuses:
        operation["responses"][401]["headers"] = {"WWW-Authenticate": WWW_AUTHENTICATE}


def _describe_conditions(method: str, operation: dict[str, Any]) -> None:
    responses, parameters = operation["responses"], operation["parameters"]
    changes_one = 412 in operation.get("x-problems", ())
    if changes_one:
        parameters.append(IF_MATCH)
    if changes_one and method == "put":
        parameters.append(CREATE_ONLY)
    if 304 in responses:
        parameters.append(IF_NONE_MATCH)
    if 201 in responses:
        responses[201]["headers"] = {"ETag": ETAG, "Location": LOCATION}
    if 200 in responses and (changes_one or 304 in responses):
        responses[200]["headers"] = {"ETag": ETAG}
