"""An inventory written as a file reads back as the same inventory."""

from __future__ import annotations

from pathlib import Path

import pytest

from anmin.community import to_document, to_inventory
from anmin.document import open_file, read
from devices.inventory import Inventory

EXAMPLE = Path(__file__).parents[3] / "deploy" / "examples" / "community.yaml"
HEAD = "county: {id: qh}\nstreet: {id: hp}\ncommunity: {id: xfl}\n"


def inventory_of(text: str) -> Inventory:
    inventory, findings = to_inventory(read(text, "c.yaml"))
    assert inventory is not None, findings
    return inventory


@pytest.mark.parametrize(
    "text",
    [
        EXAMPLE.read_text(encoding="utf-8"),
        HEAD,
        HEAD + "buildings: [{id: b1}, {id: hall, zh: 礼堂, en: Hall, units: [{id: east}]}]\n",
        HEAD
        + "buildings: [{id: b1, units: [{id: u1, floors: -2-3, per_floor: [1, 2, 9], skip: ['301']}]}]\n",
        HEAD + "buildings: [{id: b1, units: [{id: u1, floors: [{floor: 2, zh: 夹层}, 1], per_floor: 1}]}]\n",
        HEAD + "buildings: [{id: b1, units: [{id: u1, floors: [{floor: 1, households: ['0101', 'no']}]}]}]\n",
        HEAD + "zones: [{id: a, kind: crowded, floor: 2}, {id: b, kind: garage, within: a}]\n",
        HEAD + "staff: [{id: y, name: 'null', role: duty, languages: [en, zh], contacts: [{file: '007'}]}]\n",
        HEAD + "profiles: [{id: p, kind: co, quantities: [co_ppm], reports_every: 90 s}]\n"
        "devices: [{id: d, profile: p, place: xfl, zh: '#1: a', en: '- b', mode: test}]\n",
        HEAD + "profiles: [{id: p, kind: gas, quantities: [gas_alarm], reports_every: 1 d, test_every: 1 y,"
        " calibrate_every: 6 h, lasts: 5 y}]\n"
        "devices: [{id: d, profile: p, place: xfl, via: g, serial: '007', installed: 2024-01-31, "
        "expires: 2029-01-31, calibrated: 2026-02-28}, {id: g, profile: native-gateway, place: xfl}]\n"
        "retired: [{id: e, profile: daily-smoke, place: xfl, address: d, retired: 2026-03-01}]\n"
        "thresholds: [{device: d, rule: gas.concentration, level: alarm, at: 8.5, clear: 7},"
        " {profile: p, rule: gas.concentration, level: alarm, at: 9},"
        " {place: xfl, rule: r, level: notice, at: -1}]\n",
        HEAD + "stations: [{id: s, place: xfl, serves: [hp], accept_within: 45 s}]\n",
    ],
)
def test_a_round_trip_keeps_the_version(text: str) -> None:
    inventory = inventory_of(text)
    again = inventory_of(to_document(inventory))
    assert again.version == inventory.version
    assert to_document(again) == to_document(inventory)


def test_floors_with_the_same_doors_are_one_line() -> None:
    text = to_document(
        inventory_of(HEAD + "buildings: [{id: b1, units: [{id: u1, floors: 1-15, per_floor: 1-2}]}]\n")
    )
    assert "- floor: 1-15\n      per_floor: [1, 2]\n" in text
    assert len(text.splitlines()) == 15


def test_built_in_models_are_not_written_out() -> None:
    text = to_document(inventory_of(HEAD + "devices: [{id: d, profile: native-co, place: xfl}]\n"))
    assert "profiles" not in text
    assert "native-co" in text


def test_the_exported_file_can_be_read_by_people() -> None:
    inventory, _ = to_inventory(open_file(EXAMPLE))
    assert inventory is not None
    text = to_document(inventory)
    assert "1号楼" in text
    assert "reports_every: 6 h" in text
