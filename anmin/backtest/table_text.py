"""A backtest's report for people: what a meeting about a rule needs on one screen, in their language."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from anmin.backtest.compare import Alert, Compared
from anmin.backtest.run import Report
from anmin.backtest.score import Scored
from anmin.backtest.side import Outcome
from devices.instant import SECOND, Instant, rfc3339

ROWS: Final = 20
"""Rows of one table; the rest is counted and stands in the JSON."""


def lines(report: Report, language: str) -> Iterator[str]:
    """`language` is `zh` or, for all else, English."""
    zh = language == "zh"
    if report.first is None or report.last is None:
        yield "没有读数。" if zh else "there were no readings."
        return
    span = f"{rfc3339(report.first)} – {rfc3339(report.last)}"
    known = report.readings, report.devices
    yield (
        f"{span}：读数 {known[0]}，设备 {known[1]}"
        if zh
        else f"{span}: {known[0]} readings of {known[1]} devices"
    )
    yield from (note[0] if zh else note[1] for note in report.notes)
    yield from _outcome(report.a, "规则" if zh else "rules", zh)
    if report.b is not None:
        yield from _outcome(report.b, "对照" if zh else "against", zh)
    if report.compared is not None:
        yield from _compared(report.compared, zh)


def _outcome(outcome: Outcome, title: str, zh: bool) -> Iterator[str]:
    alerts, counts = sum(outcome.alerts.values()), (outcome.rules, outcome.incidents_in_all)
    yield ""
    yield (
        f"{title} {outcome.rules_version}：{counts[0]} 条规则，报警 {alerts} 次，事件 {counts[1]} 起"
        if zh
        else f"{title} {outcome.rules_version}: {counts[0]} rules, {alerts} alerts, {counts[1]} incidents"
    )
    yield from _rows([(str(count), rule) for rule, count in outcome.alerts.items()], zh)
    head = ("发生", "险情", "级别", "位置", "规则") if zh else ("opened", "hazard", "level", "place", "rule")
    found = [
        (_time(one.opened_at), one.hazard.value, one.level.word, one.place_id, one.rule_id)
        for one in outcome.incidents
    ]
    if found:
        yield from _rows([head, *found], zh, hidden=outcome.incidents_in_all - len(found))
    if outcome.scored is not None:
        yield from _scored(outcome.scored, zh)


def _scored(scored: Scored, zh: bool) -> Iterator[str]:
    counts = len(scored.events), scored.detected, scored.missed, scored.uncovered
    yield (
        "真实事件 {} 起：报出 {}，漏报 {}，不在读数时间内 {}"
        if zh
        else "real events {}: {} told, {} missed, {} outside the time of the readings"
    ).format(*counts)
    head = (
        ("开始", "险情", "位置", "延迟(秒)", "报警", "事件")
        if zh
        else ("start", "hazard", "place", "delay s", "alerts", "incidents")
    )
    rows = []
    for one in sorted(scored.events, key=lambda one: not one.missed):
        delay = f"{one.delay_s:g}" if one.delay_s is not None else _no_delay(one.covered, zh)
        truth = one.truth
        start = _time(truth.start)
        rows.append((start, truth.hazard.value, truth.place_id, delay, str(one.raises), str(one.incidents)))
    if rows:
        yield from _rows([head, *rows], zh)
    for name, count in (
        ("误报次数" if zh else "false alerts", scored.false_alerts),
        ("误报事件" if zh else "false incidents", scored.false_incidents),
    ):
        share = scored.per_1000_device_days(count)
        each = "每千设备日" if zh else "per 1,000 device-days"
        yield f"{name} {count}" + ("" if share is None else f" ({each} {share:g})")
    yield from _rows(
        [
            (_time(one.at), one.hazard.value, one.level.word, one.place_id, one.of)
            for one in scored.shown
            if one.what == "alert"
        ],
        zh,
        hidden=max(0, scored.false_alerts - sum(one.what == "alert" for one in scored.shown)),
    )


def _no_delay(covered: bool, zh: bool) -> str:
    if covered:
        return "漏报" if zh else "missed"
    return "无读数" if zh else "no data"


def _compared(found: Compared, zh: bool) -> Iterator[str]:
    yield ""
    said = (
        "两套都报 {}（规则更早 {}，对照更早 {}）；仅规则 {}，仅对照 {}"
        if zh
        else "alerts of both {} (rules sooner {}, against sooner {}); only rules {}, only against {}"
    )
    yield said.format(found.both, found.a_sooner, found.b_sooner, found.only_a_in_all, found.only_b_in_all)
    for name, alone, whole in (
        ("仅规则" if zh else "only rules", found.only_a, found.only_a_in_all),
        ("仅对照" if zh else "only against", found.only_b, found.only_b_in_all),
    ):
        yield from _rows([(name, *_alert(one)) for one in alone], zh, hidden=whole - len(alone))
    word = "对照晚(秒)" if zh else "against later s"
    apart = [(word, f"{one.b_later / SECOND:+g}", *_alert(one.a)) for one in found.apart]
    yield from _rows(apart, zh, hidden=found.a_sooner + found.b_sooner - len(apart))


def _alert(one: Alert) -> tuple[str, ...]:
    return _time(one.at), one.level.word, one.place_id, one.rule_id


def _rows(rows: Sequence[tuple[str, ...]], zh: bool, hidden: int = 0) -> Iterator[str]:
    """Columns under each other, and how many rows are not shown."""
    shown = rows[:ROWS]
    if shown:
        widths = [max(_width(row[column]) for row in shown) for column in range(len(shown[0]))]
        for row in shown:
            cells = (cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
            yield "  " + "  ".join(cells).rstrip()
    hidden += len(rows) - len(shown)
    if hidden:
        yield f"  ……另有 {hidden} 行（见 --json）" if zh else f"  ... and {hidden} more (see --json)"


def _width(text: str) -> int:
    """Columns of a terminal: a Chinese character takes two."""
    return sum(2 if ord(one) >= 0x2E80 else 1 for one in text)


def _time(at: Instant) -> str:
    return rfc3339(at)[:19] + "Z"
