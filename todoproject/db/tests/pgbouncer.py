"""PgBouncer, which pools as Neon's own pooler does."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import pytest
from django.db import connections

from todoproject.db.tests.rig import server_address
from todoproject.tests.programs import program
from todoproject.tests.waiting import becomes


class PgBouncer:
    """PgBouncer in transaction mode on a socket in front of the tests' PostgreSQL."""

    PORT = 6432  # only part of the socket's name

    def __init__(self, *, pool_size: int) -> None:
        self.program, self.pool_size = program("pgbouncer"), pool_size

    @property
    def version(self) -> tuple[int, int]:
        output = subprocess.run([self.program, "--version"], capture_output=True, text=True, check=True).stdout
        match = re.search(r"PgBouncer (\d+)\.(\d+)", output)
        assert match, output
        return int(match[1]), int(match[2])

    def __enter__(self) -> Self:
        self.directory = Path(tempfile.mkdtemp(prefix="pgbouncer-"))
        self._configure()
        account = None  # PgBouncer refuses to run as root, and PostgreSQL's socket is open to its own account
        if os.geteuid() == 0:
            account = pwd.getpwnam(os.environ.get("EMBEDDED_POSTGRES_USER") or "nobody")
            for path in (self.directory, *self.directory.iterdir()):
                os.chown(path, account.pw_uid, account.pw_gid)
        self._process = subprocess.Popen(
            [self.program, "-q", str(self.directory / "ini")],
            user=account and account.pw_uid,
            group=account and account.pw_gid,
            extra_groups=[] if account else None,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory)

    def _configure(self) -> None:
        address = server_address()
        if isinstance(address, str):
            host, port = address.rpartition("/")[0], address.rpartition(".")[2]
        else:
            host, port = address[0], str(address[1])
        user = connections["default"].settings_dict["USER"]
        (self.directory / "users").write_text(f'"{user}" "{os.environ.get("PGPASSWORD", "")}"\n')
        (self.directory / "ini").write_text(
            f"[databases]\n* = host={host} port={port}\n"
            "[pgbouncer]\nlisten_addr =\nauth_type = trust\npool_mode = transaction\n"
            f"unix_socket_dir = {self.directory}\nlisten_port = {self.PORT}\nauth_file = {self.directory}/users\n"
            f"default_pool_size = {self.pool_size}\nlogfile = {self.directory}/log\n"
        )

    def _wait(self) -> None:
        becomes(lambda: self._answers() or self._process.poll() is not None)
        if not self._answers():
            pytest.fail("pgbouncer did not start: " + (self.directory / "log").read_text())

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(f"{self.directory}/.s.PGSQL.{self.PORT}") == 0
