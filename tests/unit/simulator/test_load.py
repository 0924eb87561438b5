"""Load: its community and its figures; to a real broker: tests/service/test_simulated_town.py."""

from __future__ import annotations

from anmin.community import to_inventory
from anmin.document import Document
from simulator.load import Load, Measured, documents


def test_the_devices_of_the_load_are_a_community() -> None:
    inventory, findings = to_inventory(Document("load", documents(Load(1_000, 10.0, 5.0))))
    assert findings == ()
    assert inventory is not None
    assert len(inventory.devices) == 1_000
    assert inventory.by_address("native", "heat-00999") is not None


def test_the_figures_are_rates_and_quantiles() -> None:
    body = Measured([0.001, 0.002, 0.003], failed=1, connected=4, connecting_s=0.26, took_s=2.0).as_json()
    assert (body["published"], body["failed"], body["per_s"], body["connections"]) == (3, 1, 1.5, 4)
    assert body["puback_ms"]["p50"] == 2.0
    assert Measured().as_json()["per_s"] == 0.0
