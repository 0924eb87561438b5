"""The Sparkplug items: vectors and safety messages after the births they belong to, and the capture whole."""

from __future__ import annotations

import base64
import csv
import json
import math
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ingest.dialects.sparkplug import Sparkplug
from ingest.dialects.sparkplug_wire import Datatype, Metric, read, rebirth, value_of
from ingest.message import Decoded, Ignored, Point, Rejected
from tests.support.sparkplug import metric, payload

MS = 1000
SMOKE = "Estate/GW1/SMOKE-301"
V1_AT = 1_750_855_643_474
NAMES = {
    "smoke_alarm": 0.0,
    "smoke_obscuration_db_per_m": 0.02,
    "battery_percent": 91.0,
    "tamper": 0.0,
    "fault": 0.0,
}
BIRTHS = {
    "spBv1.0/G/NDATA/E1": ("NBIRTH_V1", "spBv1.0/G/NBIRTH/E1"),
    "spBv1.0/G/NDEATH/E1": ("NBIRTH_V1", "spBv1.0/G/NBIRTH/E1"),
    "spBv1.0/Estate/DDATA/GW1/SMOKE-301": ("DBIRTH_smoke", "spBv1.0/Estate/DBIRTH/GW1/SMOKE-301"),
}
"""What its sender would have said before a message of each topic."""


def check(item: dict[str, Any], path: Path) -> str:
    if path.suffix == ".csv":
        _capture(path)
    elif path.suffix == ".b64":
        _wire(path)
        _CHECKS[path.stem](item, path)
    else:
        _host(item, path)
    return ""


# Single messages --------------------------------------------------------------------------------------------


def _host(item: dict[str, Any], path: Path) -> None:
    assert item["expect"] == {"host": "online"}, item
    found = Sparkplug().decode(item["topic"], path.read_bytes(), bool(item["retain"]))
    assert found == Ignored("the host application scada1 is online"), found


def _wire(path: Path) -> None:
    """Every field as the data's own reader has it."""
    said = read(_bytes(path))
    wanted = json.loads(path.with_suffix("").with_suffix(".decoded.json").read_text("utf-8"))
    assert (said.timestamp, said.seq) == (wanted.get("timestamp"), wanted.get("seq")), said
    assert len(said.metrics) == len(wanted["metrics"]), said
    for one, want in zip(said.metrics, wanted["metrics"], strict=True):
        _same(one, want)


def _same(one: Metric, want: dict[str, Any]) -> None:
    types = {"Boolean": 11, "Float": 9, "Double": 10, "String": 12, "UInt64": 8}
    for name in ("name", "alias", "timestamp"):
        assert getattr(one, name) == want.get(name), (name, one, want)
    assert one.datatype == types[want["datatype"]], (one, want)
    for name in ("is_null", "is_historical", "is_transient"):
        assert getattr(one, name) == want.get(name, False), (name, one, want)
    value = next((want[key] for key in ("bool", "float", "double", "long", "string") if key in want), None)
    assert value_of(one, one.datatype) == (value, ""), (one, want)


def _node_birth(item: dict[str, Any], path: Path) -> None:
    (said,) = _told(Sparkplug(), item, path)
    assert (said.address, said.online, said.device_at) == ("G/E1", True, V1_AT * MS), said
    assert dict(said.points) == {"temperature_c": 21.5}, said
    assert (said.asks, said.notes) == ((), ()), said


def _node_data(item: dict[str, Any], path: Path) -> None:
    (said,) = _told(_after_birth(item, path), item, path)
    assert (said.address, dict(said.points)) == ("G/E1", {"temperature_c": 22.5}), said
    assert (said.asks, said.notes, said.message_id) == ((), (), None), said


def _gap(item: dict[str, Any], path: Path) -> None:
    dialect = _after_birth(item, path)
    dialect.decode(item["topic"], _bytes(path.with_name("NDATA_V1.b64")), False)
    (said,) = _told(dialect, item, path)
    assert dict(said.points) == {"temperature_c": 27.0}, said
    assert said.notes[0] == "number 5 came where 2 was due: messages were lost", said
    _asks(said, "spBv1.0/G/NCMD/E1", V1_AT)


def _before_birth(item: dict[str, Any], path: Path) -> None:
    (said,) = _told(Sparkplug(), item, path)
    assert (said.address, said.points) == ("G/E2", ()), said
    assert said.notes == ("asked for a rebirth", "alias 100 is in no birth that we heard"), said
    _asks(said, "spBv1.0/G/NCMD/E2", V1_AT)


def _wrap(item: dict[str, Any], path: Path) -> None:
    dialect = _after_birth(item, path)
    for seq in range(1, 256):
        dialect.decode(item["topic"], payload(seq=seq), False)
    (said,) = _told(dialect, item, path)
    assert dict(said.points) == {"temperature_c": 30.0}, said
    assert (said.asks, said.notes) == ((), ()), said


def _stale_death(item: dict[str, Any], path: Path) -> None:
    dialect = _after_birth(item, path)
    found = dialect.decode(item["topic"], _bytes(path), False)
    assert found == Ignored("the death of another session (bdSeq 0, the birth's is 88)"), found
    (said,) = _say(dialect, "spBv1.0/G/NDATA/E1", _bytes(path.with_name("NDATA_V1.b64")))
    assert (said.asks, said.notes) == ((), ()), "a death takes no number"


def _death(item: dict[str, Any], path: Path) -> None:
    (said,) = _told(_after_birth(item, path), item, path)
    assert said == Decoded("sparkplug", "G/E1", (Point("temperature_c", None),), online=False), said


def _device_birth(item: dict[str, Any], path: Path) -> None:
    (said,) = _told(_with_node(), item, path)
    assert (said.address, said.online, said.device_at) == (SMOKE, True, 1_750_855_643_000 * MS), said
    _close(said, NAMES)
    assert (said.asks, said.notes) == ((), ()), said


def _alarm(item: dict[str, Any], path: Path) -> None:
    (said,) = _told(_after_birth(item, path), item, path)
    assert (said.address, said.backfill) == (SMOKE, False), said
    _close(said, {"smoke_alarm": 1.0, "smoke_obscuration_db_per_m": 4.7})
    assert (said.device_at, said.network_at) == (1_750_855_702_500 * MS, 1_750_855_703_000 * MS), said
    assert (said.asks, said.notes) == ((), ()), said


def _historical(item: dict[str, Any], path: Path) -> None:
    dialect = _after_birth(item, path, "DDATA_smoke_alarm")
    first, second = _told(dialect, item, path)
    for said, at, value in ((first, 1_750_855_763_000, 1.1), (second, 1_750_855_823_000, 0.9)):
        assert (said.address, said.backfill, said.device_at) == (SMOKE, True, at * MS), said
        _close(said, {"smoke_obscuration_db_per_m": value})
        assert (said.asks, said.notes) == ((), ()), said


def _null(item: dict[str, Any], path: Path) -> None:
    dialect = _after_birth(item, path, "DDATA_smoke_alarm", "DDATA_historical_flush")
    (said,) = _told(dialect, item, path)
    assert said.points == (("smoke_obscuration_db_per_m", None),), said
    assert (said.asks, said.notes, said.device_at) == ((), (), 1_750_856_603_000 * MS), said


def _command(item: dict[str, Any], path: Path) -> None:
    """It is what we say ourselves, byte for byte, and no word of a device."""
    assert rebirth(1_750_855_643_000) == _bytes(path), rebirth(1_750_855_643_000)
    assert isinstance(Sparkplug().decode(item["topic"], _bytes(path), False), Ignored)


_CHECKS = {
    "NBIRTH_V1": _node_birth,
    "NDATA_V1": _node_data,
    "NDATA_GAP": _gap,
    "NDATA_BEFORE_BIRTH": _before_birth,
    "NDATA_WRAPAROUND": _wrap,
    "NDEATH_V1": _stale_death,
    "NDEATH_match88": _death,
    "DBIRTH_smoke": _device_birth,
    "DDATA_smoke_alarm": _alarm,
    "DDATA_historical_flush": _historical,
    "DDATA_null_metric": _null,
    "NCMD_rebirth": _command,
}


# The capture ------------------------------------------------------------------------------------------------


def _capture(path: Path) -> None:
    """Every row as a message with as many metrics as it had; one without time was not readable.

    The births that were cut off come before it, so that each node is due to go on where its first row does.
    """
    rows = list(csv.DictReader(path.read_text("utf-8").splitlines()))
    dialect = Sparkplug(("org_A",))
    for node in dict.fromkeys(row["edge_node_id"] for row in rows):
        _births(dialect, node, [row for row in rows if row["edge_node_id"] == node])
    numbered, refused = 0, []
    for row in rows:
        found = dialect.decode(row["topic"], _row(row), False)
        if isinstance(found, Rejected):
            refused.append((row["frame"], found.address))
            continue
        (said,) = _list(found)
        assert (said.asks, said.notes) == ((), ()), (row, said)
        assert said.address == "/".join(filter(None, ("org_A", row["edge_node_id"], row["device_id"]))), said
        assert said.device_at == int(row["payload_timestamp"]) * MS, said
        numbered += 1
    assert numbered == 53, numbered
    assert refused == [("643", "org_A/702/device_9"), ("707", "org_A/node_19/device_2")], refused


def _births(dialect: Sparkplug, node: str, rows: list[dict[str, str]]) -> None:
    devices = list(dict.fromkeys(row["device_id"] for row in rows if row["device_id"]))
    start = int(rows[0]["seq"] or 1) - len(devices) - 1
    metrics = [metric(alias=n, name=f"value {n}", datatype=Datatype.DOUBLE, double=0.0) for n in range(10)]
    for n, place in enumerate((f"NBIRTH/{node}", *(f"DBIRTH/{node}/{one}" for one in devices))):
        (said,) = _say(dialect, f"spBv1.0/org_A/{place}", payload(*metrics, seq=(start + n) % 256))
        assert said.asks == (), said


def _row(row: dict[str, str]) -> bytes:
    if not row["payload_timestamp"]:
        return b"\x0a\xff"
    metrics = [metric(alias=n, double=float(n)) for n in range(int(row["metric_count"]))]
    seq = int(row["seq"]) if row["seq"] else None
    return payload(*metrics, timestamp=int(row["payload_timestamp"]), seq=seq)


# ------------------------------------------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    return base64.b64decode(path.read_text("ascii"))


def _after_birth(item: dict[str, Any], path: Path, *before: str) -> Sparkplug:
    stem, topic = BIRTHS[item["topic"]]
    dialect = _with_node() if "Estate" in topic else Sparkplug()
    _say(dialect, topic, _bytes(path.with_name(f"{stem}.b64")))
    for one in before:
        _say(dialect, item["topic"], _bytes(path.with_name(f"{one}.b64")))
    return dialect


def _with_node() -> Sparkplug:
    dialect = Sparkplug(("Estate",))
    _say(dialect, "spBv1.0/Estate/NBIRTH/GW1", payload(metric(name="bdSeq", datatype=8, long=1), seq=0))
    return dialect


def _told(dialect: Sparkplug, item: dict[str, Any], path: Path) -> list[Decoded]:
    assert dialect.claims(item["topic"]), item["topic"]
    return _say(dialect, item["topic"], _bytes(path))


def _say(dialect: Sparkplug, topic: str, said: bytes) -> list[Decoded]:
    return _list(dialect.decode(topic, said, False))


def _list(found: Iterable[Decoded] | Rejected | Ignored) -> list[Decoded]:
    assert isinstance(found, tuple), found
    return list(found)


def _asks(said: Decoded, topic: str, at: int) -> None:
    assert said.asks == ((topic, rebirth(at)),), said


def _close(said: Decoded, wanted: dict[str, float]) -> None:
    """Floats are of 32 bits on the wire."""
    points = dict(said.points)
    assert points.keys() == wanted.keys(), points
    for quantity, value in wanted.items():
        known = points[quantity]
        assert known is not None, points
        assert math.isclose(known, value, abs_tol=1e-6), points
