"""What the tests share: the service, really served, and people who use it.

Nothing is rolled back and nothing cleaned: each test makes its own people, and what is theirs is nobody else's.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
import uvicorn
from django.db import connection, connections
from django.test import Client as DjangoClient
from django.test.utils import setup_databases, teardown_databases
from pytest_django.plugin import DjangoDbBlocker, blocking_manager_key

from accounts.models import User
from todoproject.tests.admin import logged_in, superuser
from todoproject.tests.client import Client, Person, person
from todoproject.tests.waiting import PATIENCE

if TYPE_CHECKING:
    from todoproject.tests.browser import Steps


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """While the workers start, their parent migrates the database that they copy."""
    if not session.config.pluginmanager.hasplugin("dsession"):  # pytest-xdist's, in the parent alone
        return (yield)
    with session.config.stash[blocking_manager_key].unblock(), migrated_database():
        return (yield)


@pytest.fixture(scope="session", autouse=True)
def patience() -> None:
    """A busy machine takes its time, and is healthy all the same."""
    from todoproject.monitoring import health

    health.PATIENCE = health.SILENCE = PATIENCE


@pytest.fixture(scope="session", autouse=True)
def database(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A migrated database of this test process, which every test may use."""
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    with django_db_blocker.unblock(), copied_database() if is_worker else migrated_database():
        yield


@contextmanager
def migrated_database() -> Iterator[None]:
    connection.settings_dict["TEST"]["NAME"] = name_of_database(os.getpid())
    drop_leftovers()
    created = setup_databases(verbosity=0, interactive=False, serialized_aliases=())
    connections.close_all()  # one that is in use cannot be copied
    try:
        yield
    finally:
        connections.close_all()
        teardown_databases(created, verbosity=0)


@contextmanager
def copied_database() -> Iterator[None]:
    name, original = name_of_database(os.getpid()), name_of_database(os.getppid())
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{original}"')
    connection.close()
    connection.settings_dict["NAME"] = name
    try:
        yield
    finally:
        connections.close_all()
        with connection._nodb_cursor() as cursor:
            cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def name_of_database(pid: int) -> str:
    return f"test_todoproject_{pid}"


def drop_leftovers() -> None:
    """The databases of test processes that were killed."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname ~ '^test_todoproject_[0-9]+$'")
        for (name,) in cursor.fetchall():
            try:
                os.kill(int(name.rpartition("_")[2]), 0)
            except ProcessLookupError:
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            except PermissionError:
                pass  # somebody else's process


@pytest.fixture(scope="session")
def service(database: None) -> Iterator[str]:
    """The real application behind the real server, in a thread of this process; its URL."""
    from todoproject.asgi import application

    config = uvicorn.Config(
        application,
        host="127.0.0.1",
        port=0,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_keep_alive=PATIENCE,  # no connection closes in the moment in which a client takes it up again
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="service")
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the service did not start")
        thread.join(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def make_person(service: str) -> Iterator[Callable[..., Person]]:
    """Call it for one more person with an account, a token and a client that sends it."""
    with ExitStack() as clients:

        def make(**fields: Any) -> Person:
            someone = person(service, **fields)
            clients.enter_context(someone.client)
            return someone

        yield make


@pytest.fixture
def alice(make_person: Callable[..., Person]) -> Person:
    return make_person()


@pytest.fixture
def bob(make_person: Callable[..., Person]) -> Person:
    """Somebody else."""
    return make_person()


@pytest.fixture
def anonymous(service: str) -> Iterator[Client]:
    with Client(service) as client:
        yield client


@pytest.fixture
def admin() -> DjangoClient:
    """Somebody who may do everything in the admin, without a server in between."""
    return logged_in(superuser())


@pytest.fixture
def owner() -> User:
    """Somebody with an account and nothing else yet."""
    return User.objects.create_user(f"{uuid4().hex}@example.com")


@pytest.fixture(scope="session")
def browser(service: str) -> Iterator[Callable[[Steps], None]]:
    """The browser of this test process; see `todoproject.tests.browser`."""
    from todoproject.tests.browser import chromium

    with chromium(service) as visit:
        yield visit
