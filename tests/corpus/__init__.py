"""Recorded and documented messages of real devices, each compared with what it should be: `make corpus`.

One module per ecosystem: `check(item, path)` answers "" when a message is understood as it should be,
"argued: ..." when it deliberately is not what its label says, and raises AssertionError otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

FOLDERS = (
    "zigbee2mqtt",
    "homeassistant",
    "chirpstack_v4",
    "tts_v3",
    "lorawan_codecs",
    "tasmota",
    "shelly_gen2",
    "sparkplug_b",
    "generic_mqtt",
    "cn_platforms",
)
ARGUED = "argued: "


class Row(NamedTuple):
    """One item: `said` is "" for right, argued with its reason, or what is wrong."""

    folder: str
    item: str
    said: str

    @property
    def wrong(self) -> bool:
        return bool(self.said) and not self.said.startswith(ARGUED)


def rows(data: Path) -> Iterator[Row]:
    """Every item below the shared data folder, in order; nothing is passed over."""
    for folder in FOLDERS:
        check = import_module(f"tests.corpus.{folder}").check
        place = data / "payloads" / folder
        for line in (place / "index.jsonl").read_text("utf-8").splitlines():
            item: dict[str, Any] = json.loads(line)
            yield _row(folder, item["file"], check, item, place / item["file"])
    frames = import_module("tests.corpus.gb26875")
    for file, check in (("frames.json", frames.check_frame), ("appdata_vectors.json", frames.check_app)):
        for entry in json.loads((data / "gb26875" / file).read_text("utf-8")):
            yield _row("gb26875", entry["name"], check, entry)


def _row(folder: str, item: str, check: Callable[..., str], *what: object) -> Row:
    try:
        return Row(folder, item, check(*what))
    except AssertionError as wrong:
        return Row(folder, item, f"wrong: {wrong}")
    except Exception as bug:  # a bug in one check is one wrong item, not the end of the table
        return Row(folder, item, f"wrong: {type(bug).__name__}: {bug}")
