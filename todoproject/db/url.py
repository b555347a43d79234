"""From a database URL, as people paste it, to the settings that Django and the pool connect with.

It is strict, because a URL that is nearly right fails later and far away. And it keeps secrets: a malformed URL can put
a piece of the password anywhere (`user:1/2@host` parses as host `user`, port 1), so no message here repeats anything
from the URL except words that this module already knows.
"""

from __future__ import annotations

import ipaddress
import os
import re
import ssl
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import dj_database_url
from django.core.exceptions import ImproperlyConfigured
from psycopg.pq import Conninfo

EXAMPLE = "postgresql://USER:PASSWORD@HOST/DATABASE?sslmode=require"
SSLMODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
CA_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/opt/homebrew/etc/openssl@3/cert.pem",
)

# What libpq accepts, without its secrets and debug options (which it marks), and without what a URL says before the `?`
# or what leads to another server: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
LIBPQ_PARAMETERS = {option.keyword.decode() for option in Conninfo.get_defaults() if not option.dispchar} - {
    "user",
    "dbname",
    "service",
}
WHOLE_NUMBERS = (
    "connect_timeout",
    "keepalives",
    "keepalives_idle",
    "keepalives_interval",
    "keepalives_count",
    "tcp_user_timeout",
)
FOREIGN_PARAMETERS = {  # left over from other tools: what to do instead
    "pgbouncer": "leave it out: a Neon pooler is recognised by its host name",
    "schema": "leave it out: the tables live in the schema `public`",
    "currentschema": "leave it out: the tables live in the schema `public`",
    "search_path": "leave it out: the tables live in the schema `public`",
    "pool_timeout": "leave it out and set DATABASE_TIMEOUT",
    "connection_limit": "leave it out and set DATABASE_POOL_MAX",
    "pool_size": "leave it out and set DATABASE_POOL_MAX",
    "pool": "leave it out and set DATABASE_POOL_MAX",
    "max_overflow": "leave it out and set DATABASE_POOL_MAX",
    "statement_timeout": "leave it out and run ALTER ROLE … SET statement_timeout = '5s'",
    "ssl": "write sslmode=require",
    "sslaccept": "write sslmode=verify-full",
    "uselibpqcompat": "leave it out",
    "prepared_statements": "leave it out and set DATABASE_PREPARED_STATEMENTS",
    "prepared_statement_cache_size": "leave it out and set DATABASE_PREPARED_STATEMENTS",
    "password": "put it between the user and the host, USER:PASSWORD@HOST",
    "user": "put it before the host, USER:PASSWORD@HOST",
    "dbname": "put it after the host, HOST/DATABASE",
}


class DatabaseURLError(ImproperlyConfigured):
    """The URL cannot be used; the message says what to write and holds no part of the password."""


@dataclass(frozen=True)
class DatabaseURL:
    """Where the database is and how to connect to it."""

    name: str
    user: str = field(repr=False)
    password: str = field(repr=False)
    host: str
    port: str
    options: dict[str, str]

    @property
    def is_local(self) -> bool:
        """Whether the server is on this machine: a socket, or a loopback address."""
        address = self.options.get("hostaddr") or self.host  # as libpq sees it
        if address in ("", "localhost") or address.startswith("/"):
            return True
        try:
            return ipaddress.ip_address(address).is_loopback
        except ValueError:
            return False

    @property
    def is_neon(self) -> bool:
        return self.host.endswith(".neon.tech")

    @property
    def is_neon_pooler(self) -> bool:
        return self.is_neon and self.host.partition(".")[0].endswith("-pooler")

    def direct(self) -> DatabaseURL:
        """The same database past Neon's pooler, for migrations: the host without `-pooler`."""
        if not self.is_neon_pooler:
            return self
        endpoint, _, domain = self.host.partition(".")
        direct = endpoint.removesuffix("-pooler")
        options = dict(self.options)
        if "options" in options:
            options["options"] = options["options"].replace(f"endpoint={endpoint}", f"endpoint={direct}")
        return replace(self, host=f"{direct}.{domain}", options=options)

    def django_settings(self) -> dict[str, Any]:
        """An entry of DATABASES, without the password: libpq reads that from the environment (`export_password`)."""
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": self.name,
            "USER": self.user,
            "HOST": self.host,
            "PORT": self.port,
            "OPTIONS": dict(self.options),
            "CONN_MAX_AGE": 0,  # under ASGI a kept connection is never used again (Django ticket 33497)
            "DISABLE_SERVER_SIDE_CURSORS": True,  # they do not survive a transaction pooler
        }

    def export_password(self) -> None:
        """Hand the password to libpq as PGPASSWORD.

        In Django's settings it would show up on debug pages, in error mails and in error trackers, which print the
        local variables of Django's connection code.
        """
        if self.password:
            os.environ["PGPASSWORD"] = self.password


def parse(text: str, *, variable: str = "DATABASE_URL") -> DatabaseURL:
    """Read a database URL, in whatever form people paste it.

    `variable` is the setting's name for messages. Raises DatabaseURLError.
    """
    url = _unwrap(text)
    if not url:
        raise DatabaseURLError(f"{variable} is not set. It should look like {EXAMPLE}")
    match = re.match(r"postgres(?:ql)?(?:\+\w+)?://", url, re.IGNORECASE)
    if not match:
        raise DatabaseURLError(f"{variable} should start with postgresql:// and look like {EXAMPLE}")
    url = "postgresql://" + url[match.end() :]
    _check_parameter_names(url.partition("?")[2], variable)
    config = _split(url)
    parsed = _database_url(config) if config else None
    if parsed and not parsed.name:
        raise DatabaseURLError(f"{variable} names no database: it should look like {EXAMPLE}")
    if not parsed or not _is_plausible(parsed) or "#" in url:
        raise DatabaseURLError(
            f"{variable} cannot be read: it should look like {EXAMPLE}. Write special characters in the password "
            "percent-encoded: %2F for /, %3F for ?, %23 for #, %40 for @, %3A for :, %25 for %"
        )
    return _with_connection_options(parsed, variable)


def _split(url: str) -> dict[str, Any] | None:
    """None if that fails. The exception is dropped, because its text may contain a piece of the password."""
    try:
        return dict(dj_database_url.parse(url))
    except Exception:
        return None


def _database_url(config: dict[str, Any]) -> DatabaseURL:
    options = {str(key): str(value) for key, value in config.get("OPTIONS", {}).items()}
    return DatabaseURL(
        name=str(config["NAME"] or ""),
        user=str(config["USER"] or ""),
        password=str(config["PASSWORD"] or ""),
        host=str(config["HOST"] or options.pop("host", "")),
        port=str(config["PORT"] or options.pop("port", "")),
        options=options,
    )


def _is_plausible(url: DatabaseURL) -> bool:
    """Whether each part looks like what it should be, and not like a piece of another one."""
    return bool(
        _is_host(url.host)
        and re.fullmatch(r"\d{0,5}", url.port)
        and int(url.port or 0) < 65536
        and re.fullmatch(r"[\w.-]+", url.name)
        and re.fullmatch(r"[\w.@+-]*", url.user)
        and "\0" not in url.password
        and not {"host", "port"} & url.options.keys()  # one before the `?` and another after it
    )


def _unwrap(text: str) -> str:
    """Remove what was copied along with it: `psql '…'`, an assignment, quotes, white space."""
    text = text.strip()
    text = re.sub(r"^(?:export\s+)?[A-Z_]+=", "", text)
    text = re.sub(r"^psql\s+", "", text)
    return text.strip().strip("'\"").strip()


def _is_host(host: str) -> bool:
    if (
        host in ("", "localhost")
        or host.startswith("/")
        or re.fullmatch(r"([A-Za-z0-9-]{1,63}\.)*[A-Za-z0-9-]{1,63}\.?", host)
    ):
        return True
    return bool(re.fullmatch(r"[0-9a-fA-F:]+", host))  # IPv6, without its brackets


def _check_parameter_names(query: str, variable: str) -> None:
    for name, _ in parse_qsl(query, keep_blank_values=True):
        if name in LIBPQ_PARAMETERS:
            continue
        if hint := FOREIGN_PARAMETERS.get(name.lower()):
            raise DatabaseURLError(f"{variable} has the parameter {name}, which PostgreSQL does not know: {hint}")
        raise DatabaseURLError(  # not named: a `?` in the password makes its rest a parameter
            f"{variable} has a parameter that PostgreSQL does not know, or a ? in the password, which is written %3F"
        )


def _with_connection_options(url: DatabaseURL, variable: str) -> DatabaseURL:
    """Add TLS to any other machine, and time-outs that notice a dead peer."""
    options = dict(url.options)
    for name in WHOLE_NUMBERS:
        if name in options and not re.fullmatch(r"\d{1,9}", options[name]):
            raise DatabaseURLError(f"{variable} has a {name} that is not a whole number")
    if url.is_neon_pooler and re.search(r"(?:^|\s)-", options.get("options", "")):  # `endpoint=ep-cool-…` may stay
        raise DatabaseURLError(
            f"{variable} has options=-c …, which Neon's pooler refuses: run ALTER ROLE … SET … once instead"
        )
    options = _with_tls(options, url.is_local, variable)
    defaults = {"connect_timeout": "10", "application_name": "todoproject"}
    if not url.host.startswith("/"):
        defaults |= {
            "keepalives_idle": "30",
            "keepalives_interval": "10",
            "keepalives_count": "3",
            "tcp_user_timeout": "15000",
        }
    return replace(url, options=defaults | options)


def _with_tls(options: dict[str, str], is_local: bool, variable: str) -> dict[str, str]:
    if options.get("sslrootcert") == "system":
        options = {"sslmode": "verify-full"} | options  # which libpq then takes as the default and demands
    mode = options.get("sslmode")
    if mode is None:
        return options if is_local else options | {"sslmode": "require"}
    if mode not in SSLMODES:
        named = " no-verify" if mode == "no-verify" else " that PostgreSQL does not know"
        raise DatabaseURLError(f"{variable} has an sslmode{named}: write sslmode=require or sslmode=verify-full")
    if not is_local and SSLMODES.index(mode) < SSLMODES.index("require"):
        raise DatabaseURLError(
            f"{variable} has sslmode={mode}, which could send the password in the clear to another machine: "
            "write sslmode=require or sslmode=verify-full"
        )
    if options.get("sslrootcert") == "system" and not mode.startswith("verify-"):
        raise DatabaseURLError(f"{variable} has sslrootcert=system with sslmode={mode}: write sslmode=verify-full")
    if mode.startswith("verify-") and options.get("sslrootcert", "system") == "system":
        # psycopg's own build of OpenSSL looks in a directory that does not exist, so `system` finds no certificates
        return options | {"sslrootcert": _ca_bundle(variable)}
    return options


def _ca_bundle(variable: str) -> str:
    candidates = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile, *CA_BUNDLES)
    for path in candidates:
        if path and Path(path).is_file():
            return path
    raise DatabaseURLError(
        f"{variable} asks for a verified certificate, but this machine has no CA bundle: install the package "
        "ca-certificates, or name a file with sslrootcert="
    )
