"""The settings name the store; a URL never ends in a folder, nor the other way round."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from anmin.history.choose import store_of
from anmin.history.influx_store import InfluxHistory
from anmin.history.sqlite_store import SqliteHistory


async def test_no_url_is_the_folder(tmp_path: Path) -> None:
    store = store_of(tmp_path / "history", lambda: 0, bucket="readings")
    assert isinstance(store, SqliteHistory)
    await store.close()


async def test_url_is_the_server_and_makes_no_folder(tmp_path: Path) -> None:
    store = store_of(tmp_path / "history", lambda: 0, url="http://127.0.0.1:1", bucket="readings")
    assert isinstance(store, InfluxHistory)
    assert not (tmp_path / "history").exists()
    assert await store.ready() != ""
    await store.close()


def test_client_is_loaded_only_by_those_who_need_it() -> None:
    code = "import sys, anmin.history.choose; sys.exit('influxdb_client' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
