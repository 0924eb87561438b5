"""What an import would change, and what of it is dangerous."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.community import to_inventory
from anmin.difference import Action, Change, difference
from anmin.document import read
from devices.inventory import Inventory

EXAMPLE = (Path(__file__).parents[3] / "deploy" / "examples" / "community.yaml").read_text(encoding="utf-8")


def inventory_of(text: str) -> Inventory:
    inventory, findings = to_inventory(read(text, "c.yaml"))
    assert inventory is not None, findings
    return inventory


OLD = inventory_of(EXAMPLE)


def changed(old: str, new: str) -> tuple[Change, ...]:
    assert old in EXAMPLE
    return difference(OLD, inventory_of(EXAMPLE.replace(old, new)))


def test_nothing_changed_is_no_change() -> None:
    assert difference(OLD, inventory_of("# a remark\n" + EXAMPLE)) == ()


def test_a_first_import_is_all_new_and_nothing_of_it_dangerous() -> None:
    changes = difference(None, OLD)
    assert {change.action for change in changes} == {Action.ADDED}
    assert not any(change.dangerous for change in changes)
    assert changes[0].en == "added place qinghe Qinghe County (58 households)"
    assert sum(change.thing == "device" for change in changes) == 11


@pytest.mark.parametrize(
    ("old", "new", "en"),
    [
        (
            "  - {id: co-b1-1202, profile: native-co, place: b1.u1.f12.1202}\n",
            "",
            "removed device co-b1-1202 carbon monoxide detector (DANGEROUS)"
            " @ Building 1, Unit 1, Floor 12, 1202",
        ),
        (
            "{id: siren-b1, profile: native-siren, place: b1}",
            "{id: siren-b1, profile: native-siren, place: b1, mode: test}",
            "changed device siren-b1 siren: mode (DANGEROUS) @ Building 1",
        ),
        (
            "address: 101 sos",
            "address: 101 SOS",
            "changed device sos-b1-101 SOS button: address (DANGEROUS) @ Building 1, Unit 1, Floor 1, 101",
        ),
        (
            "reports_every: 6 h",
            "reports_every: 24 h",
            "changed device smoke-b2-301 smoke detector: profile (DANGEROUS)"
            " @ Building 2, Unit 1, Floor 3, 301",
        ),
        ("    needs: [wheelchair, lives_alone]\n", "", None),
        ("role: duty", "role: supervisor", "changed person sun-li: role (DANGEROUS)"),
        ("floors: 1-15", "floors: 1-14", "removed place xfl.b1.u1.f15 Floor 15 (2 households) (DANGEROUS)"),
        ("    serves: [xfl]\n", "    serves: [b1]\n", None),
    ],
)
def test_what_takes_protection_away_is_dangerous(old: str, new: str, en: str | None) -> None:
    (change,) = changed(old, new)
    assert change.dangerous
    assert "（危险）" in change.zh
    assert en is None or change.en == en


@pytest.mark.parametrize(
    ("old", "new", "en"),
    [
        (
            "{id: smoke-b1-1201,",
            "{id: smoke-new, profile: native-smoke, place: b1}\n  - {id: smoke-b1-1201,",
            "added device smoke-new smoke detector @ Building 1",
        ),
        ("address: 301 smoke, mode: test", "address: 301 smoke", None),
        (
            "en: Underpass depth gauge",
            "en: Depth",
            "changed device depth-underpass Depth: English name @ Renmin Road underpass",
        ),
        ("reports_every: 6 h", "reports_every: 1 h", None),
        ("floors: 1-15", "floors: 1-16", "added place xfl.b1.u1.f16 Floor 16 (2 households)"),
        ("name: 孙丽", "name: 孙莉", "changed person sun-li: name"),
        ("zh: 便利店", "zh: 超市", "changed place xfl.b2.u1.f1.shop Corner shop: Chinese name"),
    ],
)
def test_what_takes_nothing_away_is_not(old: str, new: str, en: str | None) -> None:
    (change,) = changed(old, new)
    assert not change.dangerous
    assert en is None or change.en == en


def test_a_lost_contact_is_dangerous_and_never_written_out() -> None:
    (change,) = changed("contacts: [{console: 赵桂英}]", "contacts: [{console: 13812345678}]")
    assert change.dangerous
    assert change.en == "changed resident xfl.b1.u1.f12.1202.p1: contacts (DANGEROUS)"
    assert "138" not in change.zh + change.en


def test_dangerous_changes_come_first() -> None:
    text = EXAMPLE.replace("floors: 1-15", "floors: 1-16").replace("role: manager", "role: duty")
    text = text.replace("  - {id: siren-b2, profile: native-siren, place: b2}\n", "")
    dangers = [change.dangerous for change in difference(OLD, inventory_of(text))]
    assert dangers == [True, False, False]


def test_another_community_is_the_most_dangerous_change_of_all() -> None:
    text = EXAMPLE.replace("id: xfl", "id: other").replace("serves: [xfl]", "serves: [other]")
    first = difference(OLD, inventory_of(text))[0]
    assert (first.thing, first.dangerous) == ("community", True)


def test_a_limit_of_ones_own_is_for_a_person_to_agree_to() -> None:
    text = EXAMPLE + "\nthresholds: [{place: b1, rule: fire.temperature, level: alarm, at: 62}]\n"
    (change,) = difference(OLD, inventory_of(text))
    assert (change.en, change.dangerous) == (
        "added threshold fire.temperature alarm @ xfl.b1 (DANGEROUS)",
        True,
    )
    assert not any(change.dangerous for change in difference(None, inventory_of(text)))
