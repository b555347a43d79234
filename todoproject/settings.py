"""The settings of the service, read from the environment and `.env`. `.env.example` explains each variable.

What is missing or wrong stops the start with one line on standard error and exit status 2.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, NoReturn

from django.core.exceptions import ImproperlyConfigured
from dotenv import load_dotenv

from todoproject.admin.look import UNFOLD as UNFOLD
from todoproject.db import url

BASE_DIR = Path(__file__).resolve().parent.parent

load_dotenv(os.environ.get("ENV_FILE", BASE_DIR / ".env"))


def stop(message: str) -> NoReturn:
    print(f"todoproject: {message}", file=sys.stderr)
    raise SystemExit(2)


def text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    value = text(name, str(default)).lower()
    if value not in ("1", "true", "yes", "on", "0", "false", "no", "off"):
        stop(f"{name} should be 1 or 0")
    return value in ("1", "true", "yes", "on")


def number(name: str, default: float, *, least: float = 0) -> float:
    try:
        value = float(text(name, str(default)))
    except ValueError:
        value = least - 1
    if not least <= value < float("inf"):
        stop(f"{name} should be a number of at least {least:g}")
    return value


def names(name: str, default: str = "") -> list[str]:
    return [item.strip() for item in text(name, default).split(",") if item.strip()]


def secret(name: str, *, length: int) -> str:
    value = text(name)
    if len(value) < length:
        problem = "is too short" if value else "is not set"
        stop(
            f"{name} {problem}. It should be at least {length} random characters: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return value


DEBUG = flag("DEBUG")
SECRET_KEY = secret("SECRET_KEY", length=50)
ALLOWED_HOSTS = names("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if DEBUG else "")
if not ALLOWED_HOSTS:
    stop("ALLOWED_HOSTS is not set. It should list the host names of this service: api.example.com,www.example.com")

# --- The database -----------------------------------------------------------------------------------------------------

try:
    _database = url.parse(text("DATABASE_URL"))
except ImproperlyConfigured as error:
    stop(f"{error}. Without a database at hand, `make run` brings its own." if not text("DATABASE_URL") else str(error))
_database.export_password()
DATABASES: dict[str, dict[str, Any]] = {"default": _database.django_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Of one worker process; Neon's smallest compute takes 97 direct connections, its pooler 10,000 clients.
DATABASE_POOL_MIN = int(number("DATABASE_POOL_MIN", 2, least=0))
DATABASE_POOL_MAX = int(number("DATABASE_POOL_MAX", 8, least=1))
if DATABASE_POOL_MIN > DATABASE_POOL_MAX:
    stop("DATABASE_POOL_MIN should not be larger than DATABASE_POOL_MAX")
DATABASE_POOL_TIMEOUT = number("DATABASE_POOL_TIMEOUT", 10, least=0.1)  # seconds; a sleeping compute wakes within
DATABASE_STATEMENT_TIMEOUT = number("DATABASE_STATEMENT_TIMEOUT", 8, least=0.1)  # seconds, for the API's statements
DATABASE_PREPARED_STATEMENTS = flag("DATABASE_PREPARED_STATEMENTS", True)

# --- The web ----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "todoproject",  # first: its commands replace Django's and ninja's
    "unfold.apps.BasicAppConfig",  # leaves the choice of the site to the line after next
    "unfold.contrib.filters",
    "todoproject.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "corsheaders",
    "ninja",  # serves the files of the API's docs page itself
    "accounts",
    "todos",
]

# Of Django's own handler, which serves the admin, the docs page and requests with a session cookie.
MIDDLEWARE = [
    "todoproject.handlers.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "todoproject.handlers.static.StaticFilesMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "todoproject.urls"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
        "APP_DIRS": True,
    }
]

TIME_ZONE = "UTC"
APPEND_SLASH = False  # a redirect would turn a client's POST into a GET
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight from the packages: nothing to collect before a start
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600

API_PATH = "/api/"
API_BODY_LIMIT = 64 * 1024

# --- Who may call -----------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = [
    "accounts.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

CORS_ALLOWED_ORIGINS = names("CORS_ALLOWED_ORIGINS")
CORS_ALLOW_CREDENTIALS = True
CORS_URLS_REGEX = rf"^{API_PATH}"
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Retry-After", "X-Request-ID"]
CORS_ALLOW_HEADERS = [
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "x-csrftoken",
    "x-request-id",
]
CSRF_TRUSTED_ORIGINS = names("CSRF_TRUSTED_ORIGINS")

# --- Over TLS ---------------------------------------------------------------------------------------------------------

# The cookies and redirects of a site behind HTTPS; without DEBUG nothing else is meant to be reachable.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = not DEBUG and flag("SECURE_SSL_REDIRECT", True)
SECURE_REDIRECT_EXEMPT = [f"^{API_PATH[1:]}"]  # it would hide that a token has been sent in the clear
SECURE_HSTS_SECONDS = 0 if DEBUG else int(number("SECURE_HSTS_SECONDS", 31_536_000))
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
X_FRAME_OPTIONS = "DENY"

# --- The admin --------------------------------------------------------------------------------------------------------

# In the cookie alone: the secret of a new API token passes through a message, and is not to reach the session's table.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"


# --- Mail and logs ----------------------------------------------------------------------------------------------------

EMAIL_HOST = text("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = int(number("EMAIL_PORT", 587, least=1))
EMAIL_HOST_USER = text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("DEFAULT_FROM_EMAIL", "todo@localhost")
ADMINS = [("", address) for address in names("ADMINS")]

LOG_FORMAT = text("LOG_FORMAT", "text" if DEBUG else "json")
if LOG_FORMAT not in ("text", "json"):
    stop("LOG_FORMAT should be text or json")
LOG_LEVEL = text("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
    stop("LOG_LEVEL should be DEBUG, INFO, WARNING, ERROR or CRITICAL")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "todoproject.monitoring.logs.JsonFormatter"},
        "text": {"()": "todoproject.monitoring.logs.TextFormatter"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT},
        "mail": {"class": "todoproject.monitoring.logs.MailHandler", "level": "ERROR"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": ["mail"] if ADMINS else [], "level": "INFO", "propagate": True},
        "todoproject": {"handlers": ["mail"] if ADMINS else [], "propagate": True},
        "uvicorn": {"handlers": [], "propagate": True},
        "uvicorn.error": {"handlers": [], "propagate": True},
        # A line a request: for developers. It costs half as much again as a small request, and repeats query strings.
        "uvicorn.access": {"handlers": [], "propagate": DEBUG},
    },
}
