"""Findings: one line that editors understand, and the word that was meant."""

from __future__ import annotations

from anmin.finding import Finding, Severity, meant, nearest, render

FOUND = Finding("anmin.toml", 3, 7, Severity.WARNING, "some-code", "坏了", "it is broken")


def test_a_finding_is_one_line_with_its_place_in_both_languages() -> None:
    assert render(FOUND, "en") == "anmin.toml:3:7: warning: it is broken [some-code]"
    assert render(FOUND, "zh") == "anmin.toml:3:7: 警告: 坏了 [some-code]"


def test_a_place_without_lines_shows_none() -> None:
    found = Finding("env:ANMIN_WEB__PORT", 0, 0, Severity.ERROR, "c", "坏", "bad")
    assert render(found, "en") == "env:ANMIN_WEB__PORT: error: bad [c]"


def test_findings_sort_by_place() -> None:
    early = Finding("anmin.toml", 2, 1, Severity.NOTE, "z", "", "")
    assert sorted([FOUND, early]) == [early, FOUND]


def test_the_nearest_known_word_is_suggested() -> None:
    assert nearest("prot", ["host", "port"]) == "port"
    assert nearest("zzz", ["host", "port"]) is None
    assert meant("prot", ["host", "port"]) == ("；是不是 `port`？", "; did you mean `port`?")


def test_without_a_near_word_all_are_listed_up_to_twelve() -> None:
    assert meant("zzz", ["b", "a"])[1] == "; known: `a`, `b`."
    assert meant("zzz", [f"word{n}" for n in range(20)])[1].endswith("….")
    assert meant("zzz", []) == ("。", ".")
