"""/livez, /health, /health/db, /readyz"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

import pytest
import trustme

from todoproject.db import opener
from todoproject.db.failures import Reason
from todoproject.db.job import ConnectionLost
from todoproject.db.tests.rig import Front, Gate, closed_port, fatal, kill
from todoproject.monitoring import health
from todoproject.monitoring.health import DatabaseHealth, Probe, check_database_health, connect
from todoproject.tests.client import Client
from todoproject.tests.waiting import PATIENCE, becomes

PATHS = ("/livez", "/health", "/health/db", "/readyz")
USUAL_PATIENCE = health.PATIENCE  # before conftest.py makes it longer
TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def somewhere_else(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Call it with parameters that new connections of this process are to be made with."""
    usual = opener.connection_parameters() | {"connect_timeout": PATIENCE}

    def change(**parameters: Any) -> None:
        changed = {name: value for name, value in (usual | parameters).items() if value is not None}
        monkeypatch.setattr(health, "connection_parameters", lambda: changed)

    return change


@pytest.fixture
def behind(somewhere_else: Callable[..., None]) -> Callable[[Front], None]:
    def change(front: Front) -> None:
        somewhere_else(host="127.0.0.1", port=front.port)

    return change


@pytest.fixture
def fresh_probe(monkeypatch: pytest.MonkeyPatch) -> Iterator[Probe]:
    """The endpoints of the running service ask this one; it has no connection yet."""
    probe = Probe()
    monkeypatch.setattr(health, "probe", probe)
    yield probe
    if probe._running is not None:
        asyncio.run_coroutine_threadsafe(probe.close(), probe._running.get_loop()).result(PATIENCE)


# --- What a client sees ----------------------------------------------------------------------------------------------


def test_it_works(anonymous: Client) -> None:
    assert anonymous.get("/livez").json() == {"status": "healthy"}

    body = anonymous.get("/health").json()
    latency = body["checks"]["database"]["latency_ms"]
    database = {"status": "healthy", "connected": True, "latency_ms": latency}
    assert body == {"status": "healthy", "timestamp": body["timestamp"], "checks": {"database": database}}
    assert TIMESTAMP.fullmatch(body["timestamp"])
    assert isinstance(latency, int) and latency >= 0

    body = anonymous.get("/readyz").json()
    assert body == {"status": "healthy", "timestamp": body["timestamp"], "checks": {"database": database}}

    body = anonymous.get("/health/db").json()
    assert isinstance(body["pool_size"], int) and isinstance(body["active_connections"], int)
    assert body == database | {"pool_size": body["pool_size"], "active_connections": body["active_connections"]}


@pytest.mark.parametrize("path", PATHS)
def test_the_answer_is_json_that_nobody_keeps(anonymous: Client, path: str) -> None:
    response = anonymous.get(path)
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "no-store"
    assert "retry-after" not in response.headers


@pytest.mark.parametrize("path", PATHS)
def test_methods(anonymous: Client, path: str) -> None:
    head = anonymous.head(path)
    assert (head.status_code, head.content) == (200, b"")
    post = anonymous.post(path)
    assert post.status_code == 405
    assert {"GET", "HEAD"} <= set(re.split(r", *", post.headers["allow"]))


@pytest.mark.parametrize("path", PATHS)
def test_any_host_may_be_asked_for_and_nothing_redirects(anonymous: Client, path: str) -> None:
    for host in ("10.1.2.3", "not-ours.example.com", "_"):
        response = anonymous.get(path, headers={"Host": host, "X-Forwarded-Proto": "http", "Accept": "text/html"})
        assert response.status_code == 200, response.text


def test_livez_asks_nobody(anonymous: Client, fresh_probe: Probe, somewhere_else: Callable[..., None]) -> None:
    somewhere_else(host="127.0.0.1", port=closed_port())
    assert anonymous.get("/livez").status_code == 200
    assert fresh_probe._running is None


def test_unhealthy(anonymous: Client, fresh_probe: Probe, somewhere_else: Callable[..., None]) -> None:
    somewhere_else(host="127.0.0.1", port=closed_port())
    database = {"status": "unhealthy", "connected": False, "error": "refused"}
    for path in ("/health", "/health/db", "/readyz"):
        response = anonymous.get(path)
        assert response.status_code == 503
        assert int(response.headers["retry-after"]) >= 1
        body = response.json()
        if path == "/health/db":
            assert body == database
        else:
            assert body == {
                "status": "unhealthy",
                "timestamp": body["timestamp"],
                "checks": {"database": database},
            }


def test_every_answer_comes_within_a_second(
    anonymous: Client,
    fresh_probe: Probe,
    behind: Callable[[Front], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert USUAL_PATIENCE < 1
    monkeypatch.setattr(health, "PATIENCE", 0.1)
    with Front(silent=True) as front:
        behind(front)
        for path in ("/health/db", "/readyz"):
            response = anonymous.get(path)
            assert fresh_probe._running is not None and not fresh_probe._running.done()  # it did not wait for the end
            assert response.status_code == 503
            assert '"error": "timeout"' in response.text
        assert becomes(lambda: front.connections == 1)


def test_missing_migrations_make_it_not_ready(
    anonymous: Client, fresh_probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "_migrations", {"todos.0001_initial", "todos.9999_from_the_future"})
    response = anonymous.get("/readyz")
    assert response.status_code == 503
    database = response.json()["checks"]["database"]
    assert database == {
        "status": "unhealthy",
        "connected": True,
        "latency_ms": database["latency_ms"],
        "error": "migrations",
    }
    assert anonymous.get("/health").status_code == 200
    assert anonymous.get("/health/db").status_code == 200


# --- Why it is unhealthy ---------------------------------------------------------------------------------------------


def ask() -> DatabaseHealth:
    async def once() -> DatabaseHealth:
        probe = Probe()
        try:
            return await probe.health()
        finally:
            await probe.close()

    return asyncio.run(once())


def test_refused(somewhere_else: Callable[..., None]) -> None:
    somewhere_else(host="127.0.0.1", port=closed_port())
    assert ask().error == "refused"
    somewhere_else(host="/nowhere")
    assert ask().error == "refused"


def test_dns(somewhere_else: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> NoReturn:  # in place of the machine's own resolver, which may not answer at all
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    somewhere_else(host="nowhere.invalid")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert ask().error == "dns"


def test_auth(somewhere_else: Callable[..., None]) -> None:
    somewhere_else(user="nobody-of-this-name")
    assert ask().error == "auth"


@pytest.mark.parametrize(
    ("refusal", "word"),
    [
        (fatal("28P01", 'password authentication failed for user "ann"'), "auth"),
        (fatal("53300", "sorry, too many clients already"), "too_many_connections"),
        (fatal("57P03", "the database system is starting up"), "unavailable"),
        (fatal("XX000", "Control plane request failed"), "unavailable"),
    ],
)
def test_what_the_server_says(behind: Callable[[Front], None], refusal: bytes, word: Reason) -> None:
    with Front(refusal=refusal) as front:
        behind(front)
        assert ask().error == word


def test_tls(somewhere_else: Callable[..., None], tmp_path: Path) -> None:
    authority, stranger = trustme.CA(), trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    for name, ca in {"right.pem": authority, "wrong.pem": stranger}.items():
        ca.cert_pem.write_to_path(tmp_path / name)
    with Front() as plain, Front(tls=context) as front:
        somewhere_else(host="127.0.0.1", port=plain.port, sslmode="require")
        assert ask().error == "tls"
        verified = {"host": "localhost", "hostaddr": "127.0.0.1", "port": front.port, "sslmode": "verify-full"}
        somewhere_else(**verified, sslrootcert=str(tmp_path / "wrong.pem"))
        assert ask().error == "tls"
        somewhere_else(**verified | {"host": "other.example.com"}, sslrootcert=str(tmp_path / "right.pem"))
        assert ask().error == "tls"
        somewhere_else(**verified, sslrootcert=str(tmp_path / "right.pem"))
        answer = ask()
        assert (answer.error, answer.tls, answer.migrated) == (None, True, True)


def test_no_table_of_migrations() -> None:
    async def check() -> DatabaseHealth:
        connection = await connect(patience=PATIENCE)
        await connection.fetch(b"SET search_path TO pg_catalog", ())
        try:
            return await check_database_health(connection, migrations=True)
        finally:
            connection.close()

    found = asyncio.run(check())
    assert found.connected
    assert found.migrated is False


# --- What it costs, and what it survives -----------------------------------------------------------------------------


def test_probes_that_come_together_share_one_query(
    behind: Callable[[Front], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH", PATIENCE)

    async def many(probe: Probe) -> list[DatabaseHealth]:
        answers = await asyncio.gather(*(probe.health() for _ in range(50)))
        answers.append(await probe.health())  # and so does one that comes soon after
        await probe.close()
        return answers

    with Front() as front:
        behind(front)
        answers = asyncio.run(many(Probe()))
        assert {answer.error for answer in answers} == {None}
        assert front.connections == 1
        assert front.messages["E"] == 2  # the sign of life, and the migrations


def test_a_probe_out_of_time_does_not_throw_the_wake_up_away(
    behind: Callable[[Front], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def probes(probe: Probe) -> None:
        monkeypatch.setattr(health, "PATIENCE", 0.1)
        for _ in range(2):
            assert (await probe.health()).error == "timeout"
        monkeypatch.setattr(health, "PATIENCE", PATIENCE)
        front.open()
        assert (await probe.health()).error is None
        await probe.close()

    with Front(shut=True) as front:
        behind(front)
        asyncio.run(probes(Probe()))
        assert front.connections == 1


def test_an_answer_serves_for_a_second_and_no_longer(
    behind: Callable[[Front], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0
    clock = SimpleNamespace(monotonic=lambda: now, perf_counter=lambda: now)
    monkeypatch.setattr(health, "time", clock)

    async def probes(probe: Probe) -> None:
        nonlocal now
        await probe.health()
        now = 0.9
        await probe.health()
        assert front.messages["E"] == 2
        now = 1.1
        await probe.health()
        assert front.messages["E"] == 4
        await probe.close()

    with Front() as front:
        behind(front)
        asyncio.run(probes(Probe()))
        assert front.connections == 1


def test_a_kept_connection_that_was_killed_is_replaced(
    behind: Callable[[Front], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH", 0)

    async def probes(probe: Probe) -> None:
        assert (await probe.health()).connected
        assert probe._connection is not None
        [(pid,)] = await probe._connection.fetch(b"SELECT pg_backend_pid()", ())
        kill(pid)
        assert (await probe.health()).connected
        front.cut()
        assert (await probe.health()).connected
        await probe.close()

    with Front() as front:
        behind(front)
        asyncio.run(probes(Probe()))


def test_a_kept_connection_that_went_silent_is_given_up(
    behind: Callable[[Front], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health, "FRESH", 0)

    async def probes(probe: Probe) -> None:
        assert (await probe.health()).connected
        assert probe._connection is not None and probe._connection._patience == health.SILENCE
        front.freeze()
        probe._connection._patience = 0.2
        monkeypatch.setattr(health, "PATIENCE", 0.1)
        assert (await probe.health()).error == "timeout"
        monkeypatch.setattr(health, "PATIENCE", PATIENCE)
        assert (await probe.health()).connected
        assert front.connections == 2
        await probe.close()

    with Front() as front:
        behind(front)
        asyncio.run(probes(Probe()))


def test_a_statement_of_the_command_ends_in_time() -> None:
    async def check() -> DatabaseHealth:
        connection = await connect(patience=0.2)
        async with asyncio.timeout(PATIENCE):
            with pytest.raises(ConnectionLost, match="timeout: the server did not answer in time"):
                await connection.fetch(gate.sql.encode(), ())
        return await check_database_health(connection)

    with Gate() as gate:
        assert not asyncio.run(check()).connected
