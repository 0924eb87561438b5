"""What ends the window in which people may look."""

from __future__ import annotations

from dataclasses import replace

from alerts.incidents.events import Because
from alerts.incidents.state import Condition
from alerts.incidents.verification import corroborated, ended_by, opens_until, times_out
from alerts.response.plan import PLANS
from devices.instant import SECOND
from devices.level import Hazard, Level
from tests.support.community import T0
from tests.unit.alerts.incidents.test_incident import fresh

FIRE = PLANS[Hazard.FIRE]


def test_one_source_is_not_corroborated_and_keeps_its_window() -> None:
    assert not corroborated(fresh())
    assert ended_by(fresh(), FIRE) is None
    assert fresh().window_until == T0 + 60 * SECOND


def test_a_window_is_not_opened_twice() -> None:
    assert opens_until(fresh(), FIRE, T0 + SECOND) is None
    assert opens_until(replace(fresh(), window_until=None), FIRE, T0 + SECOND) == T0 + 61 * SECOND


def test_critical_by_measurement_needs_no_window() -> None:
    (standing,) = fresh().standings
    loud = replace(standing, level=Level.CRITICAL, peak=Level.CRITICAL)
    assert ended_by(replace(fresh(), standings=(loud,)), FIRE) is Because.LEVEL


def test_only_what_is_normal_again_sounds_no_siren_at_the_end() -> None:
    assert times_out(fresh())
    assert times_out(replace(fresh(), condition=Condition.UNKNOWN))
    assert not times_out(replace(fresh(), condition=Condition.NORMAL))
