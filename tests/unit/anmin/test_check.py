"""All errors of all files at once, and how the process ends."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin import check as module
from anmin.check import BAD_CONFIGURATION, OK, check, exit_code
from anmin.finding import Finding, Severity

EXAMPLES = Path(__file__).parents[3] / "deploy" / "examples"


def files(tmp_path: Path, toml: str, community: str, rules: str = "") -> Path:
    (tmp_path / "community.yaml").write_text(community, encoding="utf-8")
    (tmp_path / "rules.yaml").write_text(rules, encoding="utf-8")
    (tmp_path / "anmin.toml").write_text(toml, encoding="utf-8")
    return tmp_path / "anmin.toml"


def names(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return [(Path(found.file).name, found.line) for found in findings if found.is_error]


def test_errors_in_one_file_do_not_hide_those_of_the_others(tmp_path: Path) -> None:
    config = files(
        tmp_path,
        "[web]\nport = -1\n[site]\npacks = false\nrules = ['rules.yaml']\n",
        "county: {id: a}\nstreet: {id: b}\ncommunity: {id: c}\nzonez: []\n",
        "rules: 3\n",
    )
    findings = check(config, {}, machine=False)
    assert names(findings) == [("anmin.toml", 2), ("community.yaml", 4), ("rules.yaml", 1)]
    assert exit_code(findings) == BAD_CONFIGURATION


def test_a_missing_community_file_is_an_error(tmp_path: Path) -> None:
    config = files(tmp_path, "[site]\ncommunity = 'none.yaml'\n", "")
    assert names(check(config, {}, machine=False)) == [("none.yaml", 0)]


def test_the_examples_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = check(EXAMPLES / "anmin.toml", {}, machine=False)
    assert [found for found in findings if found.is_error] == []
    assert exit_code(findings) == OK


def test_the_machine_is_looked_at_unless_told_not_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Finding("here", 0, 0, Severity.ERROR, "port-in-use", "占用", "taken")
    monkeypatch.setattr(module, "surroundings", lambda _loaded: [seen])
    config = EXAMPLES / "anmin.toml"
    assert seen in check(config, {})
    assert seen not in check(config, {}, machine=False)


def test_warnings_and_notes_do_not_stop_a_start() -> None:
    mild = tuple(Finding("f", 1, 1, s, "c", "", "") for s in (Severity.WARNING, Severity.NOTE))
    assert exit_code(mild) == exit_code(()) == OK
