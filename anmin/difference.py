"""What an import would change, in words a person decides by; what takes protection away is marked."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, TypeAlias, TypeVar

from devices.device import Device, DeviceKind, DeviceMode
from devices.inventory import Inventory, Tuning
from devices.place import Place, PlaceKind
from devices.resident import Resident
from devices.station import Responder, Role, Station

X = TypeVar("X")
Both: TypeAlias = tuple[str, str]
"""Chinese, English."""
Thing = Literal["community", "place", "device", "resident", "responder", "station", "threshold"]


class Action(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Change:
    """One line. `dangerous`: somebody would be less protected than before, so a person must agree to it.

    The lines name what changed of a person, never an address, a phone number or a need.
    """

    action: Action
    thing: Thing
    id: str
    zh: str
    en: str
    dangerous: bool = False


_ACTION = {
    Action.ADDED: ("新增", "added"),
    Action.REMOVED: ("删除", "removed"),
    Action.CHANGED: ("修改", "changed"),
}
_THING = {
    "community": ("社区", "community"),
    "place": ("地点", "place"),
    "device": ("设备", "device"),
    "resident": ("居民", "resident"),
    "responder": ("人员", "person"),
    "station": ("微型消防站", "station"),
    "threshold": ("限值", "threshold"),
}
_FIELD = {
    "profile": ("型号", "profile"),
    "place_id": ("位置", "place"),
    "dialect": ("协议", "dialect"),
    "address": ("地址", "address"),
    "zh": ("中文名", "Chinese name"),
    "en": ("英文名", "English name"),
    "mode": ("模式", "mode"),
    "kind": ("类别", "kind"),
    "parent_id": ("上级", "parent"),
    "floor": ("楼层", "floor"),
    "household_id": ("住址", "household"),
    "name": ("姓名", "name"),
    "languages": ("语言", "languages"),
    "contacts": ("联系方式", "contacts"),
    "needs": ("照顾需要", "needs"),
    "role": ("角色", "role"),
    "station_id": ("所属站", "station"),
    "serves": ("服务范围", "places served"),
    "accept_within_for": ("接警时限", "time to accept"),
    "arrive_within_for": ("到场时限", "time to arrive"),
    "joint_within_for": ("联动时限", "time to join"),
    "via": ("网关", "gateway"),
    "serial": ("序列号", "serial number"),
    "installed_at": ("安装日期", "installation date"),
    "expires_at": ("失效日期", "expiry date"),
    "calibrated_at": ("校准日期", "calibration date"),
    "retired_at": ("停用日期", "retirement date"),
    "at": ("限值", "limit"),
    "clear": ("恢复值", "value that clears"),
}
_HARMLESS = frozenset({DeviceKind.GATEWAY})


def difference(old: Inventory | None, new: Inventory) -> tuple[Change, ...]:
    """Every change from `old` (None: nothing was known) to `new`; dangerous ones first."""
    before = new if old is None else old
    found: list[Change] = []
    if old is not None and old.community_id != new.community_id:
        found.append(_change(Action.CHANGED, "community", new.community_id, ("", ""), ("", ""), True))
    found += _places({} if old is None else old.tree.places, new.tree.places)
    found += _devices({} if old is None else old.devices, before, new)
    found += _compare(
        "resident", _by_id(old.residents if old else ()), _by_id(new.residents), _resident_danger
    )
    found += _compare(
        "responder", _by_id(old.responders if old else ()), _by_id(new.responders), _responder_danger
    )
    found += _compare("station", _by_id(old.stations if old else ()), _by_id(new.stations), _station_danger)
    found += _compare("threshold", _limits(old), _limits(new), lambda *_: old is not None)
    return tuple(sorted(found, key=lambda change: not change.dangerous))


def _by_id(things: tuple[X, ...]) -> dict[str, X]:
    return {str(getattr(thing, "id")): thing for thing in things}  # noqa: B009 # X has an id by use


def _limits(inventory: Inventory | None) -> dict[str, Tuning]:
    known = inventory.tuning if inventory is not None else ()
    return {f"{one.rule_id} {one.level.word} @ {one.of}": one for one in known}


def _change(action: Action, thing: Thing, id_: str, name: Both, tail: Both, dangerous: bool) -> Change:
    mark = ("（危险）", " (DANGEROUS)") if dangerous else ("", "")
    label = tuple(id_ if said in ("", id_) else f"{id_} {said}" for said in name)
    zh = f"{_ACTION[action][0]}{_THING[thing][0]} {label[0]}{tail[0]}{mark[0]}"
    en = f"{_ACTION[action][1]} {_THING[thing][1]} {label[1]}{tail[1]}{mark[1]}"
    return Change(action, thing, id_, zh, en, dangerous)


def _names(thing: object) -> Both:
    return str(getattr(thing, "zh", "")), str(getattr(thing, "en", ""))


def _fields(old: object, new: object) -> tuple[str, ...]:
    slots = getattr(old, "__slots__", ())  # a device's `name` is a method, a resident's a field
    return tuple(name for name in _FIELD if name in slots and getattr(old, name) != getattr(new, name))


def _said(fields: tuple[str, ...]) -> Both:
    zh = "、".join(_FIELD[name][0] for name in fields)
    return f"：{zh}", ": " + ", ".join(_FIELD[name][1] for name in fields)


Danger = Callable[[X | None, X | None], bool]


def _compare(thing: Thing, old: Mapping[str, X], new: Mapping[str, X], danger: Danger[X]) -> Iterator[Change]:
    for id_ in dict.fromkeys((*old, *new)):
        before, after = old.get(id_), new.get(id_)
        if before == after:
            continue
        action = Action.ADDED if before is None else Action.REMOVED if after is None else Action.CHANGED
        tail = _said(_fields(before, after)) if action is Action.CHANGED else ("", "")
        yield _change(action, thing, id_, _names(after or before), tail, danger(before, after))


def _places(old: Mapping[str, Place], new: Mapping[str, Place]) -> Iterator[Change]:
    """A whole building comes or goes as one line with the number of its households."""
    for action, here, there in ((Action.REMOVED, old, new), (Action.ADDED, new, old)):
        moved = {id_: place for id_, place in here.items() if id_ not in there}
        homes = _homes_below(moved)
        for id_, place in moved.items():
            if place.parent_id not in moved:
                count = homes.get(id_, 0)
                tail = (f"（{count} 户）", f" ({count} households)") if count else ("", "")
                yield _change(
                    action, "place", id_, _names(place), tail, action is Action.REMOVED and count > 0
                )
    for id_ in old.keys() & new.keys():
        if fields := _fields(old[id_], new[id_]):
            dangerous = bool({"kind", "parent_id", "floor"} & set(fields))
            yield _change(Action.CHANGED, "place", id_, _names(new[id_]), _said(fields), dangerous)


def _homes_below(places: Mapping[str, Place]) -> dict[str, int]:
    """How many of the households among `places` are at or below each of them."""
    counts: dict[str, int] = {}
    for place in places.values():
        at: str | None = place.id if place.kind is PlaceKind.HOUSEHOLD else None
        while at is not None and at in places:
            counts[at] = counts.get(at, 0) + 1
            at = places[at].parent_id
    return counts


def _devices(old: Mapping[str, Device], before: Inventory, new: Inventory) -> Iterator[Change]:
    for change in _compare("device", old, new.devices, _device_danger):
        inventory = before if change.action is Action.REMOVED else new
        place = inventory.devices[change.id].place_id
        at_zh, at_en = inventory.tree.name(place, "zh"), inventory.tree.name(place, "en")
        yield Change(
            change.action,
            "device",
            change.id,
            f"{change.zh} @ {at_zh}",
            f"{change.en} @ {at_en}",
            change.dangerous,
        )


def _device_danger(old: Device | None, new: Device | None) -> bool:
    """What warned or was heard no longer does, or says something else than before."""
    if old is None:
        return False
    if new is None:
        return old.kind not in _HARMLESS
    quieter = old.mode is DeviceMode.LIVE and new.mode is DeviceMode.TEST
    blinder = bool(old.profile.quantities - new.profile.quantities) or old.kind is not new.kind
    slower = new.profile.silent_after_for > old.profile.silent_after_for
    renamed = (old.dialect, old.address) != (new.dialect, new.address)
    return quieter or blinder or slower or renamed or old.place_id != new.place_id


def _resident_danger(old: Resident | None, new: Resident | None) -> bool:
    if old is None:
        return False
    if new is None:
        return bool(old.contacts or old.needs)
    return bool(set(old.contacts) - set(new.contacts) or old.needs - new.needs)


def _responder_danger(old: Responder | None, new: Responder | None) -> bool:
    if old is None:
        return False
    return (
        new is None
        or (old.role is Role.DUTY and new.role is not Role.DUTY)
        or bool(old.contacts and not new.contacts)
        or (old.hours != new.hours and bool(new.hours))
    )


def _station_danger(old: Station | None, new: Station | None) -> bool:
    if old is None:
        return False
    return new is None or bool(set(old.serves) - set(new.serves))
