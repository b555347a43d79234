"""A second attempt beside one that hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from .connection import Connection


async def first_of(
    connect: Callable[[], Coroutine[Any, Any, Connection]], *, may_hedge: Callable[[], bool], pause: float
) -> Connection:
    """The connection of the first attempt to succeed, or the error of the first to fail; the other one is given up.

    Whenever nothing has happened for `pause` seconds, there is a new attempt beside the first. That one stays, because
    it may be what is waking a sleeping database up.
    """
    attempts = [asyncio.ensure_future(connect())]
    try:
        while True:
            done, _ = await asyncio.wait(attempts, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
            for attempt in sorted(done, key=_has_failed):
                attempts.remove(attempt)
                return attempt.result()
            if may_hedge():
                for hung in attempts[1:]:
                    hung.cancel()
                attempts[1:] = [asyncio.ensure_future(connect())]
    finally:
        for attempt in attempts:
            attempt.add_done_callback(_close)  # it may succeed before it hears that it is cancelled
            attempt.cancel()


def _has_failed(attempt: asyncio.Future[Connection]) -> bool:
    return attempt.cancelled() or attempt.exception() is not None


def _close(attempt: asyncio.Future[Connection]) -> None:
    if not _has_failed(attempt):
        attempt.result().close()
