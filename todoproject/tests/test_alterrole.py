"""manage.py alterrole: the time-outs of the service's role, printed or set."""

from __future__ import annotations

import pytest

from todoproject.db.tests.rig import closed_port
from todoproject.db.tests.rig import url as url_of_tests
from todoproject.management.commands.alterrole import SETTINGS, alter_role, recommended
from todoproject.tests import scratch
from todoproject.tests.shell import CANARY, run

DONE = "Done. Sessions that are open keep what they have: start the service anew, and leave a pooler an hour.\n"


def brought_along(role: str) -> dict[str, str]:
    """What a new session of the role has of the settings that the server knows."""
    with scratch.connect("postgres", user=role) as session:
        names = recommended(session.info.server_version)
        rows = [session.execute("SELECT current_setting(%s)", [name]).fetchone() for name in names]
    return {name: row[0] for name, row in zip(names, rows, strict=True) if row}


def expected(role: str) -> dict[str, str]:
    known = brought_along(role)  # the test server's version decides about transaction_timeout
    return {name: value.replace("60s", "1min") for name, value in SETTINGS.items() if name in known}


def test_it_prints_the_sql_and_changes_nothing() -> None:
    with scratch.role() as role:
        before = brought_along(role)
        done = run("alterrole", DATABASE_URL=scratch.url("postgres", role))
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout.splitlines()[0] == f"ALTER ROLE \"{role}\" SET statement_timeout = '5s';"
        assert brought_along(role) == before
        scratch.execute(done.stdout)  # what was printed is what it takes
        assert brought_along(role) == expected(role)


def test_the_role_may_do_it_to_itself() -> None:
    with scratch.role() as role:
        done = run("alterrole", "--apply", DATABASE_URL=scratch.url("postgres", role))
        assert (done.returncode, done.stderr) == (0, DONE)
        assert len(done.stdout.splitlines()) == len(expected(role))
        assert brought_along(role) == expected(role)


@pytest.mark.parametrize(
    ("arguments", "variable"), [((), "DIRECT_DATABASE_URL"), (("--url", "OWNERS_URL"), "OWNERS_URL")]
)
def test_an_owner_may_do_it(arguments: tuple[str, ...], variable: str) -> None:
    with scratch.role() as role, scratch.role("SUPERUSER") as owner:
        away = {"DATABASE_URL": scratch.url("postgres", role), variable: scratch.url("postgres", owner)}
        done = run("alterrole", "--apply", *arguments, **away)
        assert (done.returncode, done.stderr) == (0, DONE)
        assert brought_along(role) == expected(role)
        assert brought_along(owner)["statement_timeout"] == "0"


def test_another_role_may_not() -> None:
    with scratch.role() as role, scratch.role() as stranger:
        before = brought_along(role)
        away = {"DATABASE_URL": scratch.url("postgres", role), "OWNERS_URL": scratch.url("postgres", stranger)}
        done = run("alterrole", "--apply", "--url", "OWNERS_URL", **away)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("CommandError: permission denied to alter role")
        assert done.stderr.count("\n") == 1
        assert brought_along(role) == before


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--apply", "--url", "NOWHERE"), "NOWHERE is not set. It should look like "),
        (("--url", "DATABASE_URL"), "--url is for --apply"),
        (("--apply", "--url", "BAD"), "BAD cannot be read"),
    ],
)
def test_a_wrong_variable_is_one_line(arguments: tuple[str, ...], line: str) -> None:
    done = run("alterrole", *arguments, BAD=f"postgresql://ann:{CANARY}/x@db.example.com/todo")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"CommandError: {line}")
    assert done.stderr.count("\n") == 1


def test_no_database_is_one_line() -> None:
    done = run("alterrole", DATABASE_URL=url_of_tests(port=closed_port(), password=CANARY))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("CommandError: connection ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(("version", "known"), [(150_004, False), (169_999, False), (170_000, True), (180_006, True)])
def test_the_time_out_of_transactions_is_for_versions_that_have_it(version: int, known: bool) -> None:
    statements = [statement.as_string() for statement in alter_role('a "b" %s\\', version)]
    assert any("SET transaction_timeout = '60s';" in statement for statement in statements) == known
    assert statements[0] == 'ALTER ROLE "a ""b"" %s\\" SET statement_timeout = \'5s\';'
