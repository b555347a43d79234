"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from schemathesis.specs.openapi.definitions import OPENAPI_31

from todoproject.tests.client import Client, document

METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = [
    (operation["operationId"], operation) for path in document()["paths"].values() for operation in path.values()
]


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def test_it_is_served_as_it_is(anonymous: Client) -> None:
    response = anonymous.get("/api/v1/openapi.json")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("application/json")
    assert response.json() == document()


def test_it_is_a_valid_openapi_3_1_document() -> None:
    assert document()["openapi"].startswith("3.1.")
    errors = [error.message for error in Draft202012Validator(OPENAPI_31).iter_errors(document())]
    assert errors == []


def test_its_schemas_are_valid_json_schemas() -> None:
    for schema in document()["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_each_reference_leads_somewhere() -> None:
    schemas = {f"#/components/schemas/{name}" for name in document()["components"]["schemas"]}
    assert references(document())
    assert references(document()) <= schemas


def test_these_are_the_operations() -> None:
    listed = {
        (method, path): operation["operationId"]
        for path, item in document()["paths"].items()
        for method, operation in item.items()
    }
    assert listed == {
        ("get", "/api/v1/me"): "getMe",
        ("patch", "/api/v1/me"): "changeMe",
        ("delete", "/api/v1/me"): "deleteMe",
        ("get", "/api/v1/categories"): "listCategories",
        ("post", "/api/v1/categories"): "createCategory",
        ("get", "/api/v1/categories/{category_id}"): "getCategory",
        ("put", "/api/v1/categories/{category_id}"): "replaceCategory",
        ("patch", "/api/v1/categories/{category_id}"): "changeCategory",
        ("delete", "/api/v1/categories/{category_id}"): "deleteCategory",
        ("get", "/api/v1/todos"): "listTodos",
        ("post", "/api/v1/todos"): "createTodo",
        ("get", "/api/v1/todos/{todo_id}"): "getTodo",
        ("put", "/api/v1/todos/{todo_id}"): "replaceTodo",
        ("patch", "/api/v1/todos/{todo_id}"): "changeTodo",
        ("delete", "/api/v1/todos/{todo_id}"): "deleteTodo",
        ("post", "/api/v1/todos/{todo_id}/complete"): "completeTodo",
        ("post", "/api/v1/todos/{todo_id}/reopen"): "reopenTodo",
    }
    assert len(set(listed.values())) == len(listed)


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_each_operation_declares_its_errors(name: str, operation: dict[str, Any]) -> None:
    assert operation["security"], "every operation is somebody's"
    expected = {"400", "401", "403", "422", "500", "503"}
    expected |= {"413", "415"} if "requestBody" in operation else set()
    assert expected <= operation["responses"].keys()
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for status, response in operation["responses"].items():
        assert response["description"]
        if status >= "400":
            assert response["content"] == problem


def test_the_ways_to_authenticate_are_declared() -> None:
    declared = document()["components"]["securitySchemes"]
    used = {scheme for _, operation in OPERATIONS for way in operation["security"] for scheme in way}
    assert used == declared.keys()
    assert (declared["BearerToken"]["type"], declared["BearerToken"]["scheme"]) == ("http", "bearer")
    cookie = declared["SessionCookie"]
    assert (cookie["type"], cookie["in"], cookie["name"]) == ("apiKey", "cookie", "sessionid")


def test_a_problem_is_declared_with_its_fields() -> None:
    problem = document()["components"]["schemas"]["Problem"]
    assert {"type", "title", "status", "detail", "code", "request_id"} <= set(problem["required"])
    assert "errors" in problem["properties"]


def test_what_may_be_absent_in_a_patch_has_no_default() -> None:
    for name in ("TodoPatch", "CategoryPatch", "UserPatch"):
        schema = document()["components"]["schemas"][name]
        assert "required" not in schema
        assert schema["additionalProperties"] is False
        assert not any("default" in field for field in schema["properties"].values())


def test_the_docs_page_needs_nothing_from_elsewhere(anonymous: Client) -> None:
    page = anonymous.get("/api/v1/docs", headers={"Accept": "text/html"})
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r"(?:https?:)?//[\w.-]+\.[a-z]{2,}", page.text) == []
    assert "/api/v1/openapi.json" in page.text
    files = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert any(file.endswith(".js") for file in files) and any(file.endswith(".css") for file in files)
    for file in files:
        assert file.startswith("/static/")
        assert anonymous.get(file).status_code == 200
