"""A start gets bodies, or every error of every file at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anmin import houses
from anmin.canon import canonical, from_canonical
from anmin.finding import Severity
from anmin.prepare import NotReady, prepare, rules_body
from anmin.rulebook import read as read_rules
from tests.support.monitor import TERMS

EXAMPLES = Path(__file__).parents[3] / "deploy" / "examples"
COMMUNITY = """county: {id: a, zh: 县, en: County}
street: {id: b, zh: 街道, en: Street}
community: {id: c, zh: 社区, en: Community}
"""
OWN = """rules:
  - id: own.hot
    hazard: fire
    kind: threshold
    quantity: temperature_c
    levels: {alarm: {above: 80}}
    source: ours
"""


def files(tmp_path: Path, toml: str, community: str = COMMUNITY, rules: str = OWN) -> Path:
    (tmp_path / "community.yaml").write_text(community, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "anmin.toml").write_text(toml, encoding="utf-8")
    return tmp_path / "anmin.toml"


def refused(config: Path, **environ: str) -> list[tuple[str, int, Severity]]:
    with pytest.raises(NotReady) as raised:
        prepare(config, environ)
    return [(Path(f.file).name, f.line, f.severity) for f in raised.value.findings]


def test_the_examples_are_ready_and_their_bodies_make_a_house() -> None:
    ready = prepare(EXAMPLES / "anmin.toml", {})
    house = houses.build(ready.inventory_body, ready.rules_body, TERMS)
    assert house.inventory == from_canonical(canonical(ready.inventory))
    assert house.inventory.version == ready.inventory.version
    assert house.rules == read_rules().rules
    assert not any(finding.is_error for finding in ready.warnings)


def test_every_error_of_every_file_is_told_at_once(tmp_path: Path) -> None:
    config = files(
        tmp_path,
        "[web]\nport = -1\nprot = 3\n[site]\nrules = ['rules.yaml']\n",
        COMMUNITY + "zonez: []\nnonsense: 1\n",
        "rules:\n  - id: x\n",
    )
    told = refused(config)
    assert {(name, line) for name, line, _ in told} >= {
        ("anmin.toml", 2),
        ("anmin.toml", 3),
        ("community.yaml", 4),
        ("community.yaml", 5),
        ("rules.yaml", 2),
    }
    assert {severity for _, _, severity in told} == {Severity.ERROR}
    assert told == sorted(told)


def test_a_missing_settings_file_and_a_missing_community_are_told_together(tmp_path: Path) -> None:
    names = [name for name, _, _ in refused(tmp_path / "none.toml")]
    assert names == ["community.yaml", "none.toml"]


def test_the_environment_and_flags_count_and_are_named(tmp_path: Path) -> None:
    config = files(tmp_path, "")
    assert refused(config, ANMIN_WEB__PORT="x") == [("env:ANMIN_WEB__PORT", 0, Severity.ERROR)]
    ready = prepare(config, {"ANMIN_WEB__PORT": "81"}, {"web.port": 82})
    assert ready.settings.web.port == 82


def test_what_is_only_worth_a_look_does_not_stop_a_start_and_is_handed_on(tmp_path: Path) -> None:
    secret = "whsec_" + "QUFB" * 10
    config = files(tmp_path, f"[webhook]\nsecret = '{secret}'\n[site]\nrules = ['rules.yaml']\n")
    config.chmod(0o644)
    ready = prepare(config, {})
    codes = {finding.code for finding in ready.warnings}
    assert "secret-exposed" in codes  # of the settings
    assert codes - {"secret-exposed"}  # of the others
    assert all(secret not in finding.en for finding in ready.warnings)


def test_the_rules_body_holds_the_packs_and_then_ones_own_files(tmp_path: Path) -> None:
    settings = prepare(files(tmp_path, "[site]\nrules = ['rules.yaml']\n"), {}).settings
    documents = json.loads(rules_body(settings))
    assert [rule["id"] for rule in documents[-1]["rules"]] == ["own.hot"]
    assert len(documents) > 5
    alone = prepare(files(tmp_path, "[site]\nrules = ['rules.yaml']\npacks = false\n"), {}).settings
    assert [rule.id for rule in houses.rules_of(rules_body(alone)).rules] == ["own.hot"]


def test_rules_on_trial_come_after_all_others_and_must_be_right_too(tmp_path: Path) -> None:
    trial = OWN.replace("above: 80", "above: 70").replace(
        "  - id: own.hot", "  - id: own.hot\n    replaces: true"
    )
    (tmp_path / "trial.yaml").write_text(trial, encoding="utf-8")
    toml = f'[site]\ncommunity = "{tmp_path / "community.yaml"}"\nrules = ["{tmp_path / "rules.yaml"}"]\n'
    toml += f'shadow = ["{tmp_path / "trial.yaml"}"]\n'
    ready = prepare(files(tmp_path, toml), {})
    assert ready.shadow is not None
    (own,) = (rule for rule in ready.shadow.rules if rule.id == "own.hot")
    assert own.replaces
    assert "above: 70" not in ready.rules_body
    assert prepare(files(tmp_path, toml.partition("shadow")[0]), {}).shadow is None
    (tmp_path / "trial.yaml").write_text(OWN, encoding="utf-8")  # the same id, and no word of replacing
    assert refused(files(tmp_path, toml)) == [("trial.yaml", 2, Severity.ERROR)]
