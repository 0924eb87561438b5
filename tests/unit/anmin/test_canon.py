"""One text for one inventory: stable, complete, read back the same."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from anmin.canon import NotCanonical, canonical, from_canonical, natural, sealed, version_of
from anmin.community import to_inventory
from anmin.document import open_file
from devices.inventory import Inventory

EXAMPLE = Path(__file__).parents[3] / "deploy" / "examples" / "community.yaml"


@pytest.fixture(name="inventory")
def _inventory() -> Inventory:
    inventory, _ = to_inventory(open_file(EXAMPLE))
    assert inventory is not None
    return inventory


def test_numbers_in_ids_count_as_numbers() -> None:
    assert sorted(["f10", "f2", "a", "f2.b11", "f2.b3"], key=natural) == ["a", "f2", "f2.b3", "f2.b11", "f10"]


def test_an_inventory_read_back_is_the_same_in_every_respect(inventory: Inventory) -> None:
    again = from_canonical(canonical(inventory))
    assert again == inventory
    assert list(again.tree.places) == list(inventory.tree.places)
    assert list(again.devices) == list(inventory.devices)
    assert canonical(again) == canonical(inventory)


def test_the_version_is_the_hash_of_the_text_and_of_nothing_else(inventory: Inventory) -> None:
    assert inventory.version == version_of(canonical(inventory))
    shuffled = Inventory.of(
        inventory.community_id,
        "something else",
        reversed(inventory.tree.places.values()),
        reversed(inventory.devices.values()),
        reversed(inventory.residents),
        reversed(inventory.responders),
        reversed(inventory.stations),
    )
    assert canonical(shuffled) == canonical(inventory)
    assert sealed(shuffled) == inventory


def test_the_version_of_the_example_does_not_drift(inventory: Inventory) -> None:
    """It is another one only with another example or another model that it uses."""
    assert inventory.version == "87642494c7e0bc27"


def test_a_text_from_before_a_field_existed_keeps_its_version(inventory: Inventory) -> None:
    data = json.loads(canonical(inventory))
    for profile in data["profiles"]:
        for term in ("test_every_for", "calibrate_every_for", "lasts_for"):
            profile.pop(term, None)
    old = json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert canonical(from_canonical(old)) == old


def test_any_change_of_content_changes_the_version(inventory: Inventory) -> None:
    data = json.loads(canonical(inventory))
    data["residents"][0]["contacts"] = []
    assert from_canonical(json.dumps(data)).version != inventory.version


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", '{"format": 2}', "null", '{"format":1,"community":"x"}'],
)
def test_a_damaged_or_newer_text_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        from_canonical(text)


def test_a_text_that_points_to_nothing_is_refused(inventory: Inventory) -> None:
    data = json.loads(canonical(inventory))
    data["places"] = [place for place in data["places"] if place["id"] != "heping"]
    with pytest.raises(NotCanonical, match="damaged"):
        from_canonical(json.dumps(data))
    data = json.loads(canonical(inventory))
    data["profiles"] = []
    with pytest.raises(NotCanonical, match="damaged"):
        from_canonical(json.dumps(data))
