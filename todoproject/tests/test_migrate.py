"""manage.py migrate: past a pooler, one at a time, and patient with a table in use."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from django.core.management import CommandError, call_command
from django.db import connections

from todoproject.db.tests.pgbouncer import PgBouncer
from todoproject.db.tests.rig import Front, closed_port, fatal
from todoproject.db.tests.rig import url as url_of_tests
from todoproject.db.url import parse
from todoproject.management.commands.migrate import TRIES, TURN
from todoproject.management.direct import connected_through, direct_url
from todoproject.tests import scratch
from todoproject.tests.shell import CANARY, run, start
from todoproject.tests.waiting import PATIENCE

WRONG_PASSWORD = fatal("28P01", 'password authentication failed for user "ann"')
POOLER = "ep-x-pooler.eu-central-1.aws.neon.tech"


@pytest.fixture
def name() -> Iterator[str]:
    """An empty database."""
    with scratch.database() as name:
        yield name


def through(port: int, name: str) -> str:
    usual = url_of_tests(port=port, password=CANARY)
    return usual.replace(f"/{connections['default'].settings_dict['NAME']}?", f"/{name}?")


def is_migrated(name: str) -> bool:
    with scratch.connect(name) as connection:
        return connection.execute("SELECT FROM pg_indexes WHERE indexname = 'todo_search'").rowcount == 1


# --- The way ----------------------------------------------------------------------------------------------------------


def test_it_goes_through_the_direct_url(name: str) -> None:
    with Front() as pooled, Front() as direct:
        done = run(
            "migrate",
            DATABASE_URL=through(pooled.port, name),
            DIRECT_DATABASE_URL=through(direct.port, name),
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert (pooled.connections, direct.connections) == (0, 1)
    assert is_migrated(name)


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DIRECT_DATABASE_URL"])
def test_it_goes_past_neons_pooler(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    settings = connections["default"].settings_dict
    before = dict(settings)
    monkeypatch.setenv(variable, f"postgresql://ann:{CANARY}@{POOLER}/{parse(os.environ['DATABASE_URL']).name}")
    monkeypatch.setenv("PGPASSWORD", "before")
    with connected_through(direct_url()):
        assert settings["HOST"] == "ep-x.eu-central-1.aws.neon.tech"
        assert settings["OPTIONS"]["sslmode"] == "require"
        assert settings["NAME"] == before["NAME"]  # the test database's
        assert os.environ["PGPASSWORD"] == CANARY
    assert settings == before  # what else this process does goes through the pooler as before
    assert os.environ["PGPASSWORD"] == "before"


def test_it_goes_the_usual_way_without_a_pooler(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = connections["default"].settings_dict
    before = dict(settings)
    monkeypatch.setenv("DATABASE_URL", f"postgresql://ann:{CANARY}@db.example.com/todo")
    with connected_through(direct_url()):
        assert settings == before


def test_it_refuses_a_pooler_that_it_cannot_get_past(name: str) -> None:
    with PgBouncer(pool_size=2) as pooler:
        away = {"DATABASE_URL": f"postgresql://postgres@/{name}?host={pooler.directory}&port={pooler.PORT}"}
        done = run("migrate", **away)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == (
            "CommandError: a pooler lends the session for one transaction only, and migrations need one of their own: "
            "set DIRECT_DATABASE_URL to the database's own address\n"
        )
        assert not is_migrated(name)
        assert run("migrate", "--check", **away).returncode == 1  # changes nothing, and so may look
        assert run("migrate", **away, DIRECT_DATABASE_URL=scratch.url(name)).returncode == 0
    assert is_migrated(name)


def test_a_wrong_direct_url_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIRECT_DATABASE_URL", f"postgresql://ann:{CANARY}/x@db.example.com/todo")
    with pytest.raises(CommandError, match="^DIRECT_DATABASE_URL cannot be read") as caught:
        call_command("migrate")
    assert caught.value.returncode == 2
    assert CANARY not in str(caught.value)


def test_no_database_is_one_line() -> None:
    done = run("migrate", DATABASE_URL=url_of_tests(port=closed_port(), password=CANARY))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CommandError: the database cannot be reached: ")
    assert done.stderr.count("\n") == 1


def test_a_wrong_password_is_one_line() -> None:
    with Front(password_refusal=WRONG_PASSWORD) as front:
        done = run("migrate", DATABASE_URL=url_of_tests(port=front.port, user="ann", password=CANARY))
    assert done.returncode == 1
    assert done.stderr.startswith("CommandError: the database cannot be reached: ")
    assert "password authentication failed" in done.stderr
    assert done.stderr.count("\n") == 1


# --- One at a time ----------------------------------------------------------------------------------------------------


def test_two_at_once_take_turns(name: str) -> None:
    with scratch.connect(name, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [TURN])
        second = start("migrate", DATABASE_URL=scratch.url(name))
        assert second.stderr is not None
        assert second.stderr.readline() == ("Another migrate is at work on this database: waiting for it to finish.\n")
        assert not is_migrated(name)
    out, err = second.communicate(timeout=PATIENCE)
    assert (second.returncode, err) == (0, "")
    assert is_migrated(name)


def test_who_waits_may_be_interrupted(name: str) -> None:
    with scratch.connect(name, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [TURN])
        second = start("migrate", DATABASE_URL=scratch.url(name))
        assert second.stderr is not None
        second.stderr.readline()
        second.send_signal(signal.SIGINT)
        _, err = second.communicate(timeout=60)
    assert (second.returncode, err) == (130, "CommandError: interrupted before it began: nothing was changed\n")


def test_of_three_at_once_one_does_the_work(name: str) -> None:
    all_of_them = [start("migrate", DATABASE_URL=scratch.url(name)) for _ in range(3)]
    outputs = [process.communicate(timeout=PATIENCE) for process in all_of_them]
    assert [process.returncode for process in all_of_them] == [0, 0, 0], outputs
    assert sum("Applying todos.0003_search... OK" in out for out, _ in outputs) == 1
    assert sum("No migrations to apply." in out for out, _ in outputs) == 2


def test_who_waits_holds_no_snapshot(name: str) -> None:
    """CREATE INDEX CONCURRENTLY waits for every snapshot, and so for the one who waits for it."""
    with scratch.connect(name, autocommit=True) as first:
        first.execute("SELECT pg_advisory_lock(%s)", [TURN])
        first.execute("CREATE TABLE large (id int)")
        second = start("migrate", DATABASE_URL=scratch.url(name))
        assert second.stderr is not None
        assert second.stderr.readline().startswith("Another migrate")
        first.execute("SET statement_timeout = '20s'")
        first.execute("CREATE INDEX CONCURRENTLY ON large (id)")
    out, err = second.communicate(timeout=PATIENCE)
    assert second.returncode == 0, err


def test_the_turn_ends_with_the_command(name: str) -> None:
    connection = connections["default"]
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
        assert cursor.fetchone() == (0,)
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)


# --- A table in use ---------------------------------------------------------------------------------------------------


def test_a_lock_that_is_not_had_is_tried_again(name: str) -> None:
    away = {"DATABASE_URL": scratch.url(name)}
    assert run("migrate", "todos", "0002", **away).returncode == 0
    with scratch.connect(name) as writer:
        writer.execute("LOCK todos_todo IN ROW EXCLUSIVE MODE")
        process = start("migrate", "--lock-timeout", "0.1", **away)
        assert process.stderr is not None
        assert process.stderr.readline() == (
            "todos.0003_search: a table that it changes is in use, and its lock could not be had in time. "
            f"Trying again in 2 s, {TRIES - 1} more times.\n"
        )
        assert not is_migrated(name)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert "Applying todos.0003_search...\n" in out
    assert "Applying todos.0003_search... OK\n" in out
    assert is_migrated(name)


def test_it_gives_up_in_the_end(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    away = {"DATABASE_URL": scratch.url(name)}
    assert run("migrate", "todos", "0002", **away).returncode == 0
    monkeypatch.setattr("todoproject.management.commands.migrate.PAUSE", 0)
    monkeypatch.setitem(connections["default"].settings_dict, "NAME", name)
    connections["default"].close()
    with scratch.connect(name) as writer:
        writer.execute("LOCK todos_todo IN ROW EXCLUSIVE MODE")
        with pytest.raises(CommandError, match=r"^todos\.0003_search: a table .* Try again at a quieter time$"):
            call_command("migrate", lock_timeout=0.01, verbosity=0)
    assert not is_migrated(name)


def test_the_roles_own_time_outs_do_not_end_a_migration() -> None:
    with scratch.role() as role, scratch.database() as name:
        away = {"DATABASE_URL": scratch.url(name, role)}
        scratch.execute(f'GRANT CREATE ON SCHEMA public TO "{role}"; GRANT CREATE ON DATABASE {name} TO "{role}"', name)
        assert run("migrate", "todos", "0001", **away).returncode == 0
        for timeout in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
            scratch.execute(f"ALTER ROLE \"{role}\" SET {timeout} = '300ms'")
        with scratch.connect(name, autocommit=True) as observer, scratch.connect(name) as writer:
            writer.execute("LOCK todos_todo IN ROW EXCLUSIVE MODE")
            process = start("migrate", "--lock-timeout", "60", **away)
            while not observer.execute("SELECT FROM pg_locks WHERE NOT granted").rowcount:
                assert process.poll() is None, process.communicate()
            observer.execute("SELECT pg_sleep(0.5)")  # longer than any of them
        out, err = process.communicate(timeout=PATIENCE)
        assert (process.returncode, err) == (0, ""), out
        assert is_migrated(name)


# --- Rights -----------------------------------------------------------------------------------------------------------


def test_it_needs_no_right_to_make_extensions_that_are_there() -> None:
    with scratch.role() as role, scratch.database() as name:
        scratch.execute(f'GRANT CREATE ON SCHEMA public TO "{role}"', name)
        done = run("migrate", DATABASE_URL=scratch.url(name, role))
        assert done.returncode == 1
        assert done.stderr == (
            'CommandError: todos.0003_search: permission denied to create extension "pg_trgm". '
            "Must have CREATE privilege on current database to create this extension.\n"
        )
        scratch.execute("CREATE EXTENSION pg_trgm; CREATE EXTENSION btree_gin", name)
        assert run("migrate", DATABASE_URL=scratch.url(name, role)).returncode == 0
        assert is_migrated(name)


def test_a_role_that_may_not_make_tables_is_one_line() -> None:
    with scratch.role() as role, scratch.database() as name:
        done = run("migrate", DATABASE_URL=scratch.url(name, role))
    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: the table django_migrations cannot be made: GRANT CREATE ON SCHEMA public to the role that "
        "migrates\n"
    )
