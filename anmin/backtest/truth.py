"""What really happened, where and when: the file that alarms are measured against."""

from __future__ import annotations

from pathlib import Path
from typing import Final, NamedTuple

from anmin.backtest.mistakes import Mistakes
from anmin.backtest.table import Row, rows, time_of
from anmin.finding import meant
from devices.instant import Instant
from devices.inventory import Inventory
from devices.level import Hazard

COLUMNS: Final = ("start", "end", "place", "hazard")


class Truth(NamedTuple):
    """One real event, from `start` to `end` inclusive."""

    start: Instant
    end: Instant
    place_id: str
    hazard: Hazard


def read(path: Path, inventory: Inventory) -> tuple[Truth, ...]:
    """The events by their start. Raises InputInvalid with all that is wrong, and OSError."""
    mistakes = Mistakes(path.name)
    found = [_truth(row, inventory, mistakes) for row in rows(path, COLUMNS, mistakes)]
    mistakes.check()
    return tuple(sorted(one for one in found if one is not None))


def _truth(row: Row, inventory: Inventory, mistakes: Mistakes) -> Truth | None:
    start, end = time_of(row, 0, mistakes), time_of(row, 1, mistakes)
    place, hazard = row.fields[2].strip(), row.fields[3].strip()
    if place not in inventory.tree.places and mistakes.once("place", place):
        zh, en = meant(place, inventory.tree.places)
        mistakes.add(
            row.line, row.column(2), "place", f"社区里没有位置 `{place}`{zh}", f"no place `{place}`{en}"
        )
    if hazard not in set(Hazard) and mistakes.once("hazard", hazard):
        zh, en = meant(hazard, set(Hazard))
        zh, en = f"没有险情 `{hazard}`{zh}", f"no hazard `{hazard}`{en}"
        mistakes.add(row.line, row.column(3), "hazard", zh, en)
    if start is None or end is None:
        return None
    if end < start:
        zh, en = "结束早于开始；两列是否颠倒？", "the end is before the start; are the two exchanged?"
        mistakes.add(row.line, row.column(1), "end", zh, en)
    return None if mistakes else Truth(start, end, place, Hazard(hazard))
