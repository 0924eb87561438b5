"""ingest.dialects.gb26875_tables: names are quantities of ours, and bits stand where they belong."""

from __future__ import annotations

import pytest

from devices.quantity import QUANTITIES, QuantityKind
from ingest.dialects.gb26875_tables import (
    ALARM_OF,
    ANALOGUES,
    COMPONENT,
    SYSTEM,
    TRANSMITTER,
    alarm_of,
    quantity_of,
)
from ingest.generic import GENERIC


def test_alarms_are_alarms_of_ours() -> None:
    assert {QUANTITIES[name].kind for name in ALARM_OF.values()} == {QuantityKind.ALARM}


@pytest.mark.parametrize(
    ("component", "alarm"),
    [
        (40, "smoke_alarm"),
        (44, "smoke_alarm"),
        (31, "heat_alarm"),
        (23, "manual_alarm"),
        (11, "gas_alarm"),
        (17, "electrical_alarm"),
        (201, "co_alarm"),
        (25, GENERIC),
        (61, GENERIC),
        (121, GENERIC),
        (255, GENERIC),
    ],
)
def test_fire_bit_of_every_component_is_an_alarm(component: int, alarm: str) -> None:
    assert alarm_of(component) == alarm


def test_bits_are_where_the_standard_has_them() -> None:
    assert SYSTEM.names[0] == COMPONENT.names[0] == TRANSMITTER.names[0] == "fire"
    assert (SYSTEM.fault, SYSTEM.battery) == (1 << 2 | 1 << 8 | 1 << 10, 1 << 9)
    assert (COMPONENT.fault, COMPONENT.battery) == (1 << 2 | 1 << 8, 0)
    assert (TRANSMITTER.fault, TRANSMITTER.battery) == (1 << 2 | 1 << 3 | 1 << 5 | 1 << 6, 1 << 4)
    assert (SYSTEM.names[11], SYSTEM.names[12]) == ("configuration changed", "reset")


def test_analogue_types_become_quantities_of_ours() -> None:
    meant = {
        (kind, component): quantity_of(kind, component) for kind in ANALOGUES for component in range(256)
    }
    assert {one[0] for one in meant.values() if one} <= set(QUANTITIES)
    assert meant[3, 40] == ("temperature_c", 0.1)
    assert meant[3, 18] == ("cable_temperature_c", 0.1)
    assert meant[6, 11] == ("gas_lel_percent", 0.1)
    assert (meant[9, 17], meant[128, 17]) == (("residual_current_ma", 100.0), ("residual_current_ma", 1.0))
    assert (meant[9, 91], meant[8, 17], meant[5, 99]) == (None, None, None)


def test_full_tank_is_no_flood() -> None:
    assert quantity_of(2, 92) is None
    assert quantity_of(2, 200) == ("water_level_mm", 10.0)
