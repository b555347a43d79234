"""`manage.py demo`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import StringIO
from pathlib import Path
from threading import Thread

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.utils import timezone

from accounts.models import ApiToken, User
from todos.models import Category, Todo

EMAIL = "demo@example.com"


@pytest.fixture
def token_file(tmp_path: Path) -> Iterator[Path]:
    """The account is the same for all tests: it goes before and after each."""
    User.objects.filter(email=EMAIL).delete()
    yield tmp_path / "token"
    User.objects.filter(email=EMAIL).delete()


def demo(token_file: Path) -> str:
    output = StringIO()
    call_command("demo", token_file=token_file, stdout=output)
    return output.getvalue()


def works(token_file: Path) -> bool:
    return ApiToken.objects.filter(
        user__email=EMAIL, digest=ApiToken.digest_of(token_file.read_text().strip())
    ).exists()


def test_makes_an_account_with_examples_of_every_kind(token_file: Path) -> None:
    assert demo(token_file) == f"Demo account {EMAIL}: created.\n"
    user = User.objects.get(email=EMAIL)
    assert user.is_staff
    assert user.is_superuser
    assert user.check_password("demo")
    todos = Todo.objects.filter(user=user)
    assert {todo.priority for todo in todos} == {1, 2, 3, 4}
    for kind in (
        {"is_completed": True},
        {"is_completed": False, "due_date__lt": timezone.now()},
        {"due_date__gt": timezone.now()},
        {"due_date": None},
        {"category": None},
    ):
        assert todos.filter(**kind).exists(), kind
    assert works(token_file)
    assert token_file.stat().st_mode & 0o777 == 0o600


def test_a_second_call_repeats_nothing_whatever_the_user_did(token_file: Path) -> None:
    demo(token_file)
    secret = token_file.read_text()
    Todo.objects.filter(user__email=EMAIL).delete()
    Category.objects.filter(user__email=EMAIL, name="Work").update(name="Office")
    assert demo(token_file) == f"Demo account {EMAIL}: already there.\n"
    assert not Todo.objects.filter(user__email=EMAIL).exists()
    assert Category.objects.filter(user__email=EMAIL).count() == 3
    assert token_file.read_text() == secret
    assert ApiToken.objects.filter(user__email=EMAIL).count() == 1


@pytest.mark.parametrize("damage", ["revoked", "expired", "lost", "garbled"])
def test_a_token_that_no_longer_works_is_replaced(token_file: Path, damage: str) -> None:
    demo(token_file)
    secret = token_file.read_text()
    tokens = ApiToken.objects.filter(user__email=EMAIL)
    if damage == "revoked":
        tokens.delete()
    elif damage == "expired":
        past = timezone.now() - timedelta(days=1)
        tokens.update(created_at=past - timedelta(days=1), expires_at=past)
    elif damage == "lost":
        token_file.unlink()
    else:
        token_file.write_text("garbled")
    demo(token_file)
    assert token_file.read_text() != secret
    assert works(token_file)


def test_calls_at_the_same_time_make_one_account(token_file: Path) -> None:
    outputs: list[str] = []

    def call() -> None:
        try:
            outputs.append(demo(token_file))
        finally:
            connections.close_all()

    threads = [Thread(target=call) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outputs) == [f"Demo account {EMAIL}: already there.\n"] * 3 + [f"Demo account {EMAIL}: created.\n"]
    assert Todo.objects.filter(user__email=EMAIL).count() == 12
    assert works(token_file)


def test_a_database_on_another_machine_is_refused(token_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.settings_dict, "HOST", "db.example.com")
    with pytest.raises(CommandError, match="only for a database on this machine"):
        demo(token_file)
    assert not User.objects.filter(email=EMAIL).exists()


def test_a_connection_that_went_elsewhere_is_refused(token_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.ensure_connection()
    info = type("Info", (), {"hostaddr": "203.0.113.5", "host": "localhost"})
    monkeypatch.setattr(type(connection.connection), "info", info)
    with pytest.raises(CommandError, match="only for a database on this machine"):
        demo(token_file)
