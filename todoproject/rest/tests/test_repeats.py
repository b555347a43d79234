"""The connection breaks after the database has done what was asked, and the pool asks again."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from todoproject.db.job import Answer, ConnectionLost, Effect
from todoproject.db.pool import pool
from todoproject.tests.client import Person

TODOS = "/api/v1/todos"


@pytest.fixture
def cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every answer to a write is lost; what may be repeated is."""
    original = pool.transaction

    async def transaction(steps: Any, *, effect: Effect = Effect.ONCE, **manner: Any) -> Answer:
        answer = await original(steps, effect=effect, **manner)
        if effect is Effect.SAFE:
            return answer
        if effect is Effect.ONCE:
            raise ConnectionLost("the server closed the connection", unknown=True)
        return Answer((await original(steps, effect=effect, **manner)).results, repeated=True)

    monkeypatch.setattr(pool, "transaction", transaction)


@pytest.fixture
def todo(alice: Person) -> dict[str, Any]:
    made: dict[str, Any] = alice.client.post(TODOS, json={"title": "x"}).json()
    return made


@pytest.fixture
def address(todo: dict[str, Any]) -> str:
    return f"{TODOS}/{todo['id']}"


def test_a_delete_that_finds_nothing_any_more_has_deleted_it(
    alice: Person, address: str, request: pytest.FixtureRequest
) -> None:
    tag = alice.client.get(address).headers["etag"]
    request.getfixturevalue("cut")
    assert alice.client.delete(address, headers={"If-Match": tag}).status_code == 204
    assert alice.client.get(address).status_code == 404


def test_a_delete_of_what_has_another_version_stays_refused(
    alice: Person, address: str, request: pytest.FixtureRequest
) -> None:
    tag = alice.client.get(address).headers["etag"]
    alice.client.patch(address, json={"title": "y"})
    request.getfixturevalue("cut")
    assert alice.client.delete(address, headers={"If-Match": tag}).status_code == 412


def test_a_guarded_change_does_not_say_that_somebody_else_was_faster(
    alice: Person, address: str, request: pytest.FixtureRequest
) -> None:
    tag = alice.client.get(address).headers["etag"]
    request.getfixturevalue("cut")
    response = alice.client.patch(address, json={"title": "y"}, headers={"If-Match": tag})
    assert (response.status_code, response.json()["code"]) == (503, "outcome_unknown")
    assert "PUT or an Idempotency-Key" in response.json()["detail"]
    assert alice.client.get(address).json()["title"] == "y"


@pytest.mark.parametrize(("verb", "value"), [("complete", True), ("reopen", False)])
def test_completing_and_reopening_are_repeated(
    alice: Person, address: str, verb: str, value: bool, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("cut")
    response = alice.client.post(f"{address}/{verb}")
    assert response.status_code == 200
    assert response.json()["is_completed"] is value


def test_a_put_is_repeated(alice: Person, request: pytest.FixtureRequest) -> None:
    request.getfixturevalue("cut")
    address = f"{TODOS}/{uuid4()}"
    for title in ("x", "y"):
        response = alice.client.put(address, json={"title": title})
        assert response.is_success
        assert response.json()["title"] == title
    tag = response.headers["etag"]
    assert alice.client.put(address, json={"title": "z"}, headers={"If-Match": "*"}).json()["title"] == "z"
    assert alice.client.get(address).headers["etag"] != tag


@pytest.mark.parametrize("method", ["POST", "PATCH"])
def test_of_the_other_writes_it_is_said_that_they_may_have_happened(
    alice: Person, address: str, method: str, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("cut")
    response = alice.client.request(method, TODOS if method == "POST" else address, json={"title": "once"})
    assert (response.status_code, response.json()["code"]) == (503, "outcome_unknown")
    assert int(response.headers["retry-after"]) >= 1
    titles = [todo["title"] for todo in alice.client.get(TODOS).json()["items"]]
    assert titles.count("once") == 1
