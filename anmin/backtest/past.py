"""The history as readings in the order of time: single samples, or envelopes of a minute or an hour.

An envelope does not say when within it something was, nor what came between: rules that need this are
refused by name. The others hear the highest value of each step, at its end; of a quantity that is watched for
low values alone the lowest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from anmin.history.ports import HistoryStore
from anmin.history.sample import Range, Step
from devices.device import Device
from devices.instant import HOUR, SECOND, Instant, Micros
from devices.inventory import Inventory
from devices.reading import Reading, Trust
from rules.judge import Judge, PlaceJudge
from rules.kinds.alarm_bit import AlarmBit
from rules.kinds.corroborate import Corroborate
from rules.kinds.threshold import Threshold
from rules.spec import RuleSet, RuleSpec

_PAGE_FOR: Final[Micros] = HOUR
_ENVELOPES_FOR: Final[Micros] = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Past:
    """What is read: the quantities that the rules watch; `step` 0 for single samples; `lowest`: quantities
    of which the lowest value of a step is what counts."""

    quantities: frozenset[str]
    step: Micros = 0
    lowest: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Judgeable:
    """Rules that can be judged on envelopes, and those that cannot, each with why (zh, en)."""

    rules: RuleSet
    refused: tuple[tuple[str, str, str], ...]


def watched(*sets: RuleSet) -> Past:
    """All single samples that these rules watch."""
    judges = (rule.judge for rules in sets for rule in rules.rules)
    return Past(frozenset(name for judge in judges if isinstance(judge, Judge) for name in judge.watches))


def enveloped(step: Micros, *sets: RuleSet) -> Past:
    """What these rules, which are judgeable, watch in envelopes."""
    lowest = {
        rule.judge.quantity
        for rules in sets
        for rule in rules.rules
        if isinstance(rule.judge, Threshold) and _sign(rule.judge) < 0
    }
    return replace(watched(*sets), step=step, lowest=frozenset(lowest))


def judgeable(rules: RuleSet, step: Micros, *others: RuleSet) -> Judgeable:
    """`others` run over the same readings: a quantity cannot be low for one and high for the other."""
    high = {
        rule.judge.quantity
        for one in (rules, *others)
        for rule in one.rules
        if isinstance(rule.judge, Threshold) and _sign(rule.judge) > 0
    }
    refused: dict[str, tuple[str, str]] = {}
    for rule in rules.rules:
        if (why := _unfit(rule, step, high)) is not None:
            refused[rule.id] = why
    while (more := _orphans(rules.rules, refused)) is not None:
        refused[more] = "它所依据的规则都不能评", "none of the rules it counts can be judged"
    kept = RuleSet.of(rule for rule in rules.rules if rule.id not in refused)
    return Judgeable(kept, tuple((name, zh, en) for name, (zh, en) in refused.items()))


def _unfit(rule: RuleSpec, step: Micros, high: set[str]) -> tuple[str, str] | None:
    judge = rule.judge
    if isinstance(judge, Corroborate):
        return None
    if not isinstance(judge, Threshold | AlarmBit):
        return f"`{rule.kind}` 需要逐个读数", f"`{rule.kind}` needs every single reading"
    hold = rule.hold
    if any(0 < length < step for length in (hold.hold_for, hold.clear_for, hold.lasts_for)):
        seconds = step // SECOND
        return f"保持时间短于 {seconds} 秒的步长", f"it holds for less than the step of {seconds} s"
    if isinstance(judge, Threshold) and _sign(judge) < 0 and judge.quantity in high:
        return f"另有规则看 {judge.quantity} 的高值", f"another rule watches {judge.quantity} for high values"
    return None


def _orphans(rules: Iterable[RuleSpec], refused: dict[str, tuple[str, str]]) -> str | None:
    for rule in rules:
        if (
            rule.id not in refused
            and isinstance(rule.judge, PlaceJudge)
            and set(rule.judge.counted) <= set(refused)
        ):
            return rule.id
    return None


def _sign(judge: Threshold) -> int:
    return judge.limits[0][1].sign


async def readings(
    store: HistoryStore,
    inventory: Inventory,
    past: Past,
    since: Instant,
    until: Instant,
    reached: list[Instant],
) -> AsyncIterator[Reading]:
    """In the order of their time; `reached[0]` is how far. Raises HistoryAway."""
    series = [(device, name) for device in inventory.devices.values() for name in _of(device, past)]
    length = _ENVELOPES_FOR if past.step else _PAGE_FOR
    for begin in range(since - since % length, until, length):
        reached[0] = begin
        first, last = max(begin, since), min(begin + length, until)
        page: list[Reading] = []
        for device, name in series:
            asked = Range(device.id, name, first, last)
            page += await (_steps(store, asked, past) if past.step else _samples(store, asked))
        page.sort(key=lambda one: (one.at, one.sequence))
        for reading in page:
            yield reading
    reached[0] = until


def _of(device: Device, past: Past) -> Iterator[str]:
    return (name for name in sorted(device.profile.quantities) if name in past.quantities)


async def _samples(store: HistoryStore, asked: Range) -> list[Reading]:
    return [
        Reading(one.device_id, one.quantity, one.value, one.at, one.at, Trust(one.trust), one.sequence)
        async for one in store.read(asked)
    ]


async def _steps(store: HistoryStore, asked: Range, past: Past) -> list[Reading]:
    found = []
    for one in await store.summary(asked, Step(past.step)):
        value = one.min if asked.quantity in past.lowest else one.max
        if value is not None:
            at = one.at + past.step
            found.append(Reading(asked.device_id, asked.quantity, value, at, at, Trust.NONE, 0))
    return found
