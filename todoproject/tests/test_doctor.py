"""manage.py doctor: each thing that can be wrong is found on a real server, and said with what mends it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from time import time

import pytest
from django.core.management import call_command
from django.db import connections
from psycopg import sql

from todoproject.db.tests.pgbouncer import PgBouncer
from todoproject.db.tests.rig import Front, closed_port
from todoproject.db.tests.rig import url as url_of_tests
from todoproject.db.url import parse
from todoproject.management import facts as facts_module
from todoproject.management import findings
from todoproject.management.commands.alterrole import alter_role
from todoproject.management.facts import Facts, ask
from todoproject.management.findings import CHECKS, Finding
from todoproject.tests import scratch
from todoproject.tests.shell import CANARY, run

ELSEWHERE = "postgresql://ann:secret@{}/todo?{}"
GRANT = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {0}"


def alter(role: str, change: str) -> None:
    scratch.execute(sql.SQL(change).format(sql.Identifier(role)))


@pytest.fixture
def name() -> str:
    """The tests' own database, which is migrated."""
    return str(connections["default"].settings_dict["NAME"])


@pytest.fixture
def make_role(name: str) -> Iterator[Callable[..., str]]:
    """Call it for a role as the service should have it, except for the options."""
    with ExitStack() as stack:

        def make(options: str = "", *, grant: str = GRANT) -> str:
            role = stack.enter_context(scratch.role(options))
            stack.callback(scratch.execute, sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)), name)
            if grant:
                scratch.execute(sql.SQL(grant).format(sql.Identifier(role)), name)
            with scratch.connect("postgres", autocommit=True) as session:
                for statement in alter_role(role, session.info.server_version):
                    session.execute(statement)
            return role

        yield make


@pytest.fixture
def facts_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Facts]:
    """Ask the server as this role, and in this database."""

    def facts(role: str, database: str = "", workers: int = 1) -> Facts:
        settings = connections["default"].settings_dict
        with monkeypatch.context() as patch:
            patch.setitem(settings, "USER", role)
            patch.setitem(settings, "NAME", database or settings["NAME"])
            url = parse(scratch.url(settings["NAME"], role))
            return asyncio.run(ask(url, url, workers=workers, patience=60))

    return facts


@pytest.fixture
def healthy(make_role: Callable[..., str], facts_of: Callable[..., Facts]) -> Facts:
    return facts_of(make_role())


def troubles(facts: Facts) -> dict[str, Finding]:
    return {found.check: found for check in CHECKS if (found := check(facts)).status != "ok"}


def test_where_all_is_well_nothing_is_found(healthy: Facts) -> None:
    assert troubles(healthy) == {}


# --- The role ---------------------------------------------------------------------------------------------------------


def test_a_role_without_time_outs(make_role: Callable[..., str], facts_of: Callable[..., Facts]) -> None:
    role = make_role()
    alter(role, "ALTER ROLE {} RESET lock_timeout")
    found = troubles(facts_of(role))
    assert list(found) == ["role time-outs"]
    assert found["role time-outs"].status == "warn"
    assert found["role time-outs"].message.startswith("the role has no lock_timeout: ")
    assert found["role time-outs"].mend == "manage.py alterrole --apply"


def test_a_role_with_another_time_zone(make_role: Callable[..., str], facts_of: Callable[..., Facts]) -> None:
    role = make_role()
    alter(role, "ALTER ROLE {} SET timezone = 'Europe/Berlin'")
    found = troubles(facts_of(role))
    assert list(found) == ["role time-outs"]
    assert found["role time-outs"].message.startswith("the role's time zone is Europe/Berlin: ")


@pytest.mark.parametrize(
    ("options", "words"), [("SUPERUSER", "it is a superuser"), ("BYPASSRLS", "it bypasses row security")]
)
def test_a_role_that_may_do_too_much(
    make_role: Callable[..., str], facts_of: Callable[..., Facts], options: str, words: str
) -> None:
    found = troubles(facts_of(make_role(options)))
    assert list(found) == ["role's rights"]
    assert (found["role's rights"].status, found["role's rights"].message.partition(": ")[2]) == ("warn", words)


def test_a_role_that_is_a_member_of_neon_superuser(
    make_role: Callable[..., str], facts_of: Callable[..., Facts]
) -> None:
    scratch.execute("DROP ROLE IF EXISTS neon_superuser; CREATE ROLE neon_superuser")
    try:
        found = troubles(facts_of(make_role("IN ROLE neon_superuser")))
    finally:
        scratch.execute("DROP ROLE neon_superuser")
    assert found["role's rights"].message.endswith(": it is a member of neon_superuser")


def test_a_role_that_owns_the_tables(make_role: Callable[..., str], facts_of: Callable[..., Facts], name: str) -> None:
    with scratch.connect(name) as session:
        row = session.execute("SELECT tableowner FROM pg_tables WHERE tablename = 'todos_todo'").fetchone()
    assert row
    role = make_role(f'IN ROLE "{row[0]}"')
    assert troubles(facts_of(role))["role's rights"].message.endswith(": it owns the tables")


def test_a_role_that_may_not_use_a_table(make_role: Callable[..., str], facts_of: Callable[..., Facts]) -> None:
    role = make_role(
        grant=f"{GRANT}; REVOKE DELETE ON todos_todo, todos_category FROM {{0}}".replace("TO {}", "TO {0}")
    )
    found = troubles(facts_of(role))
    assert list(found) == ["tables"]
    assert found["tables"] == Finding(
        "tables",
        "fail",
        "the service's role may not read and write todos_category, todos_todo",
        f'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "{role}";',
    )


def test_a_role_that_may_not_use_any(make_role: Callable[..., str], facts_of: Callable[..., Facts]) -> None:
    found = troubles(facts_of(make_role(grant="")))
    assert {check: finding.status for check, finding in found.items()} == {"tables": "fail", "migrations": "fail"}
    assert found["migrations"].message == "django_migrations may not be read"


# --- The database -----------------------------------------------------------------------------------------------------


def test_a_database_without_migrations(make_role: Callable[..., str], facts_of: Callable[..., Facts]) -> None:
    role = make_role()
    with scratch.database() as empty:
        found = troubles(facts_of(role, empty))
    assert {check: finding.status for check, finding in found.items()} == {"extensions": "fail", "migrations": "fail"}
    assert found["extensions"].mend.endswith(": CREATE EXTENSION btree_gin; CREATE EXTENSION pg_trgm;")
    assert found["migrations"].message.startswith("accounts.0001_initial, ")
    assert found["migrations"].mend == "manage.py migrate"


def test_a_database_without_room_for_every_text(make_role: Callable[..., str], facts_of: Callable[..., Facts]) -> None:
    role = make_role()
    with scratch.database("ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0") as other:
        found = troubles(facts_of(role, other))
    assert (found["encoding"].status, found["encoding"].message.partition(",")[0]) == ("fail", "SQL_ASCII")


def test_an_old_server(healthy: Facts) -> None:
    found = troubles(replace(healthy, server=healthy.server | {"version": 140_012, "version_name": "14.12 (Debian)"}))
    assert found == {
        "version": Finding(
            "version", "fail", "PostgreSQL 14.12, and the service needs 15", "move to PostgreSQL 15 or later"
        )
    }


@pytest.mark.parametrize(("shift", "words"), [(5, "behind"), (-5, "ahead of"), (0.2, ""), (-0.2, "")])
def test_a_clock_that_is_wrong(
    make_role: Callable[..., str],
    facts_of: Callable[..., Facts],
    monkeypatch: pytest.MonkeyPatch,
    shift: float,
    words: str,
) -> None:
    monkeypatch.setattr(facts_module, "time", lambda: time() + shift)
    found = troubles(facts_of(make_role()))
    assert list(found) == (["clock"] if words else [])
    if words:
        assert found["clock"].status == "warn"
        assert f" s {words} this machine's" in found["clock"].message


@pytest.mark.parametrize(
    ("limit", "workers", "status"), [(8, 1, "fail"), (17, 1, "warn"), (18, 1, ""), (18, 3, "fail")]
)
def test_too_many_connections(
    make_role: Callable[..., str], facts_of: Callable[..., Facts], limit: int, workers: int, status: str
) -> None:
    found = troubles(facts_of(make_role(f"CONNECTION LIMIT {limit}"), workers=workers))
    assert {check: finding.status for check, finding in found.items()} == ({"connections": status} if status else {})


def test_what_the_server_keeps_for_superusers_does_not_count(healthy: Facts) -> None:
    with scratch.connect("postgres") as session:
        row = session.execute("SELECT current_setting('max_connections')::int").fetchone()
    assert row
    assert healthy.server["connections"] < row[0]


# --- The way ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "is_encrypted", "status"),
    [
        ("sslmode=verify-full&sslrootcert=/ca.pem", True, None),
        ("sslmode=verify-ca&sslrootcert=/ca.pem", True, "warn"),
        ("sslmode=require", True, "warn"),
        ("sslmode=require", False, "fail"),
    ],
)
def test_a_connection_to_another_machine(healthy: Facts, query: str, is_encrypted: bool, status: str | None) -> None:
    url = parse(ELSEWHERE.format("db.example.com", query))
    finding = findings.tls(replace(healthy, url=url, is_encrypted=is_encrypted))
    assert finding.status == (status or "ok")
    assert bool(finding.mend) == (status is not None)


def test_neon_without_its_pooler(healthy: Facts) -> None:
    url = parse(ELSEWHERE.format("ep-x.eu-central-1.aws.neon.tech", ""))
    assert findings.hosts(replace(healthy, url=url, direct=url)).status == "warn"
    pooled = parse(ELSEWHERE.format("ep-x-pooler.eu-central-1.aws.neon.tech", ""))
    finding = findings.hosts(replace(healthy, url=pooled, direct=pooled.direct(), is_pooled=True))
    assert (finding.status, finding.message) == ("ok", "the service connects through a pooler, migrations directly")


def test_migrations_that_would_go_to_another_database(healthy: Facts) -> None:
    assert findings.hosts(replace(healthy, direct=replace(healthy.url, name="other"))).status == "fail"


def test_a_pooler(name: str) -> None:
    with PgBouncer(pool_size=2) as pooler:
        user = connections["default"].settings_dict["USER"]
        pooled = f"postgresql://{user}@/{name}?host={pooler.directory}&port={pooler.PORT}"
        done = run("doctor", "--json", DATABASE_URL=pooled)
        found = {finding["check"]: finding for finding in json.loads(done.stdout)["findings"]}
        assert done.returncode == 1
        assert found["hosts"]["status"] == "fail"
        assert found["hosts"]["mend"] == "set DIRECT_DATABASE_URL to the database's own address"
        assert found["connections"]["message"].endswith("the pooler shares out fewer")
        knows_prepared_statements = pooler.version >= (1, 24)  # by default
        assert found["prepared statements"]["status"] == ("ok" if knows_prepared_statements else "warn")

        away = {"DATABASE_PREPARED_STATEMENTS": "0", "DIRECT_DATABASE_URL": scratch.url(name)}
        done = run("doctor", DATABASE_URL=pooled, **away)
        assert "ok    hosts: the service connects through a pooler, migrations directly\n" in done.stdout
        assert "ok    prepared statements: they are not used (DATABASE_PREPARED_STATEMENTS=0)\n" in done.stdout


# --- The command ------------------------------------------------------------------------------------------------------


def test_it_says_each_finding_in_a_line_and_what_mends_it(make_role: Callable[..., str], name: str) -> None:
    role = make_role()
    alter(role, "ALTER ROLE {} RESET ALL")
    done = run("doctor", DATABASE_URL=scratch.url(name, role))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert len(lines) == len(CHECKS) + 1
    assert lines[0] == "ok    tls: the database is on this machine"
    at = next(number for number, line in enumerate(lines) if line.startswith("warn"))
    assert lines[at].startswith("warn  role time-outs: the role has no statement_timeout, ")
    assert lines[at + 1] == "      -> manage.py alterrole --apply"


def test_its_advice_about_time_outs_helps(make_role: Callable[..., str], name: str) -> None:
    role = make_role()
    alter(role, "ALTER ROLE {} RESET ALL")
    away = {"DATABASE_URL": scratch.url(name, role)}
    assert run("alterrole", "--apply", **away).returncode == 0
    done = run("doctor", "--json", **away)
    assert done.returncode == 0
    assert {finding["status"] for finding in json.loads(done.stdout)["findings"]} == {"ok"}


def test_no_database_is_one_line() -> None:
    away = {"DATABASE_URL": url_of_tests(port=closed_port(), user="ann", password=CANARY)}
    done = run("doctor", **away)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == "fail  database: refused (nothing listens at the host and port of DATABASE_URL)\n"
    [finding] = json.loads(run("doctor", "--json", **away).stdout)["findings"]
    assert (finding["status"], finding["message"].partition(" ")[0]) == ("fail", "refused")


def test_a_database_that_never_answers_is_one_line() -> None:
    with Front(silent=True) as front:
        patient = url_of_tests(port=front.port, password=CANARY, query="connect_timeout=3000")
        done = run("doctor", "--timeout", "0.3", DATABASE_URL=patient)
    assert (done.returncode, done.stdout) == (1, "fail  database: timeout (no answer in time)\n")


def test_a_wrong_direct_url_is_one_line() -> None:
    done = run("doctor", DIRECT_DATABASE_URL=f"postgresql://ann:{CANARY}/x@db.example.com/todo")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("CommandError: DIRECT_DATABASE_URL cannot be read")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["--timeout", "0"], ["--workers", "x"], ["--workers", "0"], ["--what"]])
def test_bad_arguments(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        from django.core.management import ManagementUtility

        ManagementUtility(["manage.py", "doctor", *arguments]).execute()
    assert caught.value.code == 2


def test_the_workers_of_uvicorns_variable_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "3")
    call_command("doctor")
    assert "connections: the service opens up to 27, 9 for each of its workers (3)" in capsys.readouterr().out
