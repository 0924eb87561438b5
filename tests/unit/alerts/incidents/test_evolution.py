"""What each event makes of an incident."""

from __future__ import annotations

from typing import get_args

import pytest

from alerts.incidents import events as e
from alerts.incidents.evolution import _EVOLVE, evolve, verified_stage
from alerts.incidents.state import Condition, Stage
from devices.level import Level
from tests.support.community import T0
from tests.unit.alerts.incidents.test_incident import fresh

HEAD = {"id": "x", "incident_id": "inc_1", "at": T0 + 5}


def test_every_event_has_its_place_in_the_table() -> None:
    assert set(get_args(e.Event)) == {*_EVOLVE, e.Opened}


def test_nothing_but_an_opening_comes_to_nothing() -> None:
    with pytest.raises(AssertionError, match="cleared before opened"):
        evolve(None, e.Cleared(**HEAD))  # type: ignore[arg-type] # the head's fields by name


def test_a_level_that_falls_keeps_its_peak_and_its_evidence() -> None:
    known = fresh()
    (standing,) = known.standings
    lower = e.Changed(
        id="x",
        incident_id="inc_1",
        at=T0 + 5,
        subject=standing.subject,
        rule_id=standing.rule_id,
        level=Level.CLEAR,
        evidence=(),
    )
    after = evolve(known, lower).standings[0]
    assert (after.level, after.peak, after.evidence) == (Level.CLEAR, Level.ALARM, standing.evidence)


def test_conditions_follow_what_is_heard() -> None:
    cleared = evolve(fresh(), e.Cleared(id="x", incident_id="inc_1", at=T0))
    assert cleared.condition is Condition.NORMAL
    assert evolve(cleared, e.Blinded(id="y", incident_id="inc_1", at=T0)).condition is Condition.UNKNOWN


def test_the_stage_after_verification_is_as_far_as_the_crew() -> None:
    known = evolve(fresh(), e.Accepted(id="x", incident_id="inc_1", at=T0, by="crew-1"))
    assert known.stage is Stage.VERIFYING
    assert verified_stage(known) is Stage.RESPONDING
    active = evolve(known, e.Activated(id="y", incident_id="inc_1", at=T0 + 1, because=e.Because.TIMEOUT))
    assert active.stage is Stage.RESPONDING
    assert active.stages[-1] == (Stage.RESPONDING, T0 + 1)
    assert active.window_until is None


def test_a_household_has_one_reply_the_newest() -> None:
    def replied(reply: e.Reply) -> e.Event:
        return e.Replied(id="x", incident_id="inc_1", at=T0, household_id="h", by="h", reply=reply)

    known = evolve(evolve(fresh(), replied(e.Reply.SAFE)), replied(e.Reply.HELP))
    assert known.replies == (("h", e.Reply.HELP),)
