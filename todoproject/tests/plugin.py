"""The environment of the tests, set before the settings are read: hence a plugin and not a conftest.

A PostgreSQL of its own, unless DATABASE_URL in the environment (not in `.env`) names one on this machine.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from todoproject.db.embedded import EmbeddedPostgres
from todoproject.db.url import DatabaseURLError, parse

CHECKOUT = Path(__file__).resolve().parent.parent.parent

ENVIRONMENT = {
    "ENV_FILE": os.devnull,
    "DEBUG": "0",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "SECURE_SSL_REDIRECT": "0",  # the browser of the tests speaks plain HTTP to a server on this machine
    "CORS_ALLOWED_ORIGINS": "https://app.example.com",
    "LOG_LEVEL": "WARNING",
}
INHERITED = ("CSRF_TRUSTED_ORIGINS", "ADMINS", "LOG_FORMAT", "EMAIL_HOST", "DIRECT_DATABASE_URL", "PGPASSWORD")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    os.environ |= ENVIRONMENT
    os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
    for name in INHERITED:
        os.environ.pop(name, None)
    if not os.environ.get("DATABASE_URL"):
        server = EmbeddedPostgres(CHECKOUT / ".local" / "postgres-test", fast=True)
        os.environ["DATABASE_URL"] = server.__enter__().url("postgres")
        early_config.add_cleanup(lambda: server.__exit__(None, None, None))
        return
    try:
        is_local = parse(os.environ["DATABASE_URL"]).is_local
    except DatabaseURLError as error:
        raise pytest.UsageError(str(error)) from None
    if not is_local:
        raise pytest.UsageError(
            "the tests create and drop databases, and DATABASE_URL names one on another machine: unset it, and they "
            "bring their own"
        )
