"""What the tests of the connections share."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django.fixtures import Settings

from todoproject.db import opener, pool
from todoproject.db.opener import connection_parameters
from todoproject.tests.waiting import PATIENCE

from . import rig

Behind = Callable[..., None]


@pytest.fixture(params=rig.LOOPS, ids=["uvloop", "asyncio"])
def each_loop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the test once on each event loop, provided that it says `run_on_loop`."""
    monkeypatch.setattr(rig, "new_loop", request.param)


@pytest.fixture
def sizes(settings: Settings) -> Settings:
    """Those of the pools of this test, which may change them."""
    settings.DATABASE_POOL_MIN, settings.DATABASE_POOL_MAX = 0, 4
    settings.DATABASE_TIMEOUT = settings.DATABASE_WAKE_TIMEOUT = 20
    return settings


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that has much to do does not look like a server that has fallen silent."""
    monkeypatch.setattr(pool, "SILENCE", 30)


@pytest.fixture
def slow_but_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server has as long as a busy machine may need to answer a cancel, before it counts as gone."""
    monkeypatch.setattr(pool, "VERDICT", PATIENCE)


@pytest.fixture
def behind(monkeypatch: pytest.MonkeyPatch) -> Behind:
    """Call it with what is different in the parameters of this test's connections."""
    usual = connection_parameters()

    def change(**parameters: object) -> None:
        if isinstance(parameters.get("port"), int):
            parameters = {"host": "127.0.0.1"} | parameters
        changed = usual | parameters
        monkeypatch.setattr(opener, "connection_parameters", lambda: changed)

    return change
