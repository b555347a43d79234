"""How long a test waits for what has to happen. It waits for the event: the time only ends a run that hangs."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

PATIENCE = 120  # seconds; what takes one on a quiet machine may take ten on a busy one


def becomes(condition: Callable[[], object]) -> bool:
    """Wait until the condition holds, and return whether it does."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True


async def until(condition: Callable[[], object]) -> None:
    """Wait until the condition holds, while everything else of the event loop goes on. Raises TimeoutError."""
    async with asyncio.timeout(PATIENCE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)
