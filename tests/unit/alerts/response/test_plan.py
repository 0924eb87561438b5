"""Plans keep verification within its limit."""

from __future__ import annotations

import pytest

from alerts.response.plan import PLANS, plans
from devices.instant import SECOND
from devices.level import Hazard


def test_every_hazard_has_a_plan_and_no_window_exceeds_ninety_seconds() -> None:
    assert set(PLANS) == set(Hazard)
    assert all(plan.verify_for <= 90 * SECOND for plan in PLANS.values())


def test_a_longer_window_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 90 s"):
        plans(verify_for=91 * SECOND)


def test_own_numbers_reach_every_hazard_that_verifies() -> None:
    own = plans(verify_for=30 * SECOND, tiers=(20 * SECOND,))
    assert own[Hazard.FIRE].verify_for == 30 * SECOND
    assert own[Hazard.SOS].verify_for == 0
    assert own[Hazard.SOS].tiers == (20 * SECOND,)
