"""`anmin sim` and `anmin score` as a person calls them; a service: tests/service/test_simulated_town.py."""

from __future__ import annotations

import json
from pathlib import Path

from anmin import scenarios
from anmin.community import to_inventory
from anmin.document import read
from tests.support.shell import anmin

WRONG = """
title: {zh: 一, en: One}
story: {zh: 一}
lasts: an hour
happens:
  - {at: 9m-2m, fire: {growt: fast}}
  - {at: 1m}
  - {at: 1m, sos: {}, fire: {place: the moon}}
fails:
  - {lossy: {share: 3}}
"""


def test_the_scenarios_are_listed_with_their_stories() -> None:
    said = anmin("sim", "list")
    assert said.code == 0
    for name in scenarios.shipped_names():
        assert name in said.out


def test_a_day_is_told_line_by_line_with_its_truth_beside_it(tmp_path: Path) -> None:
    said = anmin("sim", "run", "sos-pressed", "--seed", "2", "--truth", tmp_path / "truth.ndjson")
    assert said.code == 0
    assert "[truth] sos 1 begins" in said.out
    assert "system: call for help, alarm" in said.out
    assert "duty staff 1" in said.out
    (truth,) = (json.loads(line) for line in (tmp_path / "truth.ndjson").read_text().splitlines())
    assert (truth["hazard"], truth["nature"]) == ("sos", "real")
    one, again = (anmin("sim", "run", "sos-pressed", "--seed", "2", "--json").out for _ in range(2))
    assert json.loads(one)["digest"] == json.loads(again)["digest"]


def test_the_town_is_a_community_file() -> None:
    said = anmin("sim", "town", "sos-pressed", "--inbox", "file")
    inventory, findings = to_inventory(read(said.out.encode(), "town.yaml"))
    assert findings == ()
    assert inventory is not None
    assert {contact.channel for person in inventory.residents for contact in person.contacts} == {"file"}


def test_a_wrong_scenario_is_told_all_at_once_with_its_places(tmp_path: Path) -> None:
    (tmp_path / "wrong.yaml").write_text(WRONG, encoding="utf-8")
    said = anmin("score", tmp_path / "wrong.yaml")
    assert said.code == 3
    for part in (
        "wrong.yaml:3:",
        "no length of time",
        "the second is less than the first",
        "did you mean `growth`",
        "say exactly one thing",
        "no place",
        "wrong.yaml:10:",
    ):
        assert part in said.err


def test_scores_are_a_table_or_one_object_and_fail_when_worse(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    said = anmin("score", "burnt-toast", "--seeds", "1-2", "--jobs", "1", "--write-baseline", kept, "--json")
    body = json.loads(said.out.splitlines()[-1])
    assert (said.code, body["total"]["missed"], body["total"]["false"]) == (0, 0, 2)
    assert set(body["scenarios"]) == {"burnt-toast"}
    better = json.loads(kept.read_text())
    better["scenarios"]["burnt-toast"]["false"] = 1
    kept.write_text(json.dumps(better))
    said = anmin("score", "burnt-toast", "--seeds", "1-2", "--jobs", "1", "--baseline", kept)
    assert (said.code, "2 false alarms, 1 before" in said.err) == (1, True)


def test_what_cannot_be_is_said_in_one_line() -> None:
    assert anmin("score", "--seeds", "9-2").code == 2
    assert "no such scenario" in anmin("sim", "run", "atlantis").err
    assert "mqtt://user:password" in anmin("sim", "run", "sos-pressed", "--broker", "http://x").err


def test_a_scenario_whose_town_lacks_what_it_names_is_refused(tmp_path: Path) -> None:
    text = "title: {zh: 一, en: One}\nstory: {zh: 一, en: One}\nlasts: 1h\ntown: {homes: {smoke: 1}}\n"
    (tmp_path / "odd.yaml").write_text(text + "happens: [{at: 1m, gas: {}}]\n", encoding="utf-8")
    for words in (("sim", "run"), ("score", "--jobs", "1")):
        said = anmin(*words, tmp_path / "odd.yaml")
        assert (said.code, "no home has any of gas" in said.err) == (1, True), said
