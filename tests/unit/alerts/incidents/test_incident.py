"""Every cell of the incident table, walked: what decide and evolve do is what the table says."""

from __future__ import annotations

from dataclasses import replace
from itertools import count

import pytest

from alerts.incidents.command import (
    Accept,
    Acknowledge,
    Arrive,
    Close,
    Confirm,
    Contain,
    Declined,
    Dispatch,
    Dispute,
    Reopen,
    Resolve,
    Respond,
)
from alerts.incidents.events import Disposition, Event, Reply
from alerts.incidents.evolution import evolve, verified_stage
from alerts.incidents.incident import (
    TABLE,
    AckDue,
    Cause,
    ClockDue,
    Context,
    Join,
    Move,
    TierDue,
    TimedOut,
    Trigger,
    decide,
    open_incident,
)
from alerts.incidents.state import Ack, Condition, Incident, Stage
from alerts.response.plan import PLANS
from devices.instant import SECOND
from devices.level import Hazard, Level
from rules.verdict import Transition
from tests.support.community import T0, edge, home

LATER = T0 + 10 * SECOND


def context(at: int = T0) -> Context:
    numbers = count(1)
    return Context(at, PLANS[Hazard.FIRE], "s1", lambda: f"e{next(numbers)}")


def fresh() -> Incident:
    incident = None
    for event in open_incident("inc_1", edge("smoke-301", Level.ALARM), home(3), context()):
        incident = evolve(incident, event)
    assert incident is not None
    return incident


def allowed(decided: tuple[Event, ...] | Declined) -> tuple[Event, ...]:
    assert not isinstance(decided, Declined)
    return decided


def in_stage(stage: Stage) -> Incident:
    """An incident as it would be in that stage: acknowledged, its crew as far as the stage says."""
    ack = Ack("duty-1", Level.ALARM, T0, T0 + 180 * SECOND)
    return replace(
        fresh(),
        stage=stage,
        condition=Condition.NORMAL,
        ack=ack,
        window_until=T0 + 60 * SECOND if stage is Stage.VERIFYING else None,
    )


CAUSES: dict[Trigger, Cause] = {
    Trigger.JOIN: Join(edge("heat-301", Level.NOTICE, rule="fire.heat")),
    Trigger.WORSEN: Join(edge("heat-301", Level.ALARM, rule="fire.heat")),
    Trigger.TIMEOUT: TimedOut(),
    Trigger.ESCALATE: TierDue(),
    Trigger.LAPSE: AckDue(),
    Trigger.OVERDUE: ClockDue("accept"),
    Trigger.ACKNOWLEDGE: Acknowledge(incident_id="inc_1", by="duty-1"),
    Trigger.CONFIRM: Confirm(incident_id="inc_1", by="duty-1"),
    Trigger.DISPUTE: Dispute(incident_id="inc_1", by="duty-1", reason="cooking"),
    Trigger.DISPATCH: Dispatch(incident_id="inc_1", by="duty-1"),
    Trigger.ACCEPT: Accept(incident_id="inc_1", by="duty-1"),
    Trigger.ARRIVE: Arrive(incident_id="inc_1", by="duty-1"),
    Trigger.CONTAIN: Contain(incident_id="inc_1", by="duty-1"),
    Trigger.RESOLVE: Resolve(incident_id="inc_1", by="duty-1"),
    Trigger.CLOSE: Close(incident_id="inc_1", by="duty-1", disposition=Disposition.REAL),
    Trigger.REOPEN: Reopen(incident_id="inc_1", by="duty-1"),
    Trigger.RESPOND: Respond(incident_id="inc_1", by="duty-1", household_id=home(3), reply=Reply.SAFE),
}


def test_every_trigger_has_a_cause_here() -> None:
    assert set(CAUSES) == set(Trigger)


@pytest.mark.parametrize(
    ("stage", "trigger"), list(TABLE), ids=[f"{stage}-{trigger}" for stage, trigger in TABLE]
)
def test_cell(stage: Stage, trigger: Trigger) -> None:
    before = in_stage(stage)
    if trigger is Trigger.TIMEOUT:
        before = replace(before, condition=Condition.ABNORMAL)
    decided = decide(before, CAUSES[trigger], context(LATER))
    move = TABLE[stage, trigger]
    if move is Move.REFUSE:
        assert isinstance(decided, Declined)
        assert decided.code == ("closed" if stage is Stage.CLOSED else "not_in_stage")
        return
    if move is Move.SAME:
        assert decided == ()
        return
    after = before
    for event in allowed(decided):
        after = evolve(after, event)
    expected = move if isinstance(move, Stage) else verified_stage(after) if move is Move.VERIFIED else stage
    if trigger is Trigger.WORSEN and stage is Stage.VERIFYING:
        expected = Stage.ACTIVE  # the second voice ends the verification
    assert after.stage is expected


def test_the_same_command_again_is_no_error_and_has_no_second_effect() -> None:
    incident = in_stage(Stage.ACTIVE)
    for event in allowed(decide(incident, Accept(incident_id="inc_1", by="duty-1"), context(LATER))):
        incident = evolve(incident, event)
    assert decide(incident, Accept(incident_id="inc_1", by="duty-1"), context(LATER + 1)) == ()


def test_a_real_incident_does_not_close_while_a_detector_still_measures_it() -> None:
    still = replace(in_stage(Stage.ACTIVE), condition=Condition.ABNORMAL)
    declined = decide(
        still, Close(incident_id="inc_1", by="duty-1", disposition=Disposition.REAL), context(LATER)
    )
    assert isinstance(declined, Declined)
    assert declined.code == "still_abnormal"
    closed = decide(
        still, Close(incident_id="inc_1", by="duty-1", disposition=Disposition.FALSE_COOKING), context(LATER)
    )
    assert not isinstance(closed, Declined)


def test_acknowledge_is_not_done_and_says_until_when() -> None:
    incident = replace(in_stage(Stage.ACTIVE), ack=None)
    decided = decide(incident, Acknowledge(incident_id="inc_1", by="duty-1"), context(LATER))
    (event,) = allowed(decided)
    after = evolve(incident, event)
    assert after.stage is Stage.ACTIVE
    assert after.ack == Ack("duty-1", Level.ALARM, LATER, LATER + 180 * SECOND)


def test_only_a_device_that_did_not_speak_before_is_an_independent_source() -> None:
    def independent(transition: Transition) -> bool:
        (joined, *_) = allowed(decide(fresh(), Join(transition), context(LATER)))
        assert joined.kind == "joined"
        return joined.independent

    place_rule = edge("smoke-301", Level.ALARM, rule="fire.two-signs")
    assert independent(edge("heat-301", Level.NOTICE, rule="fire.heat"))
    assert not independent(edge("smoke-301", Level.ALARM, rule="fire.density"))
    assert not independent(replace(place_rule, subject=home(3)))
    assert not independent(edge("unknown:native:x1", Level.ALARM, rule="unknown-device.fire"))


def test_a_crew_is_called_once_and_only_where_there_is_one() -> None:
    ask = Dispatch(incident_id="inc_1", by="duty-1")
    waiting = replace(in_stage(Stage.ACTIVE), condition=Condition.ABNORMAL, ack=None, dispatched_at=None)
    (called,) = allowed(decide(waiting, ask, context(LATER)))
    assert called.kind == "dispatched"
    assert decide(replace(waiting, dispatched_at=T0), ask, context(LATER)) == ()
    assert decide(waiting, ask, replace(context(LATER), station_id=None)) == ()
