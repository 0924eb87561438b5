"""Rules from disk: one set of many files, each mistake where it stands."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin import rulebook
from anmin.community import to_inventory
from anmin.document import Document, read
from anmin.finding import Severity
from devices.inventory import Inventory
from rules.selection import check

SMOKE = """\
rules:
  - id: own.smoke
    hazard: fire
    kind: alarm_bit
    quantities: [smoke_alarm]
    level: alarm
    source: the duty officer's decision of 2026-11-01
    devices: {kinds: [smoke]}
"""
TWO = """\
  - id: own.two
    hazard: fire
    kind: corroborate
    of: [own.smoke]
    at_least: alarm
    count: 2
    within: building
    level: critical
    source: the same
"""
HEAD = "county: {id: qh}\nstreet: {id: hp}\ncommunity: {id: xfl}\n"


def file(tmp_path: Path, text: str, name: str = "own.yaml") -> Path:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def found(*paths: Path, inventory: Inventory | None = None) -> list[tuple[str, int, int, str]]:
    book = rulebook.read(paths, packs=False, inventory=inventory)
    assert (book.rules is None) == any(one.is_error for one in book.findings)
    return [(Path(one.file).name, one.line, one.column, one.severity.value) for one in book.findings]


def test_own_rules_of_several_files_are_one_set(tmp_path: Path) -> None:
    first, second = file(tmp_path, SMOKE), file(tmp_path, "rules:\n" + TWO, "two.yaml")
    book = rulebook.read([first, second], packs=False)
    assert book.findings == ()
    assert book.rules is not None
    assert [rule.id for rule in book.rules.rules] == ["own.smoke", "own.two"]
    alone = rulebook.read([first], packs=False).rules
    assert alone is not None
    assert alone.version != book.rules.version


def test_each_mistake_has_its_file_line_and_column(tmp_path: Path) -> None:
    broken = SMOKE.replace("hazard: fire", "hazard: fier").replace("[smoke_alarm]", "[smoke_alrm]")
    syntax = file(tmp_path, "rules: [\n", "syntax.yaml")
    assert found(file(tmp_path, broken), syntax, tmp_path / "none.yaml") == [
        ("none.yaml", 0, 0, "error"),
        ("own.yaml", 3, 13, "error"),
        ("own.yaml", 5, 17, "error"),
        ("syntax.yaml", 2, 1, "error"),
    ]


def test_the_same_id_in_two_files_is_told_in_the_second(tmp_path: Path) -> None:
    assert found(file(tmp_path, SMOKE, "a.yaml"), file(tmp_path, SMOKE, "b.yaml")) == [
        ("b.yaml", 2, 9, "error")
    ]


def test_a_reference_to_nothing_is_told_unless_what_it_names_is_broken(tmp_path: Path) -> None:
    assert found(file(tmp_path, "rules:\n" + TWO)) == [("own.yaml", 5, 9, "error")]
    assert found(file(tmp_path, SMOKE.replace("fire", "fier") + TWO)) == [("own.yaml", 3, 13, "error")]


def test_an_empty_file_is_a_mistake_and_no_rules_at_all_too(tmp_path: Path) -> None:
    assert found(file(tmp_path, "")) == [("own.yaml", 1, 1, "error")]
    (none,) = rulebook.read((), packs=False).findings
    assert (none.code, none.severity) == ("no-rules", Severity.ERROR)


def test_against_an_inventory_what_can_never_fire_is_a_warning(tmp_path: Path) -> None:
    inventory, _ = to_inventory(read(HEAD, "c"))
    assert inventory is not None
    assert found(file(tmp_path, SMOKE), inventory=inventory) == [("own.yaml", 8, 14, "warning")]


def test_in_a_shipped_pack_the_same_is_only_a_note(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = read(SMOKE, "rules/packs/fire.yaml")
    monkeypatch.setattr(rulebook, "shipped", lambda: iter([pack]))
    inventory, _ = to_inventory(read(HEAD, "c"))
    book = rulebook.read(inventory=inventory)
    assert [(one.severity.value, one.line) for one in book.findings] == [("note", 8)]
    assert book.rules is not None


def test_the_shipped_packs_are_good_and_named_by_their_place() -> None:
    packs: list[Document] = list(rulebook.shipped())
    assert packs
    assert all(pack.name.startswith("rules/packs/") and pack.name.endswith(".yaml") for pack in packs)
    book = rulebook.read()
    assert book.findings == ()
    assert book.rules is not None
    inventory, _ = to_inventory(read(HEAD, "c"))
    assert inventory is not None
    assert check(book.rules, inventory), "in an empty community no rule of a pack can fire"
