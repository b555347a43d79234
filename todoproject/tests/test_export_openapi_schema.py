"""manage.py export_openapi_schema: the OpenAPI document without a running service."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from todoproject.tests.client import Client


def test_it_is_what_the_service_serves(anonymous: Client, tmp_path: Path) -> None:
    served = anonymous.get("/api/v1/openapi.json").json()
    output, file = StringIO(), tmp_path / "openapi.json"
    call_command("export_openapi_schema", stdout=output)
    assert json.loads(output.getvalue()) == served
    call_command("export_openapi_schema", "--output", str(file), "--indent", "2")
    assert json.loads(file.read_text()) == served


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="^cannot write .*/missing/openapi.json: No such file or directory$"):
        call_command("export_openapi_schema", "--output", str(tmp_path / "missing" / "openapi.json"))
