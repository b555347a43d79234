"""What the facts about the database mean for the service, and what mends it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from todoproject.management.facts import Facts

EXTENSIONS = {"pg_trgm", "btree_gin"}


@dataclass(frozen=True)
class Finding:
    check: str
    status: Literal["ok", "warn", "fail"]
    message: str
    mend: str = ""

    def body(self) -> dict[str, str]:
        return {name: value for name, value in asdict(self).items() if value}


def tls(facts: Facts) -> Finding:
    mode = facts.url.options.get("sslmode", "prefer")
    if facts.url.is_local:
        return Finding("tls", "ok", "the database is on this machine")
    if not facts.is_encrypted:
        return Finding("tls", "fail", "the connection is not encrypted", "write sslmode=verify-full in DATABASE_URL")
    if mode != "verify-full":
        message = f"the connection is encrypted, but with sslmode={mode} anybody could be at its other end"
        return Finding("tls", "warn", message, "write sslmode=verify-full in DATABASE_URL")
    return Finding("tls", "ok", "the connection is encrypted, and the server's certificate is verified")


def hosts(facts: Facts) -> Finding:
    if facts.direct.name != facts.url.name:
        message = "DIRECT_DATABASE_URL names another database than DATABASE_URL: migrations would go there"
        return Finding("hosts", "fail", message, "write the same database in both")
    if facts.is_pooled and facts.direct == facts.url:
        message = "DATABASE_URL leads to a pooler, and there is no way past it for migrations"
        return Finding("hosts", "fail", message, "set DIRECT_DATABASE_URL to the database's own address")
    if facts.url.host.endswith(".neon.tech") and not facts.url.is_neon_pooler:
        message = "the service connects directly to Neon, where connections are few"
        return Finding("hosts", "warn", message, "write `-pooler` behind the endpoint in the host of DATABASE_URL")
    way = "through a pooler, migrations directly" if facts.is_pooled else "directly"
    return Finding("hosts", "ok", f"the service connects {way}")


def role_timeouts(facts: Facts) -> Finding:
    missing = [name for name, value in facts.role_settings.items() if value == "0"]
    if missing:
        message = f"the role has no {', '.join(missing)}: nothing ends a statement for which nobody waits any more"
        return Finding("role time-outs", "warn", message, "manage.py alterrole --apply")
    if (zone := facts.role_settings["timezone"]) != "UTC":
        message = f"the role's time zone is {zone}: Django changes it with a round trip for each connection"
        return Finding("role time-outs", "warn", message, "manage.py alterrole --apply")
    values = (f"{name} {value}" for name, value in facts.role_settings.items() if name != "timezone")
    return Finding("role time-outs", "ok", ", ".join(values))


def role_rights(facts: Facts) -> Finding:
    rights = {
        "is a superuser": facts.server["is_superuser"],
        "is a member of neon_superuser": facts.server["is_neon_superuser"],
        "bypasses row security": facts.server["bypasses_row_security"],
        "owns the tables": any(table["is_own"] for table in facts.tables),
    }
    excess = [words for words, has_it in rights.items() if has_it]
    if excess:
        if facts.server["is_superuser"]:  # which includes the others
            excess = excess[:1]
        message = f"the service's role may do more than it needs: it {' and '.join(excess)}"
        return Finding("role's rights", "warn", message, 'docs/operations.md, "A role of its own"')
    return Finding("role's rights", "ok", "the service's role is an ordinary one")


def tables(facts: Facts) -> Finding:
    if closed := [table["name"] for table in facts.tables if not table["is_usable"]]:
        message = f"the service's role may not read and write {_some(closed)}"
        grant = sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {};")
        return Finding("tables", "fail", message, grant.format(sql.Identifier(facts.server["role"])).as_string())
    if not facts.tables:
        return Finding("tables", "ok", "there are none yet")
    return Finding("tables", "ok", f"the service's role may read and write all {len(facts.tables)}")


def migrations(facts: Facts) -> Finding:
    if facts.applied is None:
        return Finding("migrations", "fail", "django_migrations may not be read", "grant what the tables need")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if missing := sorted(known - facts.applied):
        return Finding("migrations", "fail", f"{_some(missing)} not applied", "manage.py migrate")
    return Finding("migrations", "ok", f"all {len(known)} are applied")


def extensions(facts: Facts) -> Finding:
    if missing := sorted(EXTENSIONS - set(facts.server["extensions"])):
        create = " ".join(f"CREATE EXTENSION {name};" for name in missing)
        mend = f"manage.py migrate; where its role may not, as the owner of the database: {create}"
        return Finding("extensions", "fail", f"{_some(missing)} not there, which the search needs", mend)
    return Finding("extensions", "ok", f"{_some(sorted(EXTENSIONS))} are there")


def clock(facts: Facts) -> Finding:
    if abs(facts.ahead) > 1:
        way = "ahead of" if facts.ahead > 0 else "behind"
        message = f"the server's clock is {abs(facts.ahead):.1f} s {way} this machine's"
        return Finding("clock", "warn", message, "synchronise this machine's clock: timedatectl set-ntp true")
    return Finding("clock", "ok", "the server's clock and this machine's agree")


def connections(facts: Facts) -> Finding:
    each, there = settings.DATABASE_POOL_MAX + 1, facts.server["connections"]  # and one for health
    wanted = facts.workers * each
    message = f"the service opens up to {wanted}, {each} for each of its workers ({facts.workers})"
    if facts.is_pooled:
        return Finding("connections", "ok", f"{message}, and the pooler shares out fewer")
    mend = f"DATABASE_POOL_MAX={max(there // (2 * facts.workers) - 1, 1)}, or fewer workers, or a pooler"
    if wanted > there:
        return Finding("connections", "fail", f"{message}, and the server gives it {there}", mend)
    if 2 * wanted > there:
        message += f", and the server gives it {there}: too few while new workers replace old ones"
        return Finding("connections", "warn", message, mend)
    return Finding("connections", "ok", f"{message}, of {there}")


def version(facts: Facts) -> Finding:
    name = f"PostgreSQL {facts.server['version_name'].partition(' ')[0]}"
    if facts.server["version"] < 150_000:
        return Finding("version", "fail", f"{name}, and the service needs 15", "move to PostgreSQL 15 or later")
    return Finding("version", "ok", name)


def encoding(facts: Facts) -> Finding:
    if facts.server["encoding"] != "UTF8":
        mend = "make the database anew: CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;"
        return Finding("encoding", "fail", f"{facts.server['encoding']}, which has no room for some texts", mend)
    return Finding("encoding", "ok", "UTF8")


def prepared_statements(facts: Facts) -> Finding:
    if facts.forgets:
        mend = "set DATABASE_PREPARED_STATEMENTS=0, or max_prepared_statements in PgBouncer 1.21 or later"
        return Finding("prepared statements", "warn", "the pooler mixes them up", mend)
    used = "work" if settings.DATABASE_PREPARED_STATEMENTS else "are not used (DATABASE_PREPARED_STATEMENTS=0)"
    return Finding("prepared statements", "ok", f"they {used}")


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more


CHECKS: tuple[Callable[[Facts], Finding], ...] = (
    tls,
    hosts,
    version,
    encoding,
    extensions,
    migrations,
    tables,
    role_rights,
    role_timeouts,
    prepared_statements,
    connections,
    clock,
)
