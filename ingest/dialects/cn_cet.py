"""The points of CET power gateways: Chinese names with a unit, numbers (AI) and events (SOE)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ingest.dialects.cn_envelope import Body
from ingest.dialects.cn_fields import Fields
from ingest.dialects.fields import take_number
from ingest.generic import UNSURE
from ingest.strict_json import shown
from ingest.understood import Understood, measure, truth

_DANGER: Final = ("漏电", "剩余电流", "温度越限", "超温", "过温", "过流", "过载", "短路", "电弧", "火灾")
"""In the name of an event: what makes fires."""
_RESIDUAL: Final = ("剩余电流", "漏电流")
_TEMPERATURE: Final = ("温度",)
_MILLIAMPERES: Final = {"mA": 1.0, "A": 1000.0}
_CELSIUS: Final = ("℃", "°C", "C")


def understand(points: Sequence[Body], fields: Fields) -> Understood:
    """What the points of one time say. Of several phases the highest value counts."""
    said = Understood()
    for one in points:
        name = one.get("key")
        if not isinstance(name, str):
            said.notes.append("key: a point without a name")
        elif not fields.read(said, {name: one.get("value")}):
            take = _event if one.get("type") == "SOE" else _measured
            take(said, name.strip(), one)
    return said


def _event(said: Understood, name: str, one: Body) -> None:
    """Of events that make no fires it depends on the device whether they are an alarm."""
    quantity = "electrical_alarm" if any(word in name for word in _DANGER) else UNSURE
    read = truth(one.get("value"))
    said.bit(quantity, read)
    if quantity == UNSURE and read == 1.0:
        said.notes.append(f"event {shown(name)}")


def _measured(said: Understood, name: str, one: Body) -> None:
    unit = one.get("unit")
    if not isinstance(unit, str):
        return
    if any(word in name for word in _RESIDUAL) and unit in _MILLIAMPERES:
        _highest(said, "residual_current_ma", name, one.get("value"), _MILLIAMPERES[unit])
    elif any(word in name for word in _TEMPERATURE) and unit in _CELSIUS:
        _highest(said, "cable_temperature_c", name, one.get("value"), 1.0)


def _highest(said: Understood, quantity: str, name: str, value: object, scale: float) -> None:
    known, read = said.values.get(quantity), measure(value)
    if known is None or read is None or read * scale > known:
        take_number(said, quantity, name, value, scale)
