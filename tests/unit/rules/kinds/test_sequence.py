"""One thing after another: how it is written down."""

from __future__ import annotations

import pytest

from rules.spec import merge, parse
from tests.support.rulebook import load, ruleset

RULES = """
rules:
  - {id: gas, hazard: gas, kind: threshold, quantity: gas_lel_percent, source: x,
     levels: {prealarm: {above: 5}, alarm: {above: 10}}}
  - {id: hot, hazard: fire, kind: threshold, quantity: temperature_c, source: x,
     levels: {prealarm: {above: 48}}}
  - id: ignition
    hazard: fire
    kind: sequence
    stages:
      - {of: [gas], at_least: prealarm}
      - {of: [hot], at_least: prealarm}
    gap: 5m
    within: household
    level: critical
    source: x
"""


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("      - {of: [hot], at_least: prealarm}\n", ""), "stages"),
        (("{of: [hot]", "{of: [gas]"), "of"),
        (("gap: 5m", "gap: 5"), "gap"),
        (("within: household", "within: home"), "within"),
    ],
)
def test_what_makes_no_sense_is_refused_where_it_stands(change: tuple[str, str], key: str) -> None:
    _, problems = parse(load(RULES.replace(*change)))
    assert key in [one.path[-1] for one in problems]


def test_a_stage_of_an_unknown_rule_is_told() -> None:
    _, problems = merge([ruleset(RULES.replace("{of: [hot]", "{of: [heat]"))])
    assert len(problems) == 1
    assert "heat" in problems[0].en
