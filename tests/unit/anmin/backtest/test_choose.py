"""Which rules are meant by a name."""

from __future__ import annotations

from pathlib import Path

from anmin.backtest.choose import PACKS, packs, rules_of
from anmin.sections import Site
from rules.spec import RuleSet
from tests.support.community import inventory
from tests.support.rulebook import pack
from tests.unit.anmin.backtest.test_run import RULE


def found(*names: str, site: Site | None = None) -> RuleSet:
    book = rules_of(names, site or Site(), inventory())
    assert book.rules is not None, book.findings
    return book.rules


def written(folder: Path) -> Path:
    path = folder / "own.yaml"
    path.write_text(RULE.format(limit=100), encoding="utf-8")
    return path


def test_a_pack_is_named_without_its_ending() -> None:
    assert found("flood").version == pack("flood").version
    assert "flood" in packs()


def test_all_packs_together_have_a_name() -> None:
    assert found(PACKS).version == pack().version


def test_a_file_stands_alone_or_beside_packs(tmp_path: Path) -> None:
    own = str(written(tmp_path))
    assert [rule.id for rule in found(own).rules] == ["depth"]
    assert len(found(PACKS, own).rules) == len(pack().rules) + 1


def test_without_names_it_is_what_the_settings_put_in_force(tmp_path: Path) -> None:
    site = Site(rules=(written(tmp_path),), packs=False)
    assert [rule.id for rule in found(site=site).rules] == ["depth"]


def test_an_unknown_name_is_told_with_what_was_meant() -> None:
    book = rules_of(("floood", "gas"), Site(), inventory())
    assert book.rules is None
    (finding,) = book.findings
    assert "`flood`" in finding.en
    assert "`flood`" in finding.zh
