"""Which devices a rule is about, and which rules are about none."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from devices.device import Device
from devices.inventory import Inventory
from devices.place import PlaceKind
from rules.form import Path, Problem, meant
from rules.judge import Judge, PlaceJudge
from rules.spec import RuleSet, RuleSpec, Selector


class Member(NamedTuple):
    """A rule on a device that a rule by place hears of, and as which voice it counts."""

    rule_id: str
    device: Device
    voice: str


def selected(rule: RuleSpec, inventory: Inventory) -> tuple[Device, ...]:
    """The devices that a rule names and that measure what it watches, in inventory order."""
    judge = rule.judge
    if isinstance(judge, PlaceJudge):
        return ()
    watched = frozenset(judge.watches)
    return tuple(
        device
        for device in _named(rule.devices, inventory)
        if (watched & device.profile.quantities if judge.any_of else watched <= device.profile.quantities)
    )


def _named(selector: Selector, inventory: Inventory) -> Iterator[Device]:
    inside: Collection[str] | None = None
    if selector.places:
        tree = inventory.tree
        known = [place_id for place_id in selector.places if place_id in tree.places]
        inside = {place.id for place_id in known for place in tree.within(place_id)}
    for device in inventory.devices.values():
        if (
            _in(device.kind.value, selector.kinds)
            and _in(device.profile.id, selector.profiles)
            and _in(device.id, selector.ids)
            and (inside is None or device.place_id in inside)
        ):
            yield device


def _in(word: str, words: tuple[str, ...]) -> bool:
    return not words or word in words


def crowds(rule: RuleSpec, ruleset: RuleSet, inventory: Inventory) -> dict[str, list[Member]]:
    """For a rule by place: place -> who counts there, where that could ever be enough."""
    judge = rule.judge
    found: dict[str, list[Member]] = {}
    if not isinstance(judge, PlaceJudge):
        return found
    counted = frozenset(judge.counted)
    for other in ruleset.rules:
        if other.id not in counted:
            continue
        for device in selected(other, inventory):
            place = judge.place(inventory.tree, device.place_id)
            if place is not None:
                member = Member(other.id, device, judge.voice(other.id, device, inventory.tree))
                found.setdefault(place.id, []).append(member)
    return {
        place: members
        for place, members in found.items()
        if judge.possible({member.voice for member in members})
    }


def subject(judge: Judge, device: Device, inventory: Inventory) -> tuple[str, str] | None:
    """Of whom a rule speaks when this device does, and where that is; None where it has no such place."""
    if not judge.within:
        return device.id, device.place_id
    place = inventory.tree.enclosing(device.place_id, PlaceKind(judge.within))
    return None if place is None else (place.id, place.id)


def check(ruleset: RuleSet, inventory: Inventory) -> tuple[Problem, ...]:
    """Rules that can never say anything here, and names that nothing here has. Warnings, not errors: a
    small community has not every kind of device."""
    return tuple(
        problem
        for rule in ruleset.rules
        for problem in (*_unknown_names(rule, inventory), *_without_devices(rule, ruleset, inventory))
    )


def _unknown_names(rule: RuleSpec, inventory: Inventory) -> Iterator[Problem]:
    path = (*rule.origin, "devices")
    profiles = {device.profile.id for device in inventory.devices.values()}
    yield from _unknown((*path, "ids"), rule.devices.ids, inventory.devices)
    yield from _unknown((*path, "profiles"), rule.devices.profiles, profiles)
    yield from _unknown((*path, "places"), rule.devices.places, inventory.tree.places)


def _unknown(path: Path, words: tuple[str, ...], known: Iterable[str]) -> Iterator[Problem]:
    words_known = frozenset(known)
    for word in words:
        if word not in words_known:
            zh, en = meant(word, words_known)
            yield Problem(path, f"社区里没有 `{word}`{zh}", f"the community has no `{word}`{en}")


def _without_devices(rule: RuleSpec, ruleset: RuleSet, inventory: Inventory) -> Iterator[Problem]:
    judge = rule.judge
    if isinstance(judge, PlaceJudge):
        if not crowds(rule, ruleset, inventory):
            yield Problem(
                rule.origin,
                f"规则 `{rule.id}` 不会触发：没有哪个 `{judge.where}` 有足够的相关设备。",
                f"rule `{rule.id}` cannot fire: no `{judge.where}` has enough devices for it.",
            )
    elif not any(_named(rule.devices, inventory)):
        yield Problem(
            (*rule.origin, "devices"),
            f"规则 `{rule.id}` 没有选中任何设备。",
            f"rule `{rule.id}` selects no device.",
        )
    elif not any(subject(judge, device, inventory) for device in selected(rule, inventory)):
        names = "`, `".join(judge.watches)
        yield Problem(
            rule.origin,
            f"规则 `{rule.id}` 不会触发：所选设备都不测量 `{names}`。",
            f"rule `{rule.id}` cannot fire: none of its devices measures `{names}`.",
        )
