"""The settings of the service, read from the environment and `.env`. `.env.example` explains each variable.

What is missing or malformed stops the start with one line on standard error and exit status 2.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from todoproject import environment
from todoproject.admin.look import LOOK
from todoproject.db import url
from todoproject.environment import (
    ascii_text,
    choice,
    flag,
    former_secrets,
    mail_host,
    names,
    seconds,
    secret,
    sender,
    stop,
    whole_number,
)

BASE_DIR = Path(__file__).resolve().parent.parent

environment.load(BASE_DIR / ".env")

DEBUG = flag("DEBUG")

# --- The database -----------------------------------------------------------------------------------------------------

try:
    _database = url.parse(_url := os.environ.get("DATABASE_URL", "").strip())
except ImproperlyConfigured as error:
    stop(str(error) if _url else f"{error}. Without a database at hand, `make run` brings its own.")
_database.export_password()
DATABASES: dict[str, dict[str, Any]] = {"default": _database.django_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Of one worker process; Neon's smallest compute takes 97 direct connections, its pooler 10,000 clients.
DATABASE_POOL_MIN = whole_number("DATABASE_POOL_MIN", 2, most=1000)
DATABASE_POOL_MAX = whole_number("DATABASE_POOL_MAX", 8, least=1, most=1000)
if DATABASE_POOL_MIN > DATABASE_POOL_MAX:
    stop("DATABASE_POOL_MIN should not be larger than DATABASE_POOL_MAX")
# Seconds that a request has for all of it: its wait, its statement and the repeats; and those for a connect, during
# which a sleeping compute wakes up.
DATABASE_TIMEOUT = seconds("DATABASE_TIMEOUT", 4, most=600)
DATABASE_WAKE_TIMEOUT = seconds("DATABASE_WAKE_TIMEOUT", 12 if _database.is_neon else DATABASE_TIMEOUT, most=600)
DATABASE_PREPARED_STATEMENTS = flag("DATABASE_PREPARED_STATEMENTS", True)

# --- The web ----------------------------------------------------------------------------------------------------------

SECRET_KEY = secret("SECRET_KEY")
SECRET_KEY_FALLBACKS = former_secrets("SECRET_KEY_FALLBACKS", of="SECRET_KEY")
ALLOWED_HOSTS = names(
    "ALLOWED_HOSTS",
    environment.host_problem,
    example="api.example.com,www.example.com",
    default=["localhost", "127.0.0.1", "[::1]"] if DEBUG else [],
)
if not ALLOWED_HOSTS:
    stop("ALLOWED_HOSTS is not set. It should list the host names of this service: api.example.com,www.example.com")

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
USE_THOUSAND_SEPARATOR = True  # on pages alone: 100,014 to-dos
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

# Where frontend tools serve: Vite, its preview, Next.js and React, Vue, Angular, Astro, Parcel.
FRONTENDS = [
    f"http://{host}:{port}"
    for port in (5173, 4173, 3000, 8080, 4200, 4321, 1234)
    for host in ("localhost", "127.0.0.1")
]
CORS_ALLOWED_ORIGINS = names(
    "CORS_ALLOWED_ORIGINS",
    environment.origin_problem,
    example="https://app.example.com,https://www.example.com",
    default=FRONTENDS if DEBUG else [],
)
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
CSRF_FAILURE_VIEW = "todoproject.pages.csrf_failure"
CSRF_TRUSTED_ORIGINS = names(
    "CSRF_TRUSTED_ORIGINS",
    environment.trusted_origin_problem,
    example="https://app.example.com,https://*.example.org",
    default=FRONTENDS if DEBUG else [],
)

# --- Over TLS ---------------------------------------------------------------------------------------------------------

# The cookies and redirects of a site behind HTTPS; without DEBUG nothing else is meant to be reachable.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = flag("SECURE_SSL_REDIRECT", True) and not DEBUG
SECURE_REDIRECT_EXEMPT = [f"^{API_PATH[1:]}"]  # it would hide that a token has been sent in the clear
_hsts_seconds = whole_number("SECURE_HSTS_SECONDS", 31_536_000, most=1_000_000_000)
SECURE_HSTS_SECONDS = 0 if DEBUG else _hsts_seconds
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE_HSTS_SECONDS > 0
X_FRAME_OPTIONS = "DENY"

# --- The admin --------------------------------------------------------------------------------------------------------

LOGIN_REDIRECT_URL = "admin:index"
UNFOLD = LOOK | {
    "DASHBOARD_CALLBACK": "todoproject.dashboard.dashboard",
    "SIDEBAR": {"navigation": "todoproject.sidebar.navigation"},
}
# In the cookie alone: the secret of a new API token passes through a message, and is not to reach the session's table.
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"


# --- Mail and logs ----------------------------------------------------------------------------------------------------

EMAIL_HOST = mail_host("EMAIL_HOST")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PORT = whole_number("EMAIL_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER = ascii_text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = ascii_text("EMAIL_HOST_PASSWORD")
if bool(EMAIL_HOST_USER) != bool(EMAIL_HOST_PASSWORD):  # Django would silently not log in
    stop("EMAIL_HOST_USER and EMAIL_HOST_PASSWORD should both be set, or neither")
_with_tls = flag("EMAIL_USE_TLS", True)
EMAIL_USE_SSL = _with_tls and EMAIL_PORT == 465  # where a server speaks TLS from the first byte
EMAIL_USE_TLS = _with_tls and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = sender("DEFAULT_FROM_EMAIL", "todo@localhost")
ADMINS = [
    ("", address) for address in names("ADMINS", environment.address_problem, example="ann@example.com,bob@example.com")
]

LOG_FORMAT = choice("LOG_FORMAT", "text" if DEBUG else "json", ("text", "json"))
LOG_LEVEL = choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
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
