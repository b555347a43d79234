"""The service's settings with what `startproject` and Django's documentation give everybody.

All the middleware of `startproject`: it is not per URL, and the admin in the same process needs it. psycopg's pool by
OPTIONS["pool"], which "Databases" recommends under ASGI in place of persistent connections.
"""

from todoproject.settings import *  # noqa: F403
from todoproject.settings import DATABASE_POOL_MAX, DATABASES

ROOT_URLCONF = "benchmarks.peers.stock_ninja"
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": DATABASE_POOL_MAX, "max_size": DATABASE_POOL_MAX}
