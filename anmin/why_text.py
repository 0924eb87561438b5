"""The answer to why, as plain data for the API and as sentences in both languages."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final, TypeAlias

from anmin.why import Why
from devices.instant import SECOND, Instant, rfc3339
from devices.level import Level
from devices.quantity import QUANTITIES, QuantityKind
from devices.reading import Reading, Trust
from rules.account import Account
from rules.gauge import Gauge, What
from rules.trial import shown
from rules.verdict import Transition

Pair: TypeAlias = tuple[str, str]
"""A text in Chinese and in English."""

_LEVEL: Final[dict[Level, Pair]] = {
    Level.UNKNOWN: ("未知", "unknown"),
    Level.CLEAR: ("正常", "clear"),
    Level.NOTICE: ("提示", "notice"),
    Level.PREALARM: ("预报警", "pre-alarm"),
    Level.ALARM: ("报警", "alarm"),
    Level.CRITICAL: ("紧急", "critical"),
}
_TRUST: Final[dict[Trust, Pair]] = {
    Trust.STALE: ("旧值重复，不算新证据", "an old value repeated: no new evidence"),
    Trust.WARMUP: ("预热中：最多只提示", "the sensor warms up: a notice at most"),
    Trust.RETAINED: ("服务器保留的消息，时间未知", "kept by the broker, of unknown age"),
    Trust.QUEUED: ("排队后送达，看不出趋势", "it waited on the way: no evidence of a trend"),
    Trust.TEST: ("测试中：只算演练", "under test: counts as a drill"),
}


def body(why: Why) -> dict[str, Any]:
    """One object; documented in docs/howto/why.md."""
    return {
        "device": why.device_id,
        "at": rfc3339(why.at),
        "since": rfc3339(why.since) if why.since else None,
        "records": why.records,
        "messages": why.heard,
        "past_readings": why.past,
        "readings": [_reading(one) for one in why.last.values()],
        "edges": [_edge(one) for one in why.edges],
        "rules": [_rule(one, why) for one in why.accounts],
    }


def lines(said: dict[str, Any], language: str) -> Iterator[str]:
    """For people: what was heard, what changed, what each rule says."""
    zh = language == "zh"
    which = "zh" if zh else "en"
    head = "{device}，{at}；从 {since} 起重放 {records} 条记录，其中该设备 {messages} 条消息"
    if not zh:
        head = "{device} at {at}; replayed from {since}: {records} records, {messages} messages of the device"
    yield head.format(**said | {"since": said["since"] or "-"})
    if said["past_readings"]:
        form = (
            "其中 {} 个读数是历史或重复，不触发规则"
            if zh
            else "{} readings were history or repeats, which raise nothing"
        )
        yield "  " + form.format(said["past_readings"])
    for one in said["readings"]:
        yield f"  {one[which]}"
    for one in said["edges"]:
        yield f"  {one['at']}  {one['rule']}: {one['from']} -> {one['to']}"
    for rule in said["rules"]:
        of = "" if rule["of"] == said["device"] else f" ({rule['of']})"
        colon = "：" if zh else ": "
        level = _LEVEL[Level[rule["level"].upper()]][0 if zh else 1]
        yield f"{rule['id']}{of}{colon}{level} [{rule['version']}]"
        for sentence in rule["why"]:
            yield f"    {sentence[which]}"


def _reading(one: Reading) -> dict[str, Any]:
    marks = [pair for flag, pair in _TRUST.items() if int(one.trust) & int(flag)]
    at = rfc3339(one.at)
    zh, en = (
        f"{at}  {_name(one.quantity, n)} {_value(one.quantity, one.value, n)}"
        + (
            ("（" if n == 0 else " (") + ("；", "; ")[n].join(mark[n] for mark in marks) + ("）", ")")[n]
            if marks
            else ""
        )
        for n in (0, 1)
    )
    return {
        "quantity": one.quantity,
        "value": one.value,
        "at": at,
        "sequence": one.sequence,
        "zh": zh,
        "en": en,
    }


def _edge(one: Transition) -> dict[str, Any]:
    return {
        "at": rfc3339(one.at),
        "rule": one.rule_id,
        "version": one.rule_version,
        "of": one.subject,
        "from": one.before.word,
        "to": one.after.word,
        "test": one.test,
        "evidence": [fact._asdict() | {"at": rfc3339(fact.at)} for fact in one.evidence],
    }


def _rule(one: Account, why: Why) -> dict[str, Any]:
    return {
        "id": one.rule.id,
        "version": one.rule.version,
        "kind": one.rule.kind,
        "source": " ".join(one.rule.source.split()),
        "of": one.subject,
        "level": one.level.word,
        "gauges": [_gauge(gauge) for gauge in one.gauges],
        "why": [{"zh": zh, "en": en} for zh, en in sentences(one, why.last)],
    }


def _gauge(one: Gauge) -> dict[str, Any]:
    said = one._asdict() | {"what": one.what.value, "level": one.level.word, "reached": one.reached}
    said["over_s"] = said.pop("over_for") / SECOND
    return said


def sentences(one: Account, last: Collection[str]) -> Iterator[Pair]:
    """What a rule has and what it needs, what was never heard (`last`: what was), what comes by itself."""
    missing = [name for name in one.watches if name not in last]
    if missing and (
        len(missing) == len(one.watches) or not any(gauge.have is not None for gauge in one.gauges)
    ):
        few = "`, `".join(missing)
        yield f"没有收到过 `{few}`", f"never heard: `{few}`"
    for gauge in one.gauges:
        yield _said(gauge, one.level)
    for rising in one.standing.rising:
        yield _soon(rising.level, rising.due)
    if (falling := one.standing.falling) is not None:
        yield _soon(falling.level, falling.due)


def _soon(level: Level, due: Instant) -> Pair:
    at = rfc3339(due)
    return (
        f"若不变，{at} 变为{_LEVEL[level][0]}",
        f"becomes {_LEVEL[level][1]} at {at} unless something contradicts it",
    )


def _said(one: Gauge, standing: Level) -> Pair:
    has, target = _HAS[one.what], _LEVEL[one.level]
    said = []
    for n in (0, 1):
        what = {
            "name": _name(one.quantity, n),
            "have": _value(one.quantity if one.what not in _COUNTS else "", one.have, n),
            "over": shown(one.over_for) if one.over_for else "",
        }
        said.append(has[n].format(**what) + ("；", "; ")[n] + _against(one, target[n], standing, n))
    return said[0], said[1]


def _against(one: Gauge, target: str, standing: Level, n: int) -> str:
    quantity = one.quantity if one.what not in _COUNTS else ""
    need = _value(quantity, one.need, n)
    side = (("达到", "低于")[one.sign < 0], ("from", "under")[one.sign < 0])[n]
    if one.level is Level.UNKNOWN:
        return (f"需要 {need} 才能判断", f"needs {need} to say anything")[n]
    if one.reached and standing >= one.level:
        back = (("低于", "高于")[one.sign < 0], ("under", "above")[one.sign < 0])[n]
        return (f"{back} {need} 才不再是{target}", f"{target} until it is {back} {need}")[n]
    if _is_bit(quantity):
        return (f"为{need}时{target}", f"{target} when it is {need}")[n]
    said = (f"{side} {need} 为{target}", f"{target} {side} {need}")[n]
    if one.have is None or one.reached:
        return said
    short = _value(quantity, abs(one.need - one.have), n)
    return said + (f"，还差 {short}", f": {short} short")[n]


_COUNTS: Final = (What.COUNT, What.SAMPLES, What.LEARNING)
_HAS: Final[dict[What, Pair]] = {
    What.VALUE: ("{name} {have}", "{name} {have}"),
    What.RISE: ("{name} 在 {over} 内变化 {have}", "{name} changed by {have} within {over}"),
    What.TAKEN: ("{name} 在 {over} 内为 {have}", "{name} over {over} is {have}"),
    What.DOSE: ("{name} {over} 的时间加权平均为 {have}", "{name}, mean over {over}: {have}"),
    What.COUNT: ("计数 {have}", "counted {have}"),
    What.SAMPLES: ("{over} 内有 {have} 个样本", "{have} samples within {over}"),
    What.LEARNING: ("已学习 {have} 秒", "has learned for {have} s"),
}


def _name(quantity: str, n: int) -> str:
    known = QUANTITIES.get(quantity)
    return quantity if known is None else (known.zh, known.en)[n]


def _value(quantity: str, value: float | None, n: int) -> str:
    known = QUANTITIES.get(quantity)
    if value is None:
        return ("未知", "unknown")[n]
    if _is_bit(quantity):
        return (("是", "否")[not value], ("on", "off")[not value])[n]
    return f"{value:.4g}" + (f" {known.unit}" if known is not None and known.unit else "")


def _is_bit(quantity: str) -> bool:
    known = QUANTITIES.get(quantity)
    return known is not None and known.kind is not QuantityKind.NUMBER
