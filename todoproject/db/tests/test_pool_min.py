"""DATABASE_POOL_MIN: how many connections a process opens before anybody asks."""

from __future__ import annotations

import asyncio

import pytest
from django.test import override_settings

from todoproject.db.pool import Pool


@pytest.mark.parametrize("least", [0, 1, 3])
def test_it_opens_so_many_at_its_start_and_none_is_needed(least: int) -> None:
    async def main() -> None:
        pool = Pool()
        await pool.open(patience=60)
        assert pool.size == least
        assert await pool.fetch(b"SELECT 1", ()) == [(b"1",)]
        assert pool.size == max(least, 1)
        await pool.close()

    with override_settings(DATABASE_POOL_MIN=least):
        asyncio.run(main())
