"""The tests that stand beside rules, run from the files."""

from __future__ import annotations

from pathlib import Path

from anmin.rule_tests import run, summary, untested

OWN = """
rules:
  - {id: my.hot, hazard: fire, kind: threshold, quantity: temperature_c, source: x,
     levels: {alarm: {above: 70}}}
  - {id: my.both, hazard: fire, kind: corroborate, of: [my.hot, fire.smoke], at_least: alarm, count: 2,
     within: household, level: critical, source: x}
tests:
  - name: mine and a shipped one together
    devices: [{id: a, kind: heat}, {id: b, kind: smoke}]
    given:
      - {at: 0s, device: a, temperature_c: 80}
      - {at: 1s, device: b, smoke_alarm: on}
    expect:
      - {rule: my.hot, level: alarm, at: 0s}
      - {rule: fire.smoke, level: alarm, at: 1s}
      - {rule: my.both, level: critical, at: 1s}
"""


def written(folder: Path, text: str) -> list[Path]:
    path = folder / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return [path]


def test_every_shipped_rule_is_seen_to_rise_by_a_test_beside_it() -> None:
    ran, errors = run()
    assert errors == ()
    assert [one.findings for one in ran if one.findings] == []
    assert untested(ran, ()) == ()
    assert len(ran) >= 20


def test_a_file_of_ones_own_is_tested_with_the_shipped_rules_that_it_counts(tmp_path: Path) -> None:
    ran, errors = run(written(tmp_path, OWN))
    assert errors == ()
    assert ran[-1].findings == ()
    assert (ran[-1].file.endswith("own.yaml"), ran[-1].line) == (True, 8)


def test_what_fails_is_said_where_it_stands(tmp_path: Path) -> None:
    own = written(tmp_path, OWN.replace("rule: my.hot, level: alarm", "rule: my.hat, level: alarm"))
    ran, _ = run(own, packs=True)
    said = " ".join(one.en for one in ran[-1].findings)
    assert "did you mean `my.hot`" in said
    assert {one.line for one in ran[-1].findings} == {8}
    assert "failed 1" in summary(ran, "en")
    assert "失败 1" in summary(ran, "zh")


def test_a_file_with_errors_runs_nothing(tmp_path: Path) -> None:
    ran, errors = run(written(tmp_path, OWN.replace("kind: heat}", "kind: heater}")))
    assert ran == ()
    assert errors[0].line == 9


def test_a_rule_that_no_test_raises_is_named(tmp_path: Path) -> None:
    own = written(tmp_path, OWN.replace("temperature_c: 80", "temperature_c: 60"))
    ran, _ = run(own, packs=False)
    assert ran == ()  # without the packs the rule that counts fire.smoke is an error
    ran, _ = run(own)
    assert [one.line for one in untested(ran, own)] == [3, 5]
