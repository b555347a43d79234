"""This project's NinjaAPI: how it reads bodies, reports errors and describes itself in OpenAPI."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from pydantic_core import from_json

from . import openapi, problems


class JsonParser(Parser):
    """Reads JSON, if the media type says JSON: another site's form cannot send that without asking (CORS)."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise problems.of_status(415)
        if len(request.body) > settings.API_BODY_LIMIT:  # the handler has already refused it
            raise problems.of_status(413)
        try:
            # unlike the standard library's parser, pydantic's refuses lone surrogates and deep nesting
            return from_json(request.body, allow_inf_nan=False)
        except ValueError:
            raise problems.invalid("", "The body is not well-formed JSON.", "invalid_json") from None


UNUSED = HttpResponse()


class RestAPI(NinjaAPI):
    def __init__(self, **options: Any) -> None:
        super().__init__(parser=JsonParser(), **options)
        for kind in (AuthenticationError, HttpError, ValidationError, Exception):
            self.add_exception_handler(kind, respond)

    @cached_property
    def document(self) -> OpenAPISchema:
        """The OpenAPI document; it is made once."""
        document = super().get_openapi_schema(path_prefix="/api/v1/")
        openapi.complete(document)
        return document

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Ninja makes one for each request, for views that return plain values. No view here does."""
        return UNUSED

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        return self.document


def respond(request: HttpRequest, error: Any) -> HttpResponse:
    return problems.of(error).response()
