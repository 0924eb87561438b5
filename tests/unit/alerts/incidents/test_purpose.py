"""One change, at most one broadcast: the strongest."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from alerts.broadcasts.broadcast import Purpose
from alerts.incidents import events as e
from alerts.incidents.evolution import evolve
from alerts.incidents.purpose import purpose_of
from alerts.incidents.state import Ack, Incident, Stage
from alerts.incidents.territory import Territory
from alerts.response.plan import PLANS
from devices.level import Hazard, Level
from tests.support.community import T0, home, inventory
from tests.unit.alerts.incidents.test_incident import fresh

HERE = Territory(inventory())


def said(before: Incident, *events: e.Event, hazard: Hazard = Hazard.FIRE) -> Purpose | None:
    after = before
    for event in events:
        after = evolve(after, event)
    return purpose_of(before, after, events, PLANS[hazard], HERE)


def happened(kind: type[e.Event], **facts: object) -> e.Event:
    return kind(id="x", incident_id="inc_1", at=T0 + 1, **facts)  # type: ignore[arg-type] # fields by name


def joined(level: Level, place: str) -> e.Event:
    return happened(
        e.Joined,
        subject="smoke-401",
        place_id=place,
        rule_id="r",
        rule_version="1",
        level=level,
        evidence=(),
        independent=True,
    )


def test_an_activation_moves_people_and_one_of_an_sos_does_not() -> None:
    activated = happened(e.Activated, because=e.Because.TIMEOUT)
    assert said(fresh(), activated) is Purpose.EVACUATE
    assert said(fresh(), activated, hazard=Hazard.SOS) is Purpose.ESCALATE


def test_without_a_place_nobody_is_moved() -> None:
    nowhere = replace(fresh(), place_id="c")
    assert said(nowhere, happened(e.Activated, because=e.Because.TIMEOUT)) is Purpose.ESCALATE


def test_a_further_place_at_alarm_is_growth_and_a_repeat_is_nothing() -> None:
    active = replace(fresh(), stage=Stage.ACTIVE)
    assert said(active, joined(Level.ALARM, home(4))) is Purpose.GROWN
    assert said(active, joined(Level.NOTICE, home(4))) is None
    assert said(active, joined(Level.ALARM, home(3))) is None


def test_growth_while_verifying_is_told_to_those_who_know_already() -> None:
    assert said(fresh(), joined(Level.ALARM, home(4))) is Purpose.ALERT


def test_endings_are_said_once_and_as_what_they_are() -> None:
    active = replace(fresh(), stage=Stage.ACTIVE)
    resolved = happened(e.Resolved, by="x")
    assert said(active, resolved) is Purpose.ALL_CLEAR
    real = happened(e.Closed, by="x", disposition=e.Disposition.REAL)
    false = happened(e.Closed, by="x", disposition=e.Disposition.FALSE_COOKING)
    assert said(active, real) is Purpose.ALL_CLEAR
    assert said(active, false) is Purpose.RETRACT
    assert said(replace(active, stage=Stage.RESOLVED, said="all_clear"), real) is None


def test_a_tier_that_is_due_is_an_escalation() -> None:
    assert said(fresh(), happened(e.Escalated, tier=1)) is Purpose.ESCALATE


def test_an_electrical_fire_moves_people_once_somebody_agrees() -> None:
    alone = replace(fresh(), stage=Stage.ACTIVE)
    confirmed = happened(e.Confirmed, by="x")
    assert said(alone, joined(Level.ALARM, home(3)), hazard=Hazard.ELECTRICAL) is Purpose.EVACUATE
    assert said(alone, confirmed, hazard=Hazard.ELECTRICAL) is Purpose.EVACUATE
    assert said(alone, confirmed, hazard=Hazard.SOS) is Purpose.ALERT


def test_what_is_reopened_goes_to_all_who_were_told_before() -> None:
    over = replace(fresh(), stage=Stage.RESOLVED)
    assert said(over, happened(e.Reopened, by="x")) is Purpose.GROWN


def test_a_suspicion_that_comes_back_moves_nobody() -> None:
    weak = replace(fresh(), stage=Stage.CONTAINED, peak=Level.PREALARM, alarm_at=None)
    assert said(weak, happened(e.Reopened, by="x")) is None


def test_a_crew_that_is_called_by_a_person_is_told_and_so_is_the_household() -> None:
    weak = replace(fresh(), peak=Level.PREALARM, dispatched_at=None)
    assert said(weak, happened(e.Dispatched, station_id="s1")) is Purpose.ALERT


def test_an_owner_whose_crew_does_not_come_is_told_and_without_one_the_tiers_tell() -> None:
    late = happened(e.Overdue, clock="accept")
    assert said(fresh(), late) is None
    assert said(replace(fresh(), ack=Ack("x", Level.ALARM, T0, T0 + 9)), late) is Purpose.ESCALATE


def test_an_owner_of_the_last_tier_who_does_nothing_is_not_the_end_of_it() -> None:
    lapsed = happened(e.Lapsed, because="time")
    assert said(replace(fresh(), tier=2), lapsed) is None, "the third tier comes by itself"
    assert said(replace(fresh(), tier=3), lapsed) is Purpose.ESCALATE


def test_an_acknowledgement_silences() -> None:
    assert said(fresh(), happened(e.Acknowledged, by="x", level=Level.ALARM, until=T0 + 9)) is Purpose.OWNED


def test_what_only_people_do_is_told_to_nobody() -> None:
    quiet: Iterable[e.Event] = (
        happened(e.Accepted, by="x"),
        happened(e.Arrived, by="x"),
    )
    assert all(said(fresh(), event) is None for event in quiet)
