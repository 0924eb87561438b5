"""What the machine must offer is looked at without changing it."""

from __future__ import annotations

import fcntl
import os
import socket
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from anmin import surroundings as module
from anmin.backends.disk import Space
from anmin.section import MIB
from anmin.settings import read
from anmin.surroundings import surroundings
from tests.support.influx import InfluxStub
from tests.support.mosquitto import free_port
from tests.support.postgres import Postgres


def seen(tmp_path: Path, **flags: Any) -> list[tuple[str, str]]:
    given = {"site.data_dir": str(tmp_path / "data"), "web.port": 0} | {
        key.replace("__", "."): value for key, value in flags.items()
    }
    loaded = read(None, {}, given)
    assert loaded.settings is not None, loaded.findings
    return [(found.code, found.severity.value) for found in surroundings(loaded)]


@pytest.fixture(autouse=True)
def _good_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_mosquitto", lambda: Path("/usr/sbin/mosquitto"))
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 52, 0))
    monkeypatch.setattr(Space, "of", lambda _path: Space(5000 * MIB, 9000 * MIB))


def test_a_good_machine_has_no_finding_and_is_left_as_it_was(tmp_path: Path) -> None:
    assert seen(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_a_taken_port_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert seen(tmp_path, web__port=port) == [("port-in-use", "error")]


def test_a_ledger_whose_server_is_away_is_a_warning_for_a_start_waits(tmp_path: Path) -> None:
    url = f"postgresql://anmin:word@127.0.0.1:{free_port()}/anmin"
    assert seen(tmp_path, ledger__url=url) == [("ledger", "warning")]


def test_a_ledger_that_a_start_would_refuse_is_an_error_and_is_left_alone(
    tmp_path: Path, postgres: Postgres
) -> None:
    name = postgres.database()
    assert seen(tmp_path, ledger__url=postgres.url(name)) == []
    assert seen(tmp_path, ledger__url=postgres.url(name, password="guessed")) == [("ledger", "error")]
    postgres.admin("CREATE SCHEMA anmin", "CREATE TABLE anmin.theirs (x int)", database=name)
    postgres.admin("GRANT USAGE ON SCHEMA anmin TO anmin", database=name)  # its search path begins there
    assert seen(tmp_path, ledger__url=postgres.url(name)) == [("ledger", "error")]
    assert postgres.admin("SELECT * FROM pg_tables WHERE schemaname = 'public'", database=name) == []


def test_an_address_that_is_not_ours_is_an_error(tmp_path: Path) -> None:
    found = seen(tmp_path, web__host="192.0.2.1", web__port=1)
    assert found == [("no-such-address", "error")]


def test_a_running_anmin_is_a_note_and_its_port_no_error(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    handle = os.open(tmp_path / "data" / "lock", os.O_RDWR | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert seen(tmp_path, web__port=taken.getsockname()[1]) == [("running", "note")]
    os.close(handle)
    assert seen(tmp_path) == []


def test_a_data_directory_must_be_a_folder_that_can_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").write_text("x")
    assert seen(tmp_path) == [("not-a-folder", "error")]
    (tmp_path / "data").unlink()
    monkeypatch.setattr(os, "access", lambda _path, _mode: False)  # root may write everywhere
    assert seen(tmp_path) == [("not-writable", "error")]


@pytest.mark.parametrize(("free", "severity"), [(7, "error"), (100, "warning")])
def test_a_disk_that_is_nearly_full_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, severity: str
) -> None:
    monkeypatch.setattr(Space, "of", lambda _path: Space(free * MIB, 9000 * MIB))
    assert seen(tmp_path) == [("disk-nearly-full", severity)]


def test_without_mosquitto_a_private_broker_is_demo_grade(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "find_mosquitto", lambda: None)
    assert seen(tmp_path) == [("no-mosquitto", "warning")]
    assert seen(tmp_path, mqtt__url="mqtts://broker.example") == []


def test_an_sqlite_with_the_known_flaw_is_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 40, 1))
    assert seen(tmp_path) == [("sqlite", "note")]


def test_a_finding_points_at_the_setting(tmp_path: Path) -> None:
    path = tmp_path / "anmin.toml"
    path.write_text("[web]\nhost = '192.0.2.1'\nport = 1\npublic_url = 'https://x'\n")
    (found,) = surroundings(read(path, {}))
    assert (found.file, found.line, found.code) == (str(path), 2, "no-such-address")
    assert found.en.startswith("[web] host: ")


def test_broken_settings_are_not_tried_on_the_machine() -> None:
    assert list(surroundings(read(None, {"ANMIN_WEB__PORT": "x"}))) == []


def test_a_history_server_that_takes_no_write_is_a_warning(tmp_path: Path, stub: InfluxStub) -> None:
    named = {"history__url": stub.url, "history__org": "house"}
    assert seen(tmp_path, **named) == []
    stub.status = 404  # it still answers a ping
    assert seen(tmp_path, **named) == [("history", "warning")]
    assert seen(tmp_path, **named, history__enabled=False) == []


def test_a_history_server_that_is_away_is_a_warning_for_readings_wait(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("word")
    file.chmod(0o600)
    url = f"http://127.0.0.1:{free_port()}"
    flags = {"history__url": url, "history__org": "o", "history__token_file": str(file)}
    assert seen(tmp_path, **flags) == [("history", "warning")]
