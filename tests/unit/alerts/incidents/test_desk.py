"""The desk as a timeline: what people would see, second by second."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.broadcasts.broadcast import Purpose
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import (
    Accept,
    Acknowledge,
    Answer,
    Arrive,
    Close,
    Confirm,
    Contain,
    Declined,
    Dispute,
    Done,
    Resolve,
)
from alerts.incidents.desk import DeskState
from alerts.incidents.events import Because, Disposition
from alerts.incidents.state import Condition, Stage
from devices.instant import HOUR, SECOND
from devices.level import Hazard, Level
from rules.verdict import Transition
from tests.support.community import T0, edge, home
from tests.support.desk import Timeline


def _because(line: Timeline) -> list[Because]:
    return [event.because for event in line.events if event.kind == "activated"]


def test_a_single_alarm_is_verified_for_sixty_seconds_and_then_the_building_is_told() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    assert line.only().stage is Stage.VERIFYING
    assert line.purposes == [Purpose.ALERT]
    line.until(T0 + 60 * SECOND - 1)
    assert line.only().stage is Stage.VERIFYING
    line.until(T0 + 60 * SECOND)
    assert line.only().stage is Stage.ACTIVE
    assert _because(line) == [Because.TIMEOUT]
    assert Purpose.EVACUATE in line.purposes


def test_a_second_independent_source_tells_the_building_at_once_and_raises_the_level() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.edge(edge("heat-301", Level.PREALARM, at=T0 + 5 * SECOND, rule="fire.rise"))
    assert line.only().stage is Stage.ACTIVE
    assert line.only().peak is Level.CRITICAL
    assert _because(line) == [Because.CORROBORATED]
    assert line.purposes == [Purpose.ALERT, Purpose.EVACUATE]


def test_carbon_monoxide_or_a_hot_cable_before_the_smoke_is_a_second_voice_of_a_fire() -> None:
    for hazard in (Hazard.CO, Hazard.ELECTRICAL):
        line = Timeline()
        line.edge(edge("heat-301", Level.PREALARM, hazard=hazard, rule="other"))
        line.edge(edge("smoke-301", Level.ALARM, at=T0 + 5 * SECOND))
        assert _because(line)[-1] is Because.CORROBORATED
        assert line.purposes[-1] is Purpose.EVACUATE


@pytest.mark.parametrize(
    ("device", "level", "hazard"),
    [
        ("smoke-301", Level.ALARM, Hazard.CO),  # the same device
        ("heat-302", Level.ALARM, Hazard.CO),  # another home
        ("heat-301", Level.NOTICE, Hazard.CO),  # too weak
        ("heat-301", Level.ALARM, Hazard.GAS),  # not kindred
        ("unknown:native:x1", Level.ALARM, Hazard.CO),
    ],
)
def test_what_is_no_second_voice_of_a_fire(device: str, level: Level, hazard: Hazard) -> None:
    line = Timeline()
    line.edge(edge(device, level, hazard=hazard, rule="other"))
    line.edge(edge("smoke-301", Level.ALARM, at=T0 + 5 * SECOND))
    assert Because.CORROBORATED not in _because(line)


def test_carbon_monoxide_that_is_over_speaks_for_no_fire() -> None:
    line = Timeline()
    line.edge(edge("heat-301", Level.ALARM, hazard=Hazard.CO, rule="other"))
    line.edge(
        edge("heat-301", Level.CLEAR, before=Level.ALARM, hazard=Hazard.CO, rule="other", at=T0 + SECOND)
    )
    line.edge(edge("smoke-301", Level.ALARM, at=T0 + 5 * SECOND))
    assert Because.CORROBORATED not in _because(line)


def test_two_rules_of_the_same_device_are_one_voice() -> None:
    line = Timeline()
    line.edge(edge("heat-301", Level.ALARM, rule="fire.heat"))
    line.edge(edge("heat-301", Level.ALARM, at=T0 + SECOND, rule="fire.rise"))
    assert line.only().stage is Stage.VERIFYING
    assert line.only().peak is Level.ALARM


def test_unknown_devices_never_corroborate_and_never_move_the_community() -> None:
    line = Timeline()
    for number in range(5):
        line.edge(edge(f"unknown:native:x{number}", Level.ALARM, at=T0 + number, rule="unknown-device.fire"))
    line.until(T0 + HOUR)
    assert len(line.desk.incidents) == 1
    assert line.only().peak is Level.ALARM
    assert Purpose.EVACUATE not in line.purposes
    assert Purpose.GROWN not in line.purposes


def test_a_persons_confirmation_ends_the_window_and_makes_an_alarm_of_a_suspicion() -> None:
    line = Timeline()
    line.edge(edge("heat-301", Level.PREALARM, rule="fire.rise"))
    assert line.purposes == [Purpose.NOTICE]
    assert isinstance(line.ask(Confirm(incident_id=line.only().id, by="duty-1"), T0 + SECOND), Done)
    assert line.only().stage is Stage.ACTIVE
    assert line.only().peak is Level.ALARM
    assert line.purposes == [Purpose.NOTICE, Purpose.EVACUATE]


def test_a_dispute_gives_ninety_seconds_and_the_window_still_ends() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.ask(Dispute(incident_id=line.only().id, by="duty-1", reason="cooking"), T0 + 50 * SECOND)
    line.until(T0 + 89 * SECOND)
    assert line.only().stage is Stage.VERIFYING
    line.until(T0 + 90 * SECOND)
    assert line.only().stage is Stage.ACTIVE


def test_a_source_that_went_back_to_normal_tells_the_next_tier_but_sounds_no_siren() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.edge(edge("smoke-301", Level.CLEAR, before=Level.ALARM, at=T0 + 30 * SECOND))
    assert line.only().condition is Condition.NORMAL
    line.until(T0 + 61 * SECOND)
    assert line.only().stage is Stage.VERIFYING
    assert Purpose.EVACUATE not in line.purposes
    assert Purpose.ESCALATE in line.purposes
    assert line.only().is_open


def test_a_source_that_fell_silent_counts_as_not_over() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.edge(edge("smoke-301", Level.UNKNOWN, before=Level.ALARM, at=T0 + 30 * SECOND))
    assert line.only().condition is Condition.UNKNOWN
    line.until(T0 + 61 * SECOND)
    assert line.only().stage is Stage.ACTIVE


def test_an_alarm_that_comes_again_after_its_window_opens_a_new_window() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.edge(edge("smoke-301", Level.CLEAR, before=Level.ALARM, at=T0 + 10 * SECOND))
    line.until(T0 + 100 * SECOND)
    line.edge(edge("smoke-301", Level.ALARM, at=T0 + 200 * SECOND))
    assert line.only().window_until == T0 + 260 * SECOND
    line.until(T0 + 260 * SECOND)
    assert line.only().stage is Stage.ACTIVE


def test_nobody_acknowledged_tells_a_next_tier_at_60_180_and_300_seconds() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.until(T0 + HOUR)
    tiers = [(event.at - T0) // SECOND for event in line.events if event.kind == "escalated"]
    assert tiers == [60, 180, 300]


def test_an_acknowledgement_stops_the_tiers_and_lapses_without_progress() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.ask(Acknowledge(incident_id=line.only().id, by="duty-1"), T0 + 20 * SECOND)
    line.until(T0 + 199 * SECOND)
    assert line.only().tier == 0
    line.until(T0 + 200 * SECOND)
    assert line.only().ack is None
    assert line.only().tier == 2  # the tiers of 60 and 180 s are overdue by then


def test_progress_keeps_the_acknowledgement() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.ask(Acknowledge(incident_id=line.only().id, by="duty-1"), T0 + 20 * SECOND)
    line.ask(Accept(incident_id=line.only().id, by="crew-1"), T0 + 30 * SECOND)
    line.until(T0 + HOUR)
    assert line.only().ack is not None
    assert line.only().tier == 0


def test_the_tiers_count_from_the_alarm_and_not_from_the_suspicion() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.PREALARM))
    line.edge(edge("smoke-301", Level.ALARM, before=Level.PREALARM, at=T0 + 100 * SECOND))
    line.until(T0 + HOUR)
    assert [(e.at - T0) // SECOND for e in line.events if e.kind == "escalated"] == [160, 280, 400]


def test_where_nothing_sounds_an_acknowledgement_is_told_to_nobody_and_versions_count_up() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.ask(Acknowledge(incident_id=line.only().id, by="duty-1"), T0 + 20 * SECOND)
    line.until(T0 + 60 * SECOND)
    assert [(e.purpose, e.version) for e in line.events if e.kind == "announced"] == [
        ("alert", 1),
        ("evacuate", 2),
        ("escalate", 3),  # the crew did not answer
    ]


def test_a_higher_level_ends_the_acknowledgement_at_once() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.ask(Acknowledge(incident_id=line.only().id, by="duty-1"), T0 + SECOND)
    line.edge(edge("heat-301", Level.ALARM, at=T0 + 2 * SECOND, rule="fire.heat"))
    assert line.only().ack is None
    assert "lapsed" in line.kinds()


def test_the_crews_clocks_run_out_at_one_three_and_five_minutes() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.until(T0 + HOUR)
    overdue = [((event.at - T0) // SECOND, event.clock) for event in line.events if event.kind == "overdue"]
    assert overdue == [(60, "accept"), (180, "arrive"), (300, "joint")]


def test_a_crew_that_arrives_stops_its_clocks_and_moves_the_stage_after_verification() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.ask(Accept(incident_id=line.only().id, by="crew-1"), T0 + 10 * SECOND)
    assert line.only().stage is Stage.VERIFYING
    line.until(T0 + 60 * SECOND)
    assert line.only().stage is Stage.RESPONDING
    line.ask(Arrive(incident_id=line.only().id, by="crew-1"), T0 + 100 * SECOND)
    assert line.only().stage is Stage.ON_SCENE
    line.until(T0 + HOUR)
    assert line.only().overdue == ()


def test_another_floor_of_the_stair_joins_and_people_are_told_again() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.until(T0 + 60 * SECOND)
    line.edge(edge("smoke-401", Level.ALARM, at=T0 + 70 * SECOND))
    line.edge(edge("smoke-601", Level.ALARM, at=T0 + 80 * SECOND))
    assert len(line.desk.incidents) == 1
    assert line.only().places == (home(3), home(4), home(6))
    assert line.purposes.count(Purpose.GROWN) == 2


def test_the_same_edge_again_changes_nothing_and_tells_nobody() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    told = list(line.purposes)
    line.edge(edge("smoke-301", Level.ALARM, before=Level.UNKNOWN, at=T0 + 3 * SECOND))
    assert line.purposes == told
    assert len(line.only().standings) == 1


def test_gas_closes_by_measurement_and_not_by_a_statement() -> None:
    line = Timeline()
    line.edge(edge("gas-301", Level.ALARM, hazard=Hazard.GAS, rule="gas.lel"))
    close = Close(incident_id=line.only().id, by="duty-1", disposition=Disposition.FALSE_DEVICE)
    answer = line.ask(close, T0 + 10 * SECOND)
    assert isinstance(answer, Declined)
    assert answer.code == "still_abnormal"
    line.edge(edge("gas-301", Level.CLEAR, at=T0 + 20 * SECOND, hazard=Hazard.GAS, rule="gas.lel"))
    assert isinstance(line.ask(close, T0 + 30 * SECOND), Done)


def _gas(level: Level, seconds: int, before: Level = Level.CLEAR, device: str = "gas-301") -> Transition:
    at = T0 + seconds * SECOND
    return edge(device, level, before=before, at=at, hazard=Hazard.GAS, rule="gas.lel")


def test_nobody_is_told_to_return_while_gas_is_measured() -> None:
    line = Timeline()
    line.edge(_gas(Level.CRITICAL, 0))
    resolve = Resolve(incident_id=line.only().id, by="duty-1")
    answer = line.ask(resolve, T0 + 30 * SECOND)
    assert isinstance(answer, Declined)
    assert answer.code == "still_abnormal"
    assert Purpose.ALL_CLEAR not in line.purposes
    line.edge(_gas(Level.CLEAR, 40, before=Level.CRITICAL))
    assert isinstance(line.ask(resolve, T0 + 50 * SECOND), Done)


def test_where_gas_cannot_be_measured_any_more_two_people_end_it_and_one_of_them_is_there() -> None:
    line = Timeline()
    line.edge(_gas(Level.CRITICAL, 0))
    line.edge(_gas(Level.UNKNOWN, 5, before=Level.CRITICAL))
    name = line.only().id

    def close(by: str) -> Answer:
        return line.ask(Close(incident_id=name, by=by, disposition=Disposition.REAL), T0 + 90 * SECOND)

    assert isinstance(close("duty-1"), Declined), "nobody was there"
    line.ask(Arrive(incident_id=name, by="crew-1"), T0 + 60 * SECOND)
    assert isinstance(close("crew-1"), Declined), "the same person"
    assert isinstance(close("duty-1"), Done)


def test_a_gas_alarm_of_a_device_that_nobody_registered_does_not_stay_for_ever() -> None:
    line = Timeline()
    line.edge(_gas(Level.ALARM, 0, device="unknown:native:x1"))
    close = Close(incident_id=line.only().id, by="duty-1", disposition=Disposition.FALSE_DEVICE)
    assert isinstance(line.ask(close, T0 + 10 * SECOND), Done)


def test_a_fire_that_cools_after_it_was_contained_is_not_reopened() -> None:
    line = Timeline()
    line.edge(edge("heat-301", Level.ALARM))
    line.until(T0 + 60 * SECOND)
    line.ask(Contain(incident_id=line.only().id, by="crew-1"), T0 + 70 * SECOND)
    told = list(line.purposes)
    line.edge(edge("heat-301", Level.PREALARM, before=Level.ALARM, at=T0 + 80 * SECOND))
    assert (line.only().stage, line.purposes) == (Stage.CONTAINED, told)
    line.edge(edge("heat-301", Level.ALARM, before=Level.PREALARM, at=T0 + 90 * SECOND))
    assert (line.only().stage, line.purposes[-1]) == (Stage.ACTIVE, Purpose.GROWN)


def test_a_stranger_that_repeats_its_alarm_does_not_reopen_what_is_contained() -> None:
    line = Timeline()
    stranger = edge("unknown:native:x1", Level.ALARM, before=Level.UNKNOWN, rule="unknown-device.fire")
    line.edge(stranger)
    line.ask(Contain(incident_id=line.only().id, by="crew-1"), T0 + 10 * SECOND)
    line.edge(replace(stranger, at=T0 + 20 * SECOND))
    assert line.only().stage is Stage.CONTAINED


def test_a_step_down_after_it_was_closed_as_false_opens_nothing_and_speaks_for_nothing() -> None:
    line = Timeline()
    line.edge(edge("heat-301", Level.ALARM))
    close = Close(incident_id=line.only().id, by="duty-1", disposition=Disposition.FALSE_DEVICE)
    line.ask(close, T0 + 10 * SECOND)
    line.edge(edge("smoke-401", Level.ALARM, at=T0 + 20 * SECOND))
    line.edge(edge("heat-301", Level.PREALARM, before=Level.ALARM, at=T0 + 30 * SECOND))
    assert len(line.desk.incidents) == 2
    assert Purpose.EVACUATE not in line.purposes


def test_what_is_reopened_belongs_to_nobody_and_its_clocks_start_anew() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    name = line.only().id
    line.ask(Acknowledge(incident_id=name, by="duty-1"), T0 + 10 * SECOND)
    line.ask(Accept(incident_id=name, by="crew-1"), T0 + 20 * SECOND)
    line.until(T0 + 60 * SECOND)
    line.ask(Resolve(incident_id=name, by="duty-1"), T0 + 100 * SECOND)
    line.edge(edge("smoke-301", Level.CLEAR, before=Level.ALARM, at=T0 + 110 * SECOND))
    again = T0 + 2000 * SECOND
    line.edge(edge("smoke-301", Level.ALARM, at=again))
    assert (line.only().ack, line.only().stage) == (None, Stage.ACTIVE)
    line.until(again + HOUR)
    late = [
        ((e.at - again) // SECOND, e.kind)
        for e in line.events
        if e.at >= again and e.kind in ("escalated", "overdue")
    ]
    assert late == [(at, kind) for at in (60, 180, 300) for kind in ("escalated", "overdue")]


def test_a_crew_that_is_still_there_needs_not_be_called_again() -> None:
    line = Timeline()
    line.edge(edge("heat-301", Level.ALARM))
    name = line.only().id
    line.until(T0 + 60 * SECOND)
    line.ask(Arrive(incident_id=name, by="crew-1"), T0 + 70 * SECOND)
    line.ask(Contain(incident_id=name, by="crew-1"), T0 + 80 * SECOND)
    line.edge(edge("smoke-301", Level.ALARM, at=T0 + 90 * SECOND))
    assert line.only().stage is Stage.ON_SCENE


def test_a_closed_incident_stays_closed_and_a_recurrence_is_a_new_linked_one() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    first = line.only().id
    close = Close(incident_id=first, by="duty-1", disposition=Disposition.FALSE_COOKING)
    assert isinstance(line.ask(close, T0 + 10 * SECOND), Done)
    assert line.purposes[-1] is Purpose.RETRACT
    line.edge(edge("smoke-301", Level.CLEAR, before=Level.ALARM, at=T0 + 20 * SECOND))
    line.edge(edge("smoke-301", Level.ALARM, at=T0 + 30 * SECOND))
    assert len(line.desk.incidents) == 2
    second = next(i for i in line.desk.incidents.values() if i.id != first)
    assert second.again_of == first
    assert line.desk.incidents[first].stage is Stage.CLOSED
    answer = line.ask(Acknowledge(incident_id=first, by="duty-1"), T0 + 40 * SECOND)
    assert isinstance(answer, Declined)


def test_the_all_clear_is_said_once_to_those_who_were_told() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.until(T0 + 60 * SECOND)
    name = line.only().id
    line.ask(Contain(incident_id=name, by="crew-1"), T0 + 100 * SECOND)
    line.ask(Resolve(incident_id=name, by="duty-1"), T0 + 110 * SECOND)
    line.edge(edge("smoke-301", Level.CLEAR, before=Level.ALARM, at=T0 + 115 * SECOND))
    line.ask(Close(incident_id=name, by="duty-1", disposition=Disposition.REAL), T0 + 120 * SECOND)
    assert line.purposes.count(Purpose.ALL_CLEAR) == 1


def test_an_alarm_in_something_resolved_reopens_it_by_itself() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.until(T0 + 60 * SECOND)
    line.ask(Resolve(incident_id=line.only().id, by="duty-1"), T0 + 70 * SECOND)
    line.edge(edge("heat-301", Level.ALARM, at=T0 + 80 * SECOND, rule="fire.heat"))
    assert line.only().stage is Stage.ACTIVE
    assert line.purposes[-1] is Purpose.GROWN


def test_a_drill_never_joins_a_live_incident() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM, test=True))
    line.edge(edge("smoke-302", Level.ALARM, at=T0 + SECOND))
    assert {incident.drill for incident in line.desk.incidents.values()} == {True, False}


def test_flood_needs_no_window_and_an_sos_moves_nobody() -> None:
    line = Timeline()
    line.edge(edge("level-1", Level.ALARM, hazard=Hazard.FLOOD, rule="flood.depth"))
    assert line.only().stage is Stage.ACTIVE
    assert line.purposes == [Purpose.EVACUATE]
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM, hazard=Hazard.SOS, rule="sos"))
    assert line.only().stage is Stage.ACTIVE
    assert line.purposes == [Purpose.ALERT]


def test_receipts_move_forward_only() -> None:
    line = Timeline()
    said = line.edge(edge("smoke-301", Level.ALARM))
    send = said.broadcasts[0].sends[0]
    stamp = lambda: "x"  # noqa: E731  # a name for an id that does not matter here

    def report(state: State) -> int:
        outcome = SendOutcome(send.incident_id, send.key, send.recipient.id, "console", state)
        return len(line.desk.outcome(outcome, T0 + SECOND, stamp).events)

    assert report(State.DELIVERED) == 1
    assert report(State.HANDED_OFF) == 0
    assert report(State.DELIVERED) == 0
    assert line.desk.told(send.incident_id)[0].state is State.DELIVERED


def test_a_restored_desk_goes_on_in_the_middle_of_a_window() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    line.until(T0 + 30 * SECOND)
    later = Timeline()
    kept = [(key, state) for key, state in line.desk.drain() if isinstance(state, DeskState)]
    later.desk.restore(kept)
    assert later.desk.next_deadline() == T0 + 60 * SECOND
    later.until(T0 + 60 * SECOND)
    assert later.only().stage is Stage.ACTIVE
    later.edge(edge("smoke-301", Level.CLEAR, before=Level.ALARM, at=T0 + 70 * SECOND))
    assert len(later.desk.incidents) == 1


def test_closed_incidents_are_forgotten_after_a_day() -> None:
    line = Timeline()
    line.edge(edge("smoke-301", Level.ALARM))
    name = line.only().id
    line.ask(Close(incident_id=name, by="duty-1", disposition=Disposition.FALSE_COOKING), T0 + SECOND)
    line.desk.drain()
    line.edge(edge("smoke-401", Level.ALARM, at=T0 + 25 * HOUR))
    assert name not in line.desk.incidents
    assert dict(line.desk.drain())[name] is None
