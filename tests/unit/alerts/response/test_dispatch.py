"""The crew's clocks."""

from __future__ import annotations

from dataclasses import replace

from alerts.incidents.state import Stage
from alerts.response.dispatch import next_clock
from devices.instant import SECOND
from tests.support.community import T0, inventory
from tests.unit.alerts.incidents.test_incident import fresh

STATION = inventory().stations[0]


def test_accept_then_arrive_then_joint() -> None:
    called = fresh()
    assert next_clock(called, STATION) == (T0 + 60 * SECOND, "accept")
    going = replace(called, accepted_at=T0 + SECOND)
    assert next_clock(going, STATION) == (T0 + 180 * SECOND, "arrive")
    assert next_clock(replace(going, overdue=("arrive",)), STATION) == (T0 + 300 * SECOND, "joint")
    assert next_clock(replace(going, arrived_at=T0 + SECOND), STATION) is None


def test_no_clock_without_a_call_or_after_containment() -> None:
    assert next_clock(replace(fresh(), dispatched_at=None), STATION) is None
    assert next_clock(replace(fresh(), stage=Stage.CONTAINED), STATION) is None
    assert next_clock(fresh(), None) is None
