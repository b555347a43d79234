"""manage.py healthcheck and runserver, run as somebody at a shell would."""

from __future__ import annotations

import json
import re
import signal
import socket
import ssl
from pathlib import Path

import httpx
import pytest
import trustme
from django.core.management import CommandError, call_command

from todoproject.db.tests.rig import Front, closed_port, fatal, url
from todoproject.monitoring import health
from todoproject.tests.shell import CANARY, run, start
from todoproject.tests.waiting import PATIENCE

WRONG_PASSWORD = fatal("28P01", 'password authentication failed for user "ann"')


# --- healthcheck -----------------------------------------------------------------------------------------------------


def test_healthy() -> None:
    with Front() as front:
        database = url(port=front.port, password=CANARY)
        done = run("healthcheck", DATABASE_URL=database)
        assert done.returncode == 0
        assert re.fullmatch(
            r"healthy: the database answers in \d+ ms, \d+ ms with connecting, without TLS\n", done.stdout
        )
        assert front.connections == 1

        done = run("healthcheck", "--json", "--migrations", DATABASE_URL=database)
        assert done.returncode == 0
        [line] = done.stdout.splitlines()
        body = json.loads(line)
        assert body == {
            "status": "healthy",
            "connected": True,
            "latency_ms": body["latency_ms"],
            "took_ms": body["took_ms"],
            "tls": False,
        }


def test_healthy_with_tls(tmp_path: Path) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("localhost").configure_cert(context)
    query = f"sslmode=verify-full&hostaddr=127.0.0.1&sslrootcert={tmp_path}/ca.pem"
    with Front(tls=context) as front:
        done = run("healthcheck", DATABASE_URL=url(host="localhost", port=front.port, password=CANARY, query=query))
    assert (done.returncode, done.stdout.endswith(", with TLS\n")) == (0, True)


def test_missing_migrations_are_unhealthy_if_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(health, "_migrations", {"todos.9999_from_the_future"})
    call_command("healthcheck")
    assert capsys.readouterr().out.startswith("healthy: ")
    with pytest.raises(SystemExit) as caught:
        call_command("healthcheck", "--migrations")
    assert caught.value.code == 1
    assert capsys.readouterr().out == "unhealthy: migrations (migrations are missing: manage.py migrate)\n"


def test_unreachable(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    port = closed_port()
    done = run("healthcheck", "--json", DATABASE_URL=url(port=port, user="ann", password=CANARY))
    assert done.returncode == 1
    assert json.loads(done.stdout) == {"status": "unhealthy", "connected": False, "error": "refused"}
    monkeypatch.setattr(health, "connection_parameters", lambda: {"host": "127.0.0.1", "port": port})
    with pytest.raises(SystemExit) as caught:
        call_command("healthcheck")
    assert caught.value.code == 1
    assert capsys.readouterr().out == "unhealthy: refused (nothing listens at the host and port of DATABASE_URL)\n"


def test_a_wrong_password() -> None:
    with Front(password_refusal=WRONG_PASSWORD) as front:
        database = url(port=front.port, user="ann", password=CANARY)
        done = run("healthcheck", DATABASE_URL=database)
        assert (done.returncode, done.stdout.partition(" (")[0]) == (1, "unhealthy: auth")


def test_no_answer_in_time() -> None:
    with Front(silent=True) as front:
        database = url(port=front.port, password=CANARY, query="connect_timeout=3600")
        done = run("healthcheck", "--timeout", "0.3", DATABASE_URL=database)
    assert (done.returncode, done.stdout) == (1, "unhealthy: timeout (no answer in time)\n")


@pytest.mark.parametrize("arguments", [["--timeout", "0"], ["--timeout", "x"], ["--timeout", "nan"], ["--what"]])
def test_bad_arguments(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        from django.core.management import ManagementUtility

        ManagementUtility(["manage.py", "healthcheck", *arguments]).execute()
    assert caught.value.code == 2


# --- runserver -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "number"), [(["--noreload"], signal.SIGTERM), ([], signal.SIGINT)], ids=["plain", "with reload"]
)
def test_runserver_serves_until_it_is_told_to_stop(arguments: list[str], number: signal.Signals) -> None:
    process = start("runserver", "0", *arguments, DATABASE_URL=url(port=closed_port()))
    try:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or not lines[-1].startswith("Serving"):
            lines.append(process.stdout.readline())
            assert lines[-1], "it ended"
        said = re.fullmatch(r"Serving (http://127\.0\.0\.1:(\d+))/ \(Ctrl-C stops it\)\n", lines[-1])
        assert said, lines[-1]
        # the first answer waits in the socket until the application is there
        response = httpx.get(f"{said[1]}/livez", timeout=PATIENCE)
        assert response.json() == {"status": "healthy"}
        assert response.headers["server"] == "uvicorn"
        process.send_signal(number)
        _, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert "The database cannot be reached (refused)" in err
    assert process.returncode in (0, -number)
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(said[2]))) != 0


def test_runserver_on_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"^cannot serve at 127.0.0.1:{port}: Address already in use$"):
            call_command("runserver", str(port), "--noreload", "--skip-checks")


@pytest.mark.parametrize("address", ["no-port", "1.2.3.4.5:x", "127.0.0.1:", "8000x"])
def test_runserver_at_no_address(address: str) -> None:
    with pytest.raises(CommandError, match="is not a valid port number"):
        call_command("runserver", address)


@pytest.mark.parametrize(
    ("address", "host"),
    [("{}", "127.0.0.1"), ("0.0.0.0:{}", "0.0.0.0"), ("0:{}", "0.0.0.0"), ("localhost:{}", "127.0.0.1")],
)
def test_runserver_takes_djangos_forms_of_an_address(
    address: str, host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from todoproject.management.commands.runserver import Command

    with socket.create_server(("127.0.0.1", 0)) as taken:  # free again in a moment
        port = taken.getsockname()[1]
    served = []
    monkeypatch.setattr(
        Command, "serve", lambda self, listener, *, reload: served.append((*listener.getsockname(), reload))
    )
    call_command("runserver", address.format(port))
    assert served == [(host, port, True)]
    assert "unapplied" not in capsys.readouterr().out


def test_runserver_warns_of_migrations_that_are_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    from todoproject.management.commands.runserver import Command

    monkeypatch.setattr(Command, "serve", lambda *_, **__: None)
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda self: {})
    call_command("runserver", "0")
    assert "unapplied migration(s)" in capsys.readouterr().out
