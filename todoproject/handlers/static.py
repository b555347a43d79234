"""Static files, served by the application itself."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFilesMiddleware(WhiteNoiseMiddleware):
    """WhiteNoise, except that a file leaves in one piece.

    WhiteNoise 6.12 answers with a synchronous stream, which Django under ASGI reads into memory all the same, with a
    warning for each file (https://github.com/evansd/whitenoise/issues/531).
    """

    @staticmethod
    def serve(static_file: Any, request: HttpRequest) -> HttpResponse:  # type: ignore[override]
        found = static_file.get_response(request.method, request.META)
        content = b""
        if found.file is not None:
            with found.file:
                content = found.file.read()
        return HttpResponse(content, status=found.status, headers=dict(found.headers))
