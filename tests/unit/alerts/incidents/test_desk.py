"""The desk as a timeline: what people would see, second by second."""

from __future__ import annotations

from alerts.broadcasts.broadcast import Purpose
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import (
    Accept,
    Acknowledge,
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
