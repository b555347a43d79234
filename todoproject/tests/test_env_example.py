"""`.env.example`: each variable, explained, with its default."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from todoproject.tests.variables import (
    EXAMPLE,
    OTHERS,
    PRODUCTION,
    ROOT,
    Change,
    in_the_example,
    load,
    read_by_the_code,
)


def test_the_example_lists_each_variable_and_no_other() -> None:
    assert set(in_the_example()) == read_by_the_code() - OTHERS


def test_each_variable_of_the_example_is_explained() -> None:
    for paragraph in EXAMPLE.split("\n\n")[1:]:
        lines = paragraph.strip().splitlines()
        if not lines[0].startswith("# ---"):
            assert re.match(r"# [A-Z][a-z]|# [a-z]+ or|# DEBUG, INFO", lines[0]), lines


def test_the_example_works_once_its_secret_and_its_url_are_filled_in(tmp_path: Path) -> None:
    as_it_is, filled_in = tmp_path / "a", tmp_path / "b"
    as_it_is.write_text(EXAMPLE)
    everything = re.sub(r"^# ([A-Z][A-Z0-9_]+=)", r"\1", EXAMPLE, flags=re.MULTILINE)
    filled_in.write_text(re.sub("put-(a|the-former)-secret-here", secrets.token_urlsafe(50), everything))
    nothing: Change = dict.fromkeys(PRODUCTION)
    [(status, err, _), (other_status, other_err, settings)] = load(
        nothing | {"ENV_FILE": str(as_it_is)}, nothing | {"ENV_FILE": str(filled_in)}
    )
    assert status == 2
    assert err.startswith("todoproject: SECRET_KEY is too short")
    assert (other_status, other_err) == (0, "")
    assert settings["ALLOWED_HOSTS"] == ["api.example.com"]


@pytest.mark.parametrize(
    "name",
    [
        "DATABASE_POOL_MIN",
        "DATABASE_POOL_MAX",
        "DATABASE_TIMEOUT",
        "DATABASE_WAKE_TIMEOUT",
        "EMAIL_PORT",
        "SECURE_HSTS_SECONDS",
    ],
)
def test_the_example_shows_the_defaults(name: str) -> None:
    source = (ROOT / "todoproject" / "settings.py").read_text()
    default = re.search(rf'(?:whole_number|seconds)\("{name}", ([\d_.]+)', source)
    assert default is not None
    assert float(default[1]) == float(in_the_example()[name])
