"""The tests' HTTP client. It holds every answer of the API against the OpenAPI document."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import uuid4

import httpx
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from accounts.models import ApiToken, User
from todoproject.tests.waiting import PATIENCE


@cache
def document() -> dict[str, Any]:
    """The OpenAPI document as a client would load it."""
    from todoproject.api import api

    loaded: dict[str, Any] = json.loads(json.dumps(api.document))
    return loaded


@cache
def _operations() -> list[tuple[re.Pattern[str], dict[str, Any]]]:
    return [(re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), item) for path, item in document()["paths"].items()]


def check_against_document(response: httpx.Response) -> None:
    """That this status, media type and body are what the document promises for the operation."""
    request = response.request
    operations = [item for path, item in _operations() if path.fullmatch(request.url.path)]
    operation = operations[0].get(request.method.lower()) if operations else None
    if operation is None:
        return
    declared = operation["responses"].get(str(response.status_code))
    assert declared, f"{request.method} {request.url.path} does not declare {response.status_code}: {response.text}"
    content = declared.get("content")
    if content is None:
        assert not response.content
        return
    media_type = response.headers["content-type"].partition(";")[0]
    assert media_type in content, f"{media_type} is not declared for {response.status_code}"
    registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT202012.create_resource(document()))
    schema = _absolute(content[media_type]["schema"])
    Draft202012Validator(schema, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(
        response.json()
    )


def _absolute(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {k: f"urn:document{v}" if k == "$ref" else _absolute(v) for k, v in schema.items()}
    return [_absolute(item) for item in schema] if isinstance(schema, list) else schema


class Client(httpx.Client):
    def __init__(self, service: str, token: str | None = None):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        hooks = {"response": [self._check]}
        # verify: reading the CA bundle, which plain HTTP on this machine does not need, takes 40 ms a client
        super().__init__(base_url=service, headers=headers, timeout=PATIENCE, verify=False, event_hooks=hooks)

    @staticmethod
    def _check(response: httpx.Response) -> None:
        response.read()
        if response.request.method != "HEAD":
            check_against_document(response)


@dataclass(frozen=True)
class Person:
    user: User
    token: str
    client: Client

    def todo(self, **fields: Any) -> dict[str, Any]:
        """Create a to-do over the API and return it."""
        return self._create("/api/v1/todos", {"title": "Water the plants"} | fields)

    def category(self, **fields: Any) -> dict[str, Any]:
        return self._create("/api/v1/categories", {"name": f"Home {uuid4().hex[:8]}"} | fields)

    def _create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.client.post(path, json=body)
        assert response.status_code == 201, response.text
        created: dict[str, Any] = response.json()
        return created


def person(service: str, **fields: Any) -> Person:
    fields.setdefault("email", f"{uuid4().hex}@example.com")
    user = User.objects.create_user(**fields)
    token = ApiToken.objects.issue(user, "test")[1]
    return Person(user, token, Client(service, token))


def assert_problem(response: httpx.Response, status: int, code: str, *pointers: str) -> dict[str, Any]:
    """That it is this problem, complete and without a word about the inside; for a 422 with these pointers."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["code"] == code
    assert body["status"] == status
    assert isinstance(body["detail"], str) and body["detail"]
    assert body["request_id"] == response.headers["x-request-id"]
    assert [error["pointer"] for error in body.get("errors", [])] == list(pointers)
    for word in ("Traceback", "SELECT", "INSERT", "todos_todo", "psycopg", "postgres"):
        assert word not in response.text
    return body
