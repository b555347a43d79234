"""The one NinjaAPI: routers, how bodies are read, how errors are said, and the OpenAPI document."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Swagger
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.openapi.schema import OpenAPISchema
from ninja.parser import Parser
from pydantic_core import from_json

from accounts.api import router as accounts
from accounts.auth import AUTH
from todos.api import router as todos
from todos.categories import router as categories

from . import openapi, problems

DESCRIPTION = """\
To-dos and their categories, for one user at a time: what belongs to somebody else does not exist.

**Authentication**: `Authorization: Bearer tdo_…`, a personal API token.

**Changes**: every answer about one object carries an `ETag`; send it back in `If-Match` and nobody's change is lost.

**Errors**: always `application/problem+json`; `code` is for programs, `errors` says what is wrong where.
"""


class JsonParser(Parser):
    """JSON from the media type JSON only: a form of another site cannot send that without asking first (CORS)."""

    def parse_body(self, request: HttpRequest) -> Any:
        if request.content_type != "application/json":
            raise problems.of_status(415)
        if len(request.body) > settings.API_BODY_LIMIT:  # the lean door has refused it already
            raise problems.of_status(413)
        try:
            # pydantic's parser refuses lone surrogates and deep nesting, at which the standard library's would not
            return from_json(request.body, allow_inf_nan=False)
        except ValueError:
            raise problems.invalid("", "The body is not well-formed JSON.", "invalid_json") from None


UNUSED = HttpResponse()


class TodoAPI(NinjaAPI):
    @cached_property
    def document(self) -> OpenAPISchema:
        """The OpenAPI document, made once."""
        document = super().get_openapi_schema(path_prefix="/api/v1/")
        openapi.complete(document)
        return document

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Ninja makes one for each request, for views that return plain values; none here does."""
        return UNUSED

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        return self.document


def respond(request: HttpRequest, error: Any) -> HttpResponse:
    return problems.of(error).response()


api = TodoAPI(
    title="To-do API",
    version="1.0.0",
    description=DESCRIPTION,
    auth=AUTH,
    parser=JsonParser(),
    docs=Swagger({"persistAuthorization": True, "defaultModelsExpandDepth": 0, "tryItOutEnabled": True}),
    docs_url="docs",
    openapi_url="openapi.json",
)
for kind in (AuthenticationError, HttpError, ValidationError, Exception):
    api.add_exception_handler(kind, respond)
api.add_router("", todos, tags=["to-dos"])
api.add_router("", categories, tags=["categories"])
api.add_router("", accounts, tags=["account"])
