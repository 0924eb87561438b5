"""Which history store the settings name: a folder without a URL, an InfluxDB with one; no silent fallback."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

from anmin.history.ports import HistoryStore
from anmin.history.sqlite_store import SqliteHistory
from devices.instant import Instant


def store_of(
    folder: Path,
    now: Callable[[], Instant],
    *,
    url: str = "",
    mode: Literal["2", "1"] = "2",
    bucket: str = "",
    org: str = "",
    token: str = "",
    ca: str = "",
) -> HistoryStore:
    """See influx_store.InfluxTarget for what the words mean; they are not looked at without a URL."""
    if not url:
        return SqliteHistory(folder)
    from anmin.history.influx_store import InfluxHistory, InfluxTarget  # half a second, for those who need it

    return InfluxHistory(InfluxTarget(url, bucket, mode, org, token, ca), now)
