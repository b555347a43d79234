"""Entity tags (a whole number in quotes), and the headers that make a request conditional on one (RFC 9110, 13.1)."""

from __future__ import annotations

import re
from typing import Literal

from django.http import HttpRequest
from django.utils.http import parse_etags

WHOLE_NUMBER = re.compile(r'"[0-9]{1,18}"')


def etag(number: bytes | None) -> str:
    """The value of the ETag header for the tag that came with the row."""
    return f'"{(number or b"").decode()}"'


def if_match(request: HttpRequest) -> list[int] | Literal["*"] | None:
    """The tags in If-Match, or None without the header. Weak tags match nothing, so they are left out."""
    return _tags(request.META.get("HTTP_IF_MATCH"), weak=False)


def if_none_match(request: HttpRequest) -> list[int] | Literal["*"] | None:
    """The tags in If-None-Match, weak ones included, or None without the header."""
    return _tags(request.META.get("HTTP_IF_NONE_MATCH"), weak=True)


def _tags(header: str | None, *, weak: bool) -> list[int] | Literal["*"] | None:
    if header is None:
        return None
    tags = parse_etags(header)
    if tags == ["*"]:
        return "*"
    if weak:
        tags = [tag.removeprefix("W/") for tag in tags]
    return [int(tag[1:-1]) for tag in tags if WHOLE_NUMBER.fullmatch(tag)]
