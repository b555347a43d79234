"""The types of the API's bodies and parameters."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]")  # pydantic would take a number in a string for seconds since 1970


def _no_nul(value: str) -> str:
    if "\0" in value:
        raise ValueError("must not contain NUL characters")
    return value


def _not_blank(value: str) -> str:
    if not value.strip():
        raise ValueError("must not be blank")
    return value


def _is_text(value: Any) -> Any:
    if not isinstance(value, datetime) and not (isinstance(value, str) and RFC_3339.match(value)):
        raise ValueError("must be a string like 2026-01-31T18:00:00Z")
    return value


def _to_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("must be between the years 1 and 9999") from None


# These follow a type's StringConstraints: after a validator, pydantic's messages would count "items", not characters.
NO_NUL = AfterValidator(_no_nul)  # which PostgreSQL's text cannot hold
NOT_BLANK = AfterValidator(_not_blank)
Name = Annotated[str, StringConstraints(min_length=1, max_length=100), NO_NUL, NOT_BLANK]
Timestamp = Annotated[
    AwareDatetime,
    BeforeValidator(_is_text),
    AfterValidator(_to_utc),
    Field(description="RFC 3339 with a time zone; stored and returned in UTC."),
]


class Body(BaseModel):
    """What a client sends. An unknown field is an error, so that no typo goes unnoticed."""

    model_config = ConfigDict(extra="forbid")


def _without_defaults(schema: dict[str, Any]) -> None:
    for field in schema.get("properties", {}).values():
        field.pop("default", None)


class Patch(Body):
    """A partial change. A field that is absent stays as it is, which is not the same as null."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_without_defaults)

    def changes(self) -> dict[str, Any]:
        """The fields that were sent and their values, in the order of the schema."""
        return {name: getattr(self, name) for name in type(self).model_fields if name in self.model_fields_set}


class FieldProblem(BaseModel):
    pointer: str = Field(description="JSON pointer into the body, or `/query/…`, `/path/…`, `/header/…`.")
    message: str
    code: str


class ProblemOut(BaseModel):
    """An error (RFC 9457). `code` is stable and for programs, `detail` is for people."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = Field(description="Also in the header X-Request-ID.")
    errors: list[FieldProblem] = Field(default_factory=list, description="On 422: what is wrong, and where.")
