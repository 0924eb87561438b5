"""Limits of one's own: a device's before its place's before its model's before the rule's."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Final, TypeAlias

from devices.device import Device
from devices.inventory import Inventory, Scope, Tuning
from devices.level import Level
from devices.quantity import QUANTITIES
from rules.form import meant
from rules.kinds.aggregate import Aggregate
from rules.kinds.threshold import Limit, Threshold
from rules.kinds.water_level import WaterLevel
from rules.selection import selected
from rules.spec import RuleSet, RuleSpec

Own: TypeAlias = tuple[Tuning, ...]
"""What tunes one rule on one device: at most one of each level."""
_PLAIN: Final[Own] = ()
Limited: TypeAlias = Threshold | Aggregate | WaterLevel
"""Kinds whose limits can be tuned."""


class Tunings:
    """Which of an inventory's tunings is in force where; the tuned form of each rule is made once."""

    def __init__(self, inventory: Inventory) -> None:
        self._tree = inventory.tree
        self._by_rule: dict[str, dict[tuple[Scope, str], list[Tuning]]] = {}
        for one in inventory.tuning:
            self._by_rule.setdefault(one.rule_id, {}).setdefault((one.scope, one.of), []).append(one)
        self._made: dict[tuple[str, Own], RuleSpec] = {}

    def rule(self, rule: RuleSpec, device: Device) -> RuleSpec:
        """The rule as it is for this device: itself where nothing tunes it, or where that makes no sense.

        A tuned rule has a version of its own: what another limit judged is judged anew.
        """
        own = self.own(rule, device)
        if not own:
            return rule
        made = self._made.get((rule.id, own))
        if made is None:
            made = self._made[rule.id, own] = _tuned(rule, own)
        return made

    def own(self, rule: RuleSpec, device: Device) -> Own:
        """The nearest tuning of each level, from the worst level down."""
        known = self._by_rule.get(rule.id)
        if known is None:
            return _PLAIN
        nearest: dict[Level, Tuning] = {}
        for key in self._nearness(device):
            for one in known.get(key, ()):
                nearest.setdefault(one.level, one)
        return tuple(nearest[level] for level in sorted(nearest, reverse=True))

    def _nearness(self, device: Device) -> Iterator[tuple[Scope, str]]:
        yield Scope.DEVICE, device.id
        for place in self._tree.up(device.place_id):
            yield Scope.PLACE, place.id
        yield Scope.PROFILE, device.profile.id


def _tuned(rule: RuleSpec, own: Own) -> RuleSpec:
    if not isinstance(rule.judge, Limited) or _wrong(rule.judge, own):
        return rule
    said = json.dumps([[one.level.word, one.at, one.clear] for one in own])
    mark = hashlib.sha256(said.encode()).hexdigest()[:6]
    judge = replace(rule.judge, limits=_limits(rule.judge, own))
    return replace(rule, judge=judge, version=f"{rule.version}~{mark}")


def _limits(judge: Limited, own: Own) -> tuple[tuple[Level, Limit], ...]:
    ours = {one.level: one for one in own}
    return tuple(
        (level, _limit(limit, ours[level]) if level in ours else limit) for level, limit in judge.limits
    )


def _limit(limit: Limit, own: Tuning) -> Limit:
    """Where nobody says when it is over: as far from the limit as the rule's own is from its own."""
    clear = own.at + (limit.clear - limit.at) if own.clear is None else own.clear
    return Limit(limit.sign, own.at, clear)


def _wrong(judge: Limited, own: Own) -> tuple[str, str] | None:
    """Why these limits make no sense for the rule (zh, en)."""
    levels = {level for level, _ in judge.limits}
    quantity = QUANTITIES[judge.quantity]
    for one in own:
        if one.level not in levels:
            few = "`, `".join(sorted(level.word for level in levels))
            return (
                f"规则没有 `{one.level.word}` 这一级，只有 `{few}`",
                f"the rule has no such level, but `{few}`",
            )
        if not quantity.plausible(one.at):
            reach = f"{quantity.low:g}..{quantity.high:g} {quantity.unit}".rstrip()
            return (
                f"超出 `{quantity.name}` 的量程 {reach}",
                f"is outside what `{quantity.name}` can say: {reach}",
            )
    limits = _limits(judge, own)
    for level, limit in limits:
        if limit.sign * limit.clear > limit.sign * limit.at:
            return (
                f"恢复值 `{limit.clear:g}` 比限值 `{limit.at:g}` 更严重",
                f"the value that clears, `{limit.clear:g}`, is worse than the limit `{limit.at:g}`",
            )
        milder = [other for at, other in limits if at < level and other.sign == limit.sign]
        if any(limit.sign * limit.at <= limit.sign * other.at for other in milder):
            return (
                f"`{level.word}` 的限值 `{limit.at:g}` 不比更轻的级别严重",
                f"the limit of `{level.word}`, `{limit.at:g}`, is not beyond that of a milder level",
            )
    return None


def check(ruleset: RuleSet, inventory: Inventory) -> Iterator[tuple[Tuning, str, str]]:
    """Every tuning that has no effect, and why (zh, en): none of them is applied in part."""
    rules = {rule.id: rule for rule in ruleset.rules}
    tunings = Tunings(inventory)
    for one in inventory.tuning:
        rule = rules.get(one.rule_id)
        if rule is None:
            tunable = [known.id for known in rules.values() if isinstance(known.judge, Limited)]
            zh, en = meant(one.rule_id, tunable)
            yield one, f"没有规则 `{one.rule_id}`{zh}", f"there is no rule `{one.rule_id}`{en}"
        elif not isinstance(rule.judge, Limited):
            yield (
                one,
                f"规则 `{rule.id}` 的类型是 `{rule.kind}`，没有可改的限值",
                f"rule `{rule.id}` is of kind `{rule.kind}`, which has no limits to change",
            )
        else:
            where = {own for each in selected(rule, inventory) if one in (own := tunings.own(rule, each))}
            for own in sorted(where, key=repr) or [(one,)]:
                if (said := _wrong(rule.judge, own)) is not None:
                    yield one, *said
                    break
            else:
                if not where:
                    zh = f"规则 `{rule.id}` 在那里没有设备，或都有更近的限值"
                    en = f"rule `{rule.id}` has no device there, or each has a nearer limit"
                    yield one, zh, en
