"""Which broker is started."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from anmin.backends import broker
from anmin.backends.broker import BrokerFailed, start_private_broker
from anmin.backends.broker_mosquitto import PrivateMosquitto


async def test_a_found_mosquitto_is_taken_with_its_folder_and_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Any] = []

    async def start(*arguments: Any) -> str:
        started.extend(arguments)
        return "running"

    monkeypatch.setattr(broker, "find_mosquitto", lambda: Path("/opt/mosquitto"))
    monkeypatch.setattr(PrivateMosquitto, "start", start)
    folder = tmp_path / "new" / "broker"
    assert await start_private_broker(folder, port=18830) == "running"  # type: ignore[comparison-overlap] # the played start returns a word
    assert (started[0], started[1], started[3]) == (Path("/opt/mosquitto"), folder, 18830)
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("embedded_wanted", [True, False])
async def test_without_any_broker_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedded_wanted: bool
) -> None:
    monkeypatch.setattr(broker, "find_mosquitto", lambda: None)
    if embedded_wanted:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(BrokerFailed, match="install mosquitto"):
        await start_private_broker(tmp_path, allow_embedded=embedded_wanted)
