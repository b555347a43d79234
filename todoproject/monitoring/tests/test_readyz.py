"""/readyz against a database that lacks a migration of this code."""

from __future__ import annotations

import asyncio

from todoproject.monitoring.health import DatabaseHealth, check_database_health, connect


def test_a_single_missing_migration_makes_it_not_ready() -> None:
    async def with_and_without() -> tuple[DatabaseHealth, DatabaseHealth]:
        connection = await connect(patience=60)
        try:
            whole = await check_database_health(connection, migrations=True)
            await connection.fetch(b"BEGIN", ())
            await connection.fetch(b"DELETE FROM django_migrations WHERE (app, name) = ('todos', '0001_initial')", ())
            return whole, await check_database_health(connection, migrations=True)
        finally:
            connection.close()  # which rolls back

    whole, lacking = asyncio.run(with_and_without())
    assert (whole.connected, whole.migrated) == (True, True)
    assert (lacking.connected, lacking.migrated) == (True, False)
    assert lacking.body()["error"] == "migrations"
