from __future__ import annotations

import os
import subprocess
import sys

import pytest

from benchmarks.contenders import CONTENDERS, ROOT
from todoproject.tests.waiting import PATIENCE

PACKAGES = {
    "fastapi": ("fastapi", "sqlmodel", "asyncpg", "jwt"),
    "stock": ("jwt", "psycopg_pool"),
    "wsgi": ("jwt", "gunicorn"),
    "bare": ("psycopg_pool",),
}
LOAD = {
    "uvicorn": "from uvicorn.config import Config; Config(sys.argv[-1], factory='--factory' in sys.argv).load()",
    "gunicorn": "from gunicorn.util import import_app; import_app(sys.argv[-1])",
}


@pytest.mark.parametrize("name", CONTENDERS)
def test_contender_can_be_loaded(name: str) -> None:
    """In a process of its own, because each configures Django or the database for itself."""
    for package in PACKAGES.get(name, ()):
        pytest.importorskip(package, reason="there are no peers to benchmark: `make check` installs them")
    environment = {
        "PATH": os.environ["PATH"],
        "ENV_FILE": os.devnull,
        "DATABASE_URL": "postgresql://user@localhost/name",
        "DATABASE_POOL_MAX": "2",
        "SECRET_KEY": "not a secret, but as long as one: " + "-" * 40,
        "ALLOWED_HOSTS": "127.0.0.1",
        "BENCH_JWT_SECRET": "-" * 40,
        "BENCH_API_TOKEN": "-",
        "BENCH_USER_ID": "00000000-0000-0000-0000-000000000000",
        **CONTENDERS[name].environment,
    }
    load = "import sys; " + LOAD[CONTENDERS[name].server]
    command = [sys.executable, "-c", load, *CONTENDERS[name].application]
    result = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert result.returncode == 0, result.stderr
