"""Scenario files, shipped and of one's own."""

from __future__ import annotations

from pathlib import Path

from anmin.document import read as read_document
from anmin.scenarios import load, read, shipped, shipped_names

GOOD = "title: {zh: 一, en: One}\nstory: {zh: 一, en: One}\nlasts: 1h\n"


def test_every_shipped_scenario_is_right_and_known_by_the_name_of_its_file() -> None:
    found, findings = shipped()
    assert findings == ()
    assert [one.name for one in found] == sorted(shipped_names())
    ((name, _),), _ = shipped(["bad-radio"])
    assert name == "bad-radio"


def test_files_and_folders_are_read_and_every_error_told(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("title: one\nlasts: [1h\n", encoding="utf-8")
    found, findings = load([tmp_path])
    assert [one.name for one in found] == ["good"]
    assert {Path(one.file).name for one in findings} == {"bad.yaml"}


def test_an_unknown_key_and_a_wrong_length_have_their_line_and_column() -> None:
    text = GOOD.replace("1h", "soon") + "happen: []\n"
    script, findings = read(read_document(text.encode(), "a.yaml"))
    assert script is None
    assert {(one.line, one.code) for one in findings} == {(3, "no-length"), (4, "unknown-key")}
    assert all(one.zh != one.en for one in findings)
