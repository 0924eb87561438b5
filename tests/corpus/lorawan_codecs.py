"""The LoRaWAN bodies: each read as bytes, beside what its maker's own decoder made of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from devices.instant import SECOND
from ingest.lorawan.bodies import Body, agree, model_of, read, read_object
from ingest.understood import Understood

ALARMS = {
    "smoke": "smoke_alarm",
    "co": "co_alarm",
    "gas_combustible": "gas_alarm",
    "water_leak": "water_leak_alarm",
    "sos": "sos_alarm",
}
LABELS = {
    "battery_pct": ("battery_percent", 1),
    "battery_mv": ("battery_mv", 1),
    "battery_v": ("battery_mv", 1000),
}
FAULTS = {"eol": "end_of_life"}


def check(item: dict[str, Any], path: Path) -> str:
    decoded = json.loads(path.with_suffix(".decoded.json").read_text("utf-8"))
    body = bytes.fromhex(path.read_text("ascii").strip())
    assert body.hex() == decoded["hex"], "the two files are of different bodies"
    model = model_of([path.stem])
    assert model is not None, f"no model is named in {path.stem}"
    found = read(model, decoded["fPort"], body)
    expect = item["expect"]
    if expect.get("reject"):
        assert isinstance(found, str), found
        return ""
    assert isinstance(found, tuple), found
    (said,) = found
    _as_labelled(said, expect)
    if said.backfill:
        _as_in_its_history(said.understood, decoded["decoded"])
    else:
        _as_decoded(said.understood, read_object(model, decoded["fPort"], decoded["decoded"]))
    return ""


def _as_labelled(said: Body, expect: dict[str, Any]) -> None:
    values = said.understood.values
    if "alarm" in expect:
        alarm = expect["alarm"]
        quantity = ALARMS[expect["kind"]]
        assert quantity in values, f"nothing is said of {quantity}"
        assert values[quantity] == (None if alarm is None else float(alarm)), values
        assert said.is_event == (expect["kind"] == "sos" and alarm), "event or state"
    elif not expect.get("historical"):
        assert not [one for one in ALARMS.values() if values.get(one) is not None], values
    for label, (quantity, scale) in LABELS.items():
        assert label not in expect or values[quantity] == expect[label] * scale, values
    assert "heat" not in expect or values["heat_alarm"] == float(expect["heat"]), values
    assert "tamper" not in expect or values["tamper"] == float(expect["tamper"]), values
    assert "value_cm" not in expect or values["water_level_mm"] == expect["value_cm"] * 10, values
    assert "fault" not in expect or values[FAULTS.get(str(expect["fault"]), "fault")] == 1.0, values
    assert "valve" not in expect or f"valve {expect['valve']}" in said.understood.notes, said
    assert said.backfill == expect.get("historical", False)
    at = expect.get("ts_s")
    assert said.device_at == (None if at is None else at * SECOND), said.device_at


def _as_in_its_history(understood: Understood, decoded: dict[str, Any]) -> None:
    (record,) = decoded["history"]
    assert understood.values == {
        "temperature_c": record["temperature"],
        "water_leak_alarm": float(record["leakage_status"] == "leak"),
    }, understood.values


def _as_decoded(raw: Understood, decoded: Understood | None) -> None:
    """A decoder may leave out what its bytes say; what both say is the same."""
    if decoded is None:
        assert not raw.values, f"the decoder says nothing, the bytes {raw.values}"
        return
    assert not decoded.values.keys() - raw.values.keys(), f"only decoded: {decoded.values}"
    contradictions = agree(raw, decoded)
    assert not contradictions, contradictions
