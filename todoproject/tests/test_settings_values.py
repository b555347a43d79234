"""What the settings make of the environment, and of what is not in it."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys

from django.conf import settings as current

from todoproject.tests.variables import PRODUCTION, ROOT, Change, load
from todoproject.tests.waiting import PATIENCE


def test_what_is_not_said_is_safe() -> None:
    [(status, err, settings), (_, _, debug)] = load({}, {"DEBUG": "true", "ALLOWED_HOSTS": None})
    assert (status, err) == (0, "")
    assert settings["DEBUG"] is False
    for name in ("SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT"):
        assert settings[name] is True
        assert debug[name] is False
    assert settings["LOG_FORMAT"] == "json"
    assert settings["CORS_ALLOWED_ORIGINS"] == settings["CSRF_TRUSTED_ORIGINS"] == []
    assert settings["EMAIL_BACKEND"] == "django.core.mail.backends.console.EmailBackend"
    assert debug["DEBUG"] is True
    assert debug["ALLOWED_HOSTS"] == ["localhost", "127.0.0.1", "[::1]"]
    assert debug["LOG_FORMAT"] == "text"
    assert current.DEBUG is False


def test_frontend_tools_on_this_machine_may_call_with_debug() -> None:
    origin: Change = {
        "CORS_ALLOWED_ORIGINS": "https://app.example.com",
        "CSRF_TRUSTED_ORIGINS": "https://app.example.com",
    }
    [(_, _, debug), (_, _, told), (_, _, production)] = load({"DEBUG": "1"}, origin | {"DEBUG": "1"}, {})
    for name in origin:
        assert len(debug[name]) == 14  # type: ignore[arg-type]
        for port in (5173, 3000, 8080, 4200, 4321, 4173, 1234):
            assert f"http://localhost:{port}" in debug[name]  # type: ignore[operator]
            assert f"http://127.0.0.1:{port}" in debug[name]  # type: ignore[operator]
        assert told[name] == ["https://app.example.com"]
        assert production[name] == []


def test_what_looks_unusual_and_is_right() -> None:
    former = [secrets.token_urlsafe(50), secrets.token_urlsafe(64)]
    [(status, err, settings)] = load(
        {
            "SECRET_KEY_FALLBACKS": " , ".join(former),
            "ALLOWED_HOSTS": ".example.com,*,[::1],127.0.0.1,Api_1.example.com,localhost,xn--bcher-kva.example",
            "CORS_ALLOWED_ORIGINS": "http://localhost:5173,https://app.example.com:8443,http://[::1]:3000,https://a,capacitor://localhost",
            "CSRF_TRUSTED_ORIGINS": "https://*.example.com,https://*.example.com:8443,http://localhost:5173",
            "DATABASE_POOL_MIN": "0",
            "DATABASE_TIMEOUT": ".5",
            "DEFAULT_FROM_EMAIL": "To-dos for you <o'brien+todo@mail>",
            "ADMINS": "o'brien@example.com,root@mail",
            "EMAIL_HOST": "::1",
            "EMAIL_PORT": "465",
            "SECURE_HSTS_SECONDS": "0",
            "LOG_FORMAT": "JSON",
        }
    )
    assert (status, err) == (0, "")
    assert settings["SECRET_KEY_FALLBACKS"] == former
    assert len(settings["ALLOWED_HOSTS"]) == 7  # type: ignore[arg-type]
    assert len(settings["CORS_ALLOWED_ORIGINS"]) == 5  # type: ignore[arg-type]
    assert len(settings["CSRF_TRUSTED_ORIGINS"]) == 3  # type: ignore[arg-type]
    assert settings["DATABASE_POOL_MIN"] == 0
    assert settings["DATABASE_TIMEOUT"] == 0.5
    assert settings["DEFAULT_FROM_EMAIL"] == "To-dos for you <o'brien+todo@mail>"
    assert settings["ADMINS"] == [["", "o'brien@example.com"], ["", "root@mail"]]
    assert (settings["EMAIL_USE_SSL"], settings["EMAIL_USE_TLS"]) == (True, False)
    assert settings["SECURE_HSTS_SECONDS"] == 0
    assert settings["LOG_FORMAT"] == "json"


def test_lists_and_switches() -> None:
    [(_, _, one), (_, _, other)] = load(
        {"ALLOWED_HOSTS": " a.example.com ,b.example.com,", "EMAIL_HOST": "smtp.example.com", "EMAIL_USE_TLS": "No"},
        {"SECURE_SSL_REDIRECT": "off", "LOG_LEVEL": "debug"},
    )
    assert one["EMAIL_USE_SSL"] is False
    assert one["ALLOWED_HOSTS"] == ["a.example.com", "b.example.com"]
    assert one["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"
    assert one["EMAIL_USE_TLS"] is False
    assert other["SECURE_SSL_REDIRECT"] is False
    assert other["LOG_LEVEL"] == "DEBUG"


def test_django_has_nothing_to_say_against_it_in_production() -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("SECURE_SSL_REDIRECT", "DEBUG")}
    done = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "DEBUG"],
        env=environment | PRODUCTION,
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
