"""Rules on trial beside those in force."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from anmin.shadow import Shadow, lines
from rules.spec import merge
from tests.support.community import inventory
from tests.support.monitor import Story
from tests.support.rulebook import pack, ruleset

SOONER = """
rules:
  - id: gas.concentration
    replaces: true
    hazard: gas
    kind: threshold
    quantity: gas_lel_percent
    levels: {prealarm: {above: 3}, alarm: {above: 10}}
    source: on trial
"""


class Trial:
    """A monitor with the shipped gas rules, and a shadow with another limit."""

    def __init__(self, file: Path, text: str = SOONER) -> None:
        self.story = Story()
        rules, problems = merge((pack(), ruleset(text)))
        assert problems == ()
        self.known = inventory()
        self.shadow = Shadow(rules, lambda: self.known, file)

    def says(self, second: float, device: str, **values: float | bool) -> None:
        self.shadow.take([self.story.says(second, device, event=None, **values)])

    def wait(self, second: float) -> dict[str, Any]:
        self.shadow.take([self.story.wait(second)])
        return self.shadow.body()


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    return Trial(tmp_path / "shadow.jsonl")


def test_what_both_alert_is_counted_with_how_much_later_the_shadow_is(trial: Trial) -> None:
    trial.says(0, "gas-301", gas_lel_percent=1.0)
    trial.says(60, "gas-301", gas_lel_percent=12.0)
    said = trial.wait(3600)
    assert (said["both"], said["only_live"], said["only_shadow"]) == (1, 0, 0)
    assert said["shadow_later_median_s"] == 0
    assert said["readings"] == 2


def test_an_alert_of_the_shadow_alone_is_noted_with_its_evidence_and_nobody_is_told(trial: Trial) -> None:
    trial.says(0, "gas-301", gas_lel_percent=1.0)
    trial.says(60, "gas-301", gas_lel_percent=4.0)
    said = trial.wait(3600)
    (one,) = said["differences"]
    assert (one["only"], one["rule"], one["level"], one["of"]) == (
        "shadow",
        "gas.concentration",
        "prealarm",
        "gas-301",
    )
    assert one["evidence"][0]["value"] == 4.0
    assert trial.story.incidents == ()


def test_an_alert_of_the_live_rules_alone_is_what_would_have_been_missed(tmp_path: Path) -> None:
    deaf = SOONER.replace("prealarm: {above: 3}, alarm: {above: 10}", "alarm: {above: 50}")
    trial = Trial(tmp_path / "s.jsonl", deaf)
    trial.says(0, "gas-301", gas_lel_percent=12.0)
    said = trial.wait(3600)
    assert (said["only_live"], said["differences"][0]["level"]) == (1, "alarm")
    assert len(trial.story.incidents) == 1


def test_ten_minutes_apart_is_the_same_alert_and_the_delay_is_known(tmp_path: Path) -> None:
    later = SOONER.replace("prealarm: {above: 3}, alarm: {above: 10}", "alarm: {above: 20}")
    trial = Trial(tmp_path / "s.jsonl", later)
    trial.says(0, "gas-301", gas_lel_percent=12.0)
    trial.says(300, "gas-301", gas_lel_percent=25.0)
    said = trial.wait(360)
    assert (said["both"], said["shadow_later_median_s"]) == (1, 300)
    assert said["undecided"] == 1  # the live rules are critical at 25, the shadow has no such level


def test_differences_survive_a_restart(trial: Trial, tmp_path: Path) -> None:
    trial.says(0, "gas-301", gas_lel_percent=4.0)
    trial.wait(3600)
    again = Trial(tmp_path / "shadow.jsonl")
    assert [one["rule"] for one in again.shadow.body()["differences"]] == ["gas.concentration"]
    assert json.loads((tmp_path / "shadow.jsonl").read_text("utf-8"))["only"] == "shadow"


def test_another_inventory_is_adopted(trial: Trial) -> None:
    known = inventory()
    fewer = {name: one for name, one in known.devices.items() if name != "gas-301"}
    trial.known = replace(known, version="fewer", devices=fewer)
    trial.says(0, "gas-301", gas_lel_percent=4.0)
    assert trial.wait(3600)["differences"] == []


def test_a_fault_of_the_shadow_ends_it_alone(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(trial.shadow._engine, "handle", broken)
    trial.says(0, "gas-301", gas_lel_percent=12.0)
    said = trial.wait(60)
    assert "ZeroDivisionError" in said["problem"]
    assert len(trial.story.incidents) == 1
    assert "has ended" in "\n".join(lines(said, "en"))


def test_a_file_that_cannot_be_read_or_written_is_no_reason_to_stop(tmp_path: Path) -> None:
    (tmp_path / "s.jsonl").mkdir()
    trial = Trial(tmp_path / "s.jsonl")
    trial.says(0, "gas-301", gas_lel_percent=4.0)
    assert len(trial.wait(3600)["differences"]) == 1


def test_lines_for_people(trial: Trial) -> None:
    trial.says(0, "gas-301", gas_lel_percent=4.0)
    said = trial.wait(3600)
    assert "only shadow  prealarm  gas.concentration  gas-301" in "\n".join(lines(said, "en"))
    assert "仅影子" in "\n".join(lines(said, "zh"))
