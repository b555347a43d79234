"""Ninja's export_openapi_schema, which looks for an API at `/api/` and finds none there."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser
from ninja.management.commands import export_openapi_schema


class Command(export_openapi_schema.Command):
    help = "Writes the OpenAPI document of the service, the one of /api/v1/openapi.json, to standard output or a file."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(api="todoproject.api.api")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            super().handle(*args, **options)
        except OSError as error:
            raise CommandError(f"cannot write {options['output'] or 'the document'}: {error.strerror}") from error
