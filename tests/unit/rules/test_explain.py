"""Why a level changed, in words."""

from __future__ import annotations

from dataclasses import replace

from devices.level import Hazard, Level
from rules.explain import explain
from rules.verdict import Evidence, Transition
from tests.support.community import T0, edge


def rise() -> Transition:
    facts = (
        Evidence("heat-301", "temperature_c", 24.1, None, T0, 1),
        Evidence("heat-301", "temperature_c", 32.6, 32.4, T0, 2),
    )
    return replace(edge("heat-301", Level.PREALARM), evidence=facts)


def test_a_rise_says_from_where_to_where_against_which_limit() -> None:
    assert explain(rise(), "en") == (
        "fire, pre-alarm: heat-301: temperature from 24.1 to 32.6 °C (limit 32.4 °C)"
    )
    assert explain(rise(), "zh", lambda name: "厨房感温") == (
        "火灾 预报警：厨房感温 温度 从 24.1 到 32.6 °C（限值 32.4 °C）"
    )


def test_a_bit_has_no_number() -> None:
    assert explain(edge("smoke-301", Level.ALARM), "en") == "fire, alarm: smoke-301: smoke alarm"
    assert explain(edge("smoke-301", Level.CLEAR), "en") == "fire, clear: smoke-301: smoke alarm off"


def test_what_weakens_it_is_said() -> None:
    weak = replace(edge("smoke-301", Level.ALARM, test=True), age_unknown=True)
    assert explain(weak, "en").startswith("fire, alarm (test) (age unknown): ")
    assert explain(weak, "zh").startswith("火灾 报警（测试）（时间未知）：")


def test_unknown_is_said_as_unknown_and_no_evidence_leaves_the_head() -> None:
    facts = (Evidence("gas-301", "gas_lel_percent", None, 5, T0, 1),)
    unknown = replace(edge("gas-301", Level.UNKNOWN, hazard=Hazard.GAS), evidence=facts)
    assert explain(unknown, "en") == "gas, unknown: gas-301: combustible gas unknown"
    assert explain(replace(unknown, evidence=()), "zh") == "燃气泄漏 未知"


def test_every_device_has_its_phrase() -> None:
    facts = (*rise().evidence, Evidence("smoke-301", "smoke_alarm", 1, 1, T0, 3))
    both = replace(rise(), evidence=facts)
    assert explain(both, "en").endswith("(limit 32.4 °C); smoke-301: smoke alarm")
