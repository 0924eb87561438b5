"""The forms of buildings and zones, grown into places: every floor and household of every stair."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeAlias

from anmin.document import Where
from anmin.form import BuildingForm, FloorForm, HomeForm, Named, UnitForm, ZoneForm
from devices.place import Place, PlaceKind

Placed: TypeAlias = tuple[Where, Place]
"""A place and where the file says so."""
Report: TypeAlias = Callable[[Where, str, str, str], None]
"""Takes where, code, Chinese, English."""

_NUMBERED = {
    PlaceKind.BUILDING: (r"b(\d+)", "{}号楼", "Building {}"),
    PlaceKind.UNIT: (r"u(\d+)", "{}单元", "Unit {}"),
}


def names(form: Named, kind: PlaceKind | None = None) -> tuple[str, str]:
    """What people call it: as written, else from the id (`b3`: 3号楼), else the other language's name."""
    pattern, zh, en = _NUMBERED.get(kind, ("(?!)", "", "")) if kind else ("(?!)", "", "")
    if match := re.fullmatch(pattern, form.id):
        return form.zh or zh.format(match[1]), form.en or en.format(match[1])
    return form.zh or form.en or form.id, form.en or form.zh or form.id


def floor_names(floor: int) -> tuple[str, str]:
    if floor < 0:
        return f"地下{-floor}层", f"Basement {-floor}"
    return f"{floor}层", f"Floor {floor}"


def door(floor: int, number: int) -> str:
    """`1203` is the third door of floor 12, `B101` the first of basement 1."""
    return f"{floor}{number:02d}" if floor > 0 else f"B{-floor}{number:02d}"


def floor_id(unit_id: str, floor: int) -> str:
    return f"{unit_id}.f{floor}"


def building(form: BuildingForm, where: Where, community: str, report: Report) -> Iterator[Placed]:
    """The building, its units, their floors and households, in that order."""
    place = Place(f"{community}.{form.id}", PlaceKind.BUILDING, community, *names(form, PlaceKind.BUILDING))
    yield where, place
    for number, unit in enumerate(form.units):
        yield from _unit(unit, (*where, "units", number), place.id, report)


def zone(form: ZoneForm, where: Where, parent: str) -> Placed:
    return where, Place(f"{parent}.{form.id}", PlaceKind(form.kind), parent, *names(form), form.floor)


def _unit(form: UnitForm, where: Where, parent: str, report: Report) -> Iterator[Placed]:
    unit = Place(f"{parent}.{form.id}", PlaceKind.UNIT, parent, *names(form, PlaceKind.UNIT))
    yield where, unit
    skipped: set[str] = set()
    for number, floor in enumerate(form.floors):
        here = (*where, "floors", number)
        _check_floor(floor, here, report)
        for level in floor.floor:
            yield here, _floor(floor, level, unit.id)
            for home, at in _homes(form, floor, level, here):
                if home.id in form.skip:
                    skipped.add(home.id)
                else:
                    zh, en = names(home)
                    parent_id = floor_id(unit.id, level)
                    yield at, Place(f"{parent_id}.{home.id}", PlaceKind.HOUSEHOLD, parent_id, zh, en)
    for number, name in enumerate(form.skip):
        if name not in skipped:
            zh, en = f"这个单元没有 {name} 这一户", f"this unit has no door {name} to skip"
            report((*where, "skip", number), "unknown-door", zh, en)


def _check_floor(floor: FloorForm, where: Where, report: Report) -> None:
    if len(floor.floor) > 1 and (floor.households or floor.zh or floor.en):
        zh = "逐户列出或另起名称时，一次只写一层"
        report((*where, "floor"), "one-floor", zh, "one floor at a time where homes or a name are given")


def _floor(form: FloorForm, level: int, unit: str) -> Place:
    zh, en = floor_names(level)
    return Place(floor_id(unit, level), PlaceKind.FLOOR, unit, form.zh or zh, form.en or en, level)


def _homes(unit: UnitForm, floor: FloorForm, level: int, where: Where) -> Iterator[tuple[HomeForm, Where]]:
    if floor.households is not None:
        for number, home in enumerate(floor.households):
            yield home, (*where, "households", number)
        return
    for number in unit.per_floor if floor.per_floor is None else floor.per_floor:
        yield HomeForm(id=door(level, number)), where
