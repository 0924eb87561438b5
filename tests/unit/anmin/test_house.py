"""The numbers of a community reach the plans and the partners."""

from __future__ import annotations

from dataclasses import replace

from alerts.response.plan import PLANS
from devices.instant import MINUTE, SECOND
from devices.level import Hazard
from devices.resident import Contact
from tests.support.monitor import TERMS, house


def test_the_terms_set_windows_tiers_and_acknowledgements_of_every_plan() -> None:
    terms = replace(TERMS, verify_for=30 * SECOND, tiers=(MINUTE, 2 * MINUTE), acknowledged_for=7 * MINUTE)
    found = replace(house(), terms=terms).plans
    assert set(found) == set(Hazard)
    assert {plan.tiers for plan in found.values()} == {(MINUTE, 2 * MINUTE)}
    assert {plan.acknowledged_for for plan in found.values()} == {7 * MINUTE}
    assert found[Hazard.FIRE].verify_for == 30 * SECOND
    assert {hazard: plan.spread for hazard, plan in found.items()} == {
        hazard: plan.spread for hazard, plan in PLANS.items()
    }


def test_partners_are_reached_by_webhook() -> None:
    terms = replace(TERMS, partners=("https://a.example/", "https://b.example/"))
    assert replace(house(), terms=terms).partners == (
        Contact("webhook", "https://a.example/"),
        Contact("webhook", "https://b.example/"),
    )
    assert house().partners == ()
