"""Tests of rules that stand beside them."""

from __future__ import annotations

import pytest

from devices.instant import HOUR, MINUTE, SECOND
from rules.trial import Outcome, parse, run, shown, unexplained
from tests.support.rulebook import load, ruleset

RULES = """
rules:
  - {id: hot, hazard: fire, kind: threshold, quantity: temperature_c, hold_for: 10s, source: x,
     levels: {prealarm: {above: 48}, alarm: {above: 57}}}
"""
TEST = """
tests:
  - name: it gets hot
    devices: [{id: d, kind: heat, place: "301"}, {id: e, kind: heat}]
    given:
      - {at: 1m, until: 2m, every: 10s, device: d, temperature_c: [20, 60]}
      - {at: 2m10s, device: d, temperature_c: 60}
    ends: 3m
    expect:
      - {rule: hot, level: prealarm, of: d, from: 1m50s, by: 2m}
      - {rule: hot, level: alarm, at: 2m10s}
"""


def outcome(change: tuple[str, str] = ("", "")) -> Outcome:
    trials, problems = parse(load(TEST.replace(*change) if change[0] else TEST))
    assert problems == ()
    return run(trials[0], ruleset(RULES))


def test_what_comes_as_expected_is_good() -> None:
    found = outcome()
    assert found.good, unexplained(found)
    assert [edge.after.word for edge in found.edges] == ["clear", "prealarm", "alarm"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            ("at: 2m10s}\n", "at: 2m11s}\n"),
            "did not come: rule `hot` to `alarm` (2m 11s); it went to `alarm` at 2m 10s",
        ),
        (("rule: hot, level: alarm", "rule: warm, level: alarm"), "it did nothing"),
        (("of: d", "of: e"), "did not come"),
        (("      - {rule: hot, level: alarm, at: 2m10s}\n", ""), "not expected: rule `hot` to `alarm`"),
    ],
)
def test_what_differs_is_said_with_what_came_instead(change: tuple[str, str], said: str) -> None:
    found = outcome(change)
    assert not found.good
    assert said in " ".join(en for _, en in unexplained(found))


def test_an_empty_list_says_that_nothing_rises() -> None:
    calm = TEST[: TEST.index("    expect:")] + "    expect: []\n"
    trials, problems = parse(
        load(calm.replace("[20, 60]", "[20, 30]").replace("d, temperature_c: 60", "d, temperature_c: 30"))
    )
    assert problems == ()
    assert run(trials[0], ruleset(RULES)).good
    trials, _ = parse(load(calm))
    assert not run(trials[0], ruleset(RULES)).good


def test_the_clock_goes_on_after_the_last_reading() -> None:
    late = "    ends: 3m\n    expect:\n      - {rule: hot, level: alarm, at: 20s}\n"
    text = TEST[: TEST.index("    given:")] + "    given: [{device: d, temperature_c: 60}]\n" + late
    trials, _ = parse(load(text.replace("at: 20s", "at: 10s")))
    assert run(trials[0], ruleset(RULES)).good


def test_a_document_without_tests_has_none() -> None:
    assert parse(load(RULES)) == ((), ())


@pytest.mark.parametrize(
    ("change", "key"),
    [
        (("kind: heat", "kind: hot"), "kind"),
        (('place: "301"', 'place: "909"'), "place"),
        (("device: d, temperature_c: 60}", "device: x, temperature_c: 60}"), "device"),
        (("temperature_c: [20, 60]", "temperature_c: warm"), "temperature_c"),
        (("temperature_c: [20, 60]", "smoke_alarm: 1.5"), "smoke_alarm"),
        (("until: 2m,", "until: 30s,"), "until"),
        (("every: 10s", "every: 1ms"), "given"),
        (("level: prealarm", "level: hot"), "level"),
        (("by: 2m", "til: 2m"), "til"),
        (("device: d, temperature_c: 60}", "device: d}"), 1),
        (("name: it gets hot", "title: it gets hot"), "title"),
    ],
)
def test_what_makes_no_sense_is_told_where_it_stands(change: tuple[str, str], key: str | int) -> None:
    trials, problems = parse(
        load(TEST.replace(*change).replace("until: 2m, every: 1ms", "until: 2h, every: 1ms"))
    )
    assert trials == ()
    assert key in [one.path[-1] for one in problems]


def test_bits_are_on_off_or_unknown() -> None:
    text = """
tests:
  - name: bits
    devices: [{id: d, kind: smoke}]
    given:
      - {at: 0s, device: d, smoke_alarm: on}
      - {at: 1s, device: d, smoke_alarm: false}
      - {at: 2s, device: d, smoke_alarm: unknown}
      - {at: 3s, device: d, temperature_c: unknown}
    expect: []
"""
    (trial,), problems = parse(load(text))
    assert problems == ()
    assert [value for series in trial.given for _, value in series.points()] == [1.0, 0.0, None, None]


def test_lengths_of_time_for_people() -> None:
    assert [shown(at) for at in (0, 61 * SECOND, HOUR + 2 * MINUTE + SECOND // 2)] == [
        "0s",
        "1m 1s",
        "1h 2m 0.5s",
    ]
