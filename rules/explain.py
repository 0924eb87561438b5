"""Why a level changed, as one sentence for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from devices.level import Hazard, Level
from devices.quantity import QUANTITIES, QuantityKind
from rules.verdict import Evidence, Transition

_HAZARD = {
    Hazard.FIRE: ("火灾", "fire"),
    Hazard.GAS: ("燃气泄漏", "gas"),
    Hazard.CO: ("一氧化碳", "carbon monoxide"),
    Hazard.FLOOD: ("内涝", "flood"),
    Hazard.WATER_LEAK: ("漏水", "water leak"),
    Hazard.ELECTRICAL: ("电气火灾", "electrical fire"),
    Hazard.SOS: ("求助", "call for help"),
}
_LEVEL = {
    Level.UNKNOWN: ("未知", "unknown"),
    Level.CLEAR: ("正常", "clear"),
    Level.NOTICE: ("提示", "notice"),
    Level.PREALARM: ("预报警", "pre-alarm"),
    Level.ALARM: ("报警", "alarm"),
    Level.CRITICAL: ("紧急", "critical"),
}
_TEST = ("（测试）", " (test)")
_AGELESS = ("（时间未知）", " (age unknown)")


def explain(transition: Transition, language: str, name: Callable[[str], str] = str) -> str:
    """`fire, pre-alarm: heat-301: temperature from 24.1 to 32.6 °C (limit 32.4 °C)`.

    `language` is `zh` or anything else for English; `name` turns a device id into what people call it.
    """
    zh = language == "zh"
    which = 0 if zh else 1
    head = _HAZARD[transition.hazard][which] + (" " if zh else ", ") + _LEVEL[transition.after][which]
    head += _TEST[which] if transition.test else ""
    head += _AGELESS[which] if transition.age_unknown else ""
    said = ("；" if zh else "; ").join(_facts(transition.evidence, which, name))
    return head + (("：" if zh else ": ") + said if said else "")


def _facts(evidence: tuple[Evidence, ...], which: int, name: Callable[[str], str]) -> Iterator[str]:
    """One phrase per device and quantity: its newest fact, and where it came from when that is known."""
    first: dict[tuple[str, str], Evidence] = {}
    newest: dict[tuple[str, str], Evidence] = {}
    for fact in evidence:
        about = (fact.device_id, fact.quantity)
        first.setdefault(about, fact)
        newest[about] = fact
    for about, fact in newest.items():
        said = _value(first[about], fact, which) + _limit(fact, which)
        yield name(fact.device_id) + (" " if which == 0 else ": ") + said


def _value(first: Evidence, fact: Evidence, which: int) -> str:
    quantity = QUANTITIES.get(fact.quantity)
    word = fact.quantity if quantity is None else (quantity.zh if which == 0 else quantity.en)
    unit = f" {quantity.unit}" if quantity and quantity.unit else ""
    if fact.value is None:
        return f"{word} " + ("未知" if which == 0 else "unknown")
    if _is_bit(fact):
        return word if fact.value else word + (" 已恢复" if which == 0 else " off")
    if first.value is not None and first.value != fact.value:
        joint = ("从 {} 到 {}" if which == 0 else "from {} to {}").format(
            f"{first.value:g}", f"{fact.value:g}"
        )
        return f"{word} {joint}{unit}"
    return f"{word} {fact.value:g}{unit}"


def _limit(fact: Evidence, which: int) -> str:
    if fact.limit is None or fact.value is None or _is_bit(fact):
        return ""
    quantity = QUANTITIES.get(fact.quantity)
    unit = f" {quantity.unit}" if quantity and quantity.unit else ""
    return (f"（限值 {fact.limit:g}{unit}）") if which == 0 else f" (limit {fact.limit:g}{unit})"


def _is_bit(fact: Evidence) -> bool:
    quantity = QUANTITIES.get(fact.quantity)
    return quantity is not None and quantity.kind is not QuantityKind.NUMBER
