"""What ninja's OpenAPI document does not say by itself: the errors, and the headers of conditional requests."""

from __future__ import annotations

from typing import Any

from .problems import CONTENT_TYPE
from .schemas import ProblemOut

REF = "#/components/schemas/{model}"

PROBLEMS = {
    400: "The request is broken: a Host that is not this service's, a query string that is not UTF-8.",
    401: "No token, or one that is not valid.",
    403: "A session cookie without its CSRF token; or, where a password is asked for, a wrong one.",
    404: "There is no such object among yours.",
    409: "What has to be unique is taken.",
    412: "The object has changed since, or does not exist; nothing was done.",
    413: "The body is larger than 64 KiB.",
    415: "The body is not `application/json`.",
    422: "Something in the request is not valid; `errors` says what and where.",
    500: "Our fault; the request id finds it in our log.",
    503: "The database does not answer, or the service is overloaded. Try again after `Retry-After` seconds.",
}


def _header(description: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}}


def _parameter(name: str, description: str) -> dict[str, Any]:
    return {"in": "header", "name": name, "required": False} | _header(description)


IF_MATCH = _parameter("If-Match", "Only if the object still has this ETag; otherwise 412.")
IF_NONE_MATCH = _parameter("If-None-Match", "304 without a body while the object still has this ETag.")
CREATE_ONLY = _parameter("If-None-Match", "`*`: only if there is no object under this id yet; otherwise 412.")
ETAG = _header("Names this version of the object, for If-Match and If-None-Match.")
LOCATION = _header("The address of the new object.")
RETRY_AFTER = _header("Seconds to wait.")
WWW_AUTHENTICATE = _header("`Bearer`")


def complete(document: dict[str, Any]) -> None:
    """Add to a document of ninja's what is missing, in place. `x-problems` of an operation are its own errors."""
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
