"""Who is next, and when."""

from __future__ import annotations

from dataclasses import replace

from alerts.incidents.state import Ack, Stage
from alerts.response.escalation import lapses_at, next_tier_at
from alerts.response.plan import PLANS
from devices.instant import SECOND
from devices.level import Hazard, Level
from tests.support.community import T0
from tests.unit.alerts.incidents.test_incident import fresh

FIRE = PLANS[Hazard.FIRE]
OWNED = Ack("duty-1", Level.ALARM, T0, T0 + 180 * SECOND)


def test_tiers_follow_one_another_until_there_are_none_left() -> None:
    assert next_tier_at(fresh(), FIRE) == T0 + 60 * SECOND
    assert next_tier_at(replace(fresh(), tier=2), FIRE) == T0 + 300 * SECOND
    assert next_tier_at(replace(fresh(), tier=3), FIRE) is None


def test_what_is_owned_or_in_hand_does_not_escalate() -> None:
    assert next_tier_at(replace(fresh(), ack=OWNED), FIRE) is None
    assert next_tier_at(replace(fresh(), stage=Stage.CONTAINED), FIRE) is None


def test_an_acknowledgement_lapses_at_its_end_unless_somebody_did_something() -> None:
    owned = replace(fresh(), ack=OWNED)
    assert lapses_at(owned) == T0 + 180 * SECOND
    assert lapses_at(replace(owned, progress_at=T0 + SECOND)) is None
    assert lapses_at(replace(owned, progress_at=T0 - SECOND)) == T0 + 180 * SECOND
