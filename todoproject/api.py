"""The one NinjaAPI, and the routers in it."""

from __future__ import annotations

from ninja import Swagger

from accounts.api import router as accounts
from accounts.auth import AUTH
from todos.api.categories import router as categories
from todos.api.todos import router as todos

from .rest.api import RestAPI

DESCRIPTION = """\
To-dos and their categories. You see only your own; what belongs to somebody else does not exist for you.

**Authentication**: `Authorization: Bearer tdo_…`, a personal API token.

**Changes**: every answer about one object has an `ETag`. Send it back in `If-Match`, and nobody's change is lost.

**Errors**: always `application/problem+json`. `code` is for programs; `errors` says what is wrong, and where.
"""

api = RestAPI(
    title="To-do API",
    version="1.0.0",
    description=DESCRIPTION,
    auth=AUTH,
    docs=Swagger({"persistAuthorization": True, "defaultModelsExpandDepth": 0, "tryItOutEnabled": True}),
    docs_url="docs",
    openapi_url="openapi.json",
)
api.add_router("", todos, tags=["to-dos"])
api.add_router("", categories, tags=["categories"])
api.add_router("", accounts, tags=["account"])
