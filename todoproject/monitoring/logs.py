"""One line a record: JSON for machines, text for people. Both carry the id of the request being served."""

from __future__ import annotations

import json
import logging
import os
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextvars import ContextVar
from datetime import UTC, datetime

from django.conf import settings
from django.utils.log import AdminEmailHandler

request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)


class TextFormatter(logging.Formatter):
    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(name)s: %(message)s", datefmt="%H:%M:%S")

    def format(self, record: logging.LogRecord) -> str:
        line = super().format(record)
        return f"{line} [{request_id.get()}]" if request_id.get() else line


def formatter_of_the_settings() -> logging.Formatter:
    """For the process over several workers (uvicorn.json), which does not load the application.

    It reads the settings for that: one that is malformed stops the start before there is a worker.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todoproject.settings")
    return JsonFormatter() if settings.LOG_FORMAT == "json" else TextFormatter()


class MailHandler(AdminEmailHandler):
    """Mail to ADMINS, from a thread: a mail server takes longer than the event loop can wait."""

    def __init__(self) -> None:
        super().__init__()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mail")
        self._latest: Future[None] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._latest = self._thread.submit(super().emit, record)
        except RuntimeError:  # the interpreter is ending: it starts nothing in a thread any more, and nobody waits
            super().emit(record)

    def flush(self) -> None:
        """Wait until what was to be sent is sent."""
        if self._latest:
            wait([self._latest])


def flush_mail() -> None:
    """For the end of the process: a signal would end it with mails unsent."""
    for handler in logging.getLogger("django").handlers:
        handler.flush()
