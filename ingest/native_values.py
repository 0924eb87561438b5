"""The values of a native message: a point for each quantity, and what was odd about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from devices.quantity import QUANTITIES, QuantityKind
from ingest.message import Point, Reason
from ingest.strict_json import shown

_SPANS: Final = {
    name: (quantity.low, quantity.high)
    for name, quantity in QUANTITIES.items()
    if quantity.kind is QuantityKind.NUMBER
}
_BITS: Final[dict[str, dict[float | None, Point]]] = {
    name: {1: Point(name, 1.0), 0: Point(name, 0.0), None: Point(name, None)}  # true is 1, false is 0
    for name in QUANTITIES.keys() - _SPANS.keys()
}
_make: Final = tuple.__new__  # a NamedTuple's own constructor takes twice as long
_ALARMS: Final = frozenset(name for name, known in QUANTITIES.items() if known.kind is QuantityKind.ALARM)


class Oddity(NamedTuple):
    """`reason` None: a remark only. Otherwise the message is refused, unless a known alarm bit says alarm."""

    reason: Reason | None
    text: str


def points(values: Mapping[str, bool | float | None]) -> tuple[list[Point], list[Oddity]]:
    """An impossible number is unknown: never an alarm, and never clear."""
    understood: list[Point] = []
    odd: list[Oddity] = []
    for name, value in values.items():
        bit = _BITS.get(name)
        if bit is not None:
            point = bit.get(value)
        elif name in _SPANS and value is not True and value is not False:
            low, high = _SPANS[name]
            if value is not None and not low <= value <= high:
                odd.append(Oddity(None, f"{name}: {value:g} is outside of what a working sensor says"))
                value = None
            point = _make(Point, (name, value))
        else:
            point = None
        if point is not None:
            understood.append(point)
        else:
            odd.append(_refusable(name, value))
    return understood, odd


def alarmed(understood: Iterable[Point]) -> bool:
    """Whether a known alarm bit says alarm: then nothing odd beside it may silence it."""
    return any(point.value and point.quantity in _ALARMS for point in understood)


def _refusable(name: str, value: bool | float | None) -> Oddity:
    if name not in QUANTITIES:
        return Oddity(Reason.UNSUPPORTED, f"unknown quantity {shown(name)!r}; the schema has the list")
    wanted = "true, false" if name in _BITS else "a number"
    return Oddity(Reason.WRONG_TYPE, f"{name}: {value} is not {wanted} or null")
