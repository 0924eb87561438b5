"""The answer to why, in words."""

from __future__ import annotations

import json

import pytest

from anmin.why import Why
from anmin.why_text import body, lines
from devices.instant import MINUTE, SECOND
from devices.level import Level
from devices.reading import Reading, Trust
from rules.account import Account
from rules.gauge import Gauge, What
from rules.hold import Falling, Rising, Standing
from rules.spec import RuleSpec
from tests.support.community import T0
from tests.support.rulebook import ruleset

RULE: RuleSpec = ruleset(
    """
rules:
  - {id: hot, hazard: fire, kind: threshold, quantity: temperature_c, source: the book,
     levels: {alarm: {above: 57}}}
"""
).rules[0]


def said(
    *gauges: Gauge, standing: Standing | None = None, language: str = "en", trust: Trust = Trust.NONE
) -> str:
    found = Why("heat-301", T0 + MINUTE, T0, 5, 2, 1)
    found.last["temperature_c"] = Reading("heat-301", "temperature_c", 41.23, T0, T0, trust, 4)
    found.accounts = (
        Account(RULE, "heat-301", standing or Standing(Level.CLEAR), gauges, ("temperature_c", "heat_alarm")),
    )
    plain = json.loads(json.dumps(body(found)))
    return "\n".join(lines(plain, language))


@pytest.mark.parametrize(
    ("gauge", "en", "zh"),
    [
        (
            Gauge(What.VALUE, "temperature_c", 41.23, 57, Level.ALARM),
            "temperature 41.23 °C; alarm from 57 °C: 15.77 °C short",
            "温度 41.23 °C；达到 57 °C 为报警，还差 15.77 °C",
        ),
        (
            Gauge(What.RISE, "temperature_c", 2.0, 8.3, Level.PREALARM, 1, MINUTE),
            "temperature changed by 2 °C within 1m 0s; pre-alarm from 8.3 °C: 6.3 °C short",
            "温度 在 1m 0s 内变化 2 °C；达到 8.3 °C 为预报警，还差 6.3 °C",
        ),
        (
            Gauge(What.DOSE, "co_ppm", None, 30, Level.ALARM, 1, 125 * MINUTE),
            "carbon monoxide, mean over 2h 5m 0s: unknown; alarm from 30 ppm",
            "一氧化碳浓度 2h 5m 0s 的时间加权平均为 未知；达到 30 ppm 为报警",
        ),
        (
            Gauge(What.COUNT, "", 1, 2, Level.ALARM),
            "counted 1; alarm from 2: 1 short",
            "计数 1；达到 2 为报警，还差 1",
        ),
        (
            Gauge(What.LEARNING, "temperature_c", 60, 3600, Level.UNKNOWN),
            "has learned for 60 s; needs 3600 to say anything",
            "已学习 60 秒；需要 3600 才能判断",
        ),
        (
            Gauge(What.VALUE, "heat_alarm", 0.0, 1, Level.ALARM),
            "heat alarm off; alarm when it is on",
            "感温报警 否；为是时报警",
        ),
        (
            Gauge(What.VALUE, "temperature_c", 9.0, 5, Level.ALARM, -1),
            "temperature 9 °C; alarm under 5 °C: 4 °C short",
            "温度 9 °C；低于 5 °C 为报警，还差 4 °C",
        ),
    ],
)
def test_what_it_has_and_what_it_needs(gauge: Gauge, en: str, zh: str) -> None:
    assert en in said(gauge)
    assert zh in said(gauge, language="zh")


def test_what_stands_says_when_it_ends() -> None:
    gauge = Gauge(What.VALUE, "temperature_c", 60.0, 51.3, Level.ALARM)
    text = said(gauge, standing=Standing(Level.ALARM))
    assert "alarm until it is under 51.3 °C" in text
    assert "低于 51.3 °C 才不再是报警" in said(gauge, standing=Standing(Level.ALARM), language="zh")


def test_what_is_due_is_told() -> None:
    due = T0 + 90 * SECOND
    rising = Standing(Level.CLEAR, rising=(Rising(Level.ALARM, due, (), (), False),))
    assert "becomes alarm at 2026-" in said(standing=rising)
    falling = Standing(Level.ALARM, falling=Falling(Level.CLEAR, due, ()))
    assert "becomes clear at 2026-" in said(standing=falling)


def test_the_head_says_what_was_replayed_and_what_counts_for_nothing() -> None:
    text = said()
    assert "5 records, 2 messages of the device" in text
    assert "1 readings were history or repeats" in text
    assert "1 个读数是历史或重复" in said(language="zh")


def test_a_reading_that_is_weak_says_why() -> None:
    assert "the sensor warms up: a notice at most" in said(trust=Trust.WARMUP)
    assert "旧值重复" in said(trust=Trust.STALE, language="zh")


def test_what_was_never_heard_is_named_where_it_keeps_a_rule_from_speaking() -> None:
    unknown = Gauge(What.VALUE, "heat_alarm", None, 1, Level.ALARM)
    assert "never heard: `heat_alarm`" in said(unknown, standing=Standing())
