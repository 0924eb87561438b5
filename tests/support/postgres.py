"""A PostgreSQL for tests: a throw-away cluster on a free loopback port, which ends with the test run."""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.support.mosquitto import HOST, free_port
from tests.support.services import need

OWNER, PASSWORD = "anmin", "word-of-the-ledger"
"""The role that the ledger signs in with; it owns its databases and is no superuser."""
_ADMIN, _ADMIN_PASSWORD = "postgres", "word-of-the-server"
_PR_SET_PDEATHSIG = 1
_READY_WITHIN_S = 30.0
_QUIET = {"LC_ALL": "C", "TZ": "UTC"}


class Postgres:
    """One cluster over several lives; data and port stay. Its settings are the server's own: fsync is on."""

    def __init__(self) -> None:
        self.host = HOST
        self.port = free_port()
        self._bin = need("postgres").parent
        self._folder = Path(tempfile.mkdtemp(prefix="anmin-postgres-"))
        self._data = self._folder / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:  # the server refuses to be root
            nobody = pwd.getpwnam("nobody")
            self._as = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
            os.chown(self._folder, nobody.pw_uid, nobody.pw_gid)
        self._init()

    def _init(self) -> None:
        word = self._folder / "word"
        word.write_text(_ADMIN_PASSWORD)
        word.chmod(0o644)
        command = [str(self._bin / "initdb"), "-D", str(self._data), "-U", _ADMIN, f"--pwfile={word}"]
        command += ["-E", "UTF8", "--locale=C", "--auth=scram-sha-256", "--no-sync"]
        done = subprocess.run(
            command, cwd=self._folder, env=os.environ | _QUIET, capture_output=True, **self._as
        )
        assert done.returncode == 0, done.stderr

    def start(self, **settings: str) -> None:
        """Start it and wait until it takes connections; `settings` of the server for this life."""
        given = {
            "listen_addresses": self.host,
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "16MB",
            "logging_collector": "off",
            **settings,
        }
        options = [word for name, value in given.items() for word in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._bin / "postgres", "-D", self._data, *options],
                cwd=self._folder,
                env=os.environ | _QUIET,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent(),
                start_new_session=True,
                **self._as,
            )
        end = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                self.admin("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError(self.log.read_text("utf-8", "replace")[-2000:])

    @property
    def log(self) -> Path:
        return self._folder / "log"

    def admin(self, *statements: str, database: str = "postgres") -> list[Any]:
        """Run statements as the server's administrator; the rows of the last."""
        link = psycopg.connect(
            host=self.host,
            port=self.port,
            user=_ADMIN,
            password=_ADMIN_PASSWORD,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )
        with link:
            for statement in statements:
                found = link.execute(statement)
            return found.fetchall() if found.description else []

    def database(self, options: str = "") -> str:
        """A new empty database that OWNER owns; its name."""
        if not self.admin(f"SELECT 1 FROM pg_roles WHERE rolname = '{OWNER}'"):
            self.admin(f"CREATE ROLE {OWNER} LOGIN PASSWORD '{PASSWORD}'")
        name = f"ledger{next(self._numbers)}"
        self.admin(f"CREATE DATABASE {name} OWNER {OWNER} TEMPLATE template0 {options}")
        return name

    def url(self, database: str | None = None, user: str = OWNER, password: str = PASSWORD) -> str:
        """As an operator writes it; a new database when none is named."""
        return f"postgresql://{user}:{password}@{self.host}:{self.port}/{database or self.database()}"

    def stop(self) -> None:
        """As its service manager does: connections are ended, what is committed is kept."""
        self._end(signal.SIGINT)

    def kill(self) -> None:
        """As a crash would; what was under way is unknown to everybody."""
        self._end(signal.SIGQUIT)

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(_READY_WITHIN_S)

    def remove(self) -> None:
        self.kill()
        shutil.rmtree(self._folder)


def _die_with_parent() -> Any:
    """The kernel ends the server with the thread that started it, without waiting for its clients."""
    if not hasattr(os, "memfd_create"):  # not Linux
        return None
    libc = ctypes.CDLL(None)  # loaded here: after the fork nothing may be loaded
    return lambda: libc.prctl(_PR_SET_PDEATHSIG, signal.SIGQUIT)


@contextmanager
def running(**settings: str) -> Iterator[Postgres]:
    """A started server of one's own, to be stopped and killed."""
    server = Postgres()
    try:
        server.start(**settings)
        yield server
    finally:
        server.remove()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """The server that tests share, each with databases of its own. Skips (or fails) where there is none."""
    with running() as server:
        yield server
