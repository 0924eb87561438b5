"""The name of an incident."""

from __future__ import annotations

from alerts.incidents.identity import incident_id
from devices.instant import SECOND
from devices.level import Hazard
from tests.support.community import T0


def test_the_same_opening_has_the_same_name_and_another_has_another() -> None:
    one = incident_id(T0, 7, Hazard.FIRE, "smoke-301")
    assert one == incident_id(T0, 7, Hazard.FIRE, "smoke-301")
    assert one != incident_id(T0, 8, Hazard.FIRE, "smoke-301")
    assert one != incident_id(T0, 7, Hazard.GAS, "smoke-301")
    assert one.startswith("inc_")
    assert len(one) == 4 + 26


def test_names_sort_by_time() -> None:
    names = [incident_id(T0 + n * SECOND, 1, Hazard.FIRE, "x") for n in range(20)]
    assert names == sorted(names)
