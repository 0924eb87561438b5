"""One record in, everything that follows out: acknowledgements, incidents, broadcasts, in the right order."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from alerts.broadcasts.broadcast import Purpose
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Acknowledge, Close, Confirm, Declined, Done
from alerts.incidents.events import Disposition
from alerts.incidents.state import Condition, Stage
from anmin import houses
from anmin.codec import dump
from anmin.house import House
from anmin.monitor import CAUGHT_UP, START, Effects, Monitor
from devices.device import Device
from devices.instant import SECOND, rfc3339
from devices.inventory import Inventory
from devices.level import Hazard, Level
from ingest import native
from ingest.message import CommandResult, Decoded, Ignored, Point, Reason, RecordKind
from ingest.registry import Subscription
from rules.spec import RuleSet
from tests.support.community import SMOKE, T0, home, inventory, places
from tests.support.memory import Memory, handle, said
from tests.support.monitor import TERMS, Story, dialects, house
from tests.support.rulebook import pack

ACK = "anmin/c/smoke-301/ack"


def body(id: str | None, seq: int = 1, **values: object) -> str:
    """A native message; with an id an event."""
    said = {"v": 1, "boot": 1, "seq": seq, "at": rfc3339(T0), "values": values}
    return json.dumps(said | ({"id": id} if id is not None else {}))


def purposes(*effects: Effects) -> list[Purpose]:
    return [broadcast.purpose for one in effects for broadcast in one.broadcasts]


def kinds(effects: Effects) -> list[str]:
    return [event.kind for _, _, event in effects.events]


# Application acknowledgements -------------------------------------------------------------------------------


def test_an_event_is_acknowledged_each_time_it_is_said_and_has_its_effect_once() -> None:
    story = Story()
    text = body("e1", smoke_alarm=True)
    first = story.message(0, "anmin/c/smoke-301/event", text)
    again = [story.message(second, "anmin/c/smoke-301/event", text, dup=second == 2) for second in (2, 9)]
    assert [one.replies for one in (first, *again)] == [[(ACK, native.ack("e1"))]] * 3
    assert purposes(first, *again) == [Purpose.ALERT]
    assert [incident.place_id for incident in story.incidents] == [home(3)]
    assert [one.heard[0].duplicate for one in (first, *again)] == [False, True, True]
    assert again[0].events == again[1].events == []


def test_a_reading_is_not_acknowledged() -> None:
    assert Story().says(0, "smoke-301", smoke_alarm=False).replies == []


def test_a_reject_that_has_an_id_is_refused_with_its_reason() -> None:
    effects = Story().message(0, "anmin/c/smoke-301/event", body("e1", smoke_alarm="yes"))
    ((topic, payload),) = effects.replies
    answer = json.loads(payload)
    assert topic == ACK
    assert (answer["id"], answer["ok"], answer["reason"]) == ("e1", False, Reason.WRONG_TYPE.value)
    assert answer["detail"]
    assert effects.rejected is not None
    assert (effects.events, effects.heard) == ([], [])


@pytest.mark.parametrize("payload", [b"{", b'{"v":1,"values":{"smoke_alarm":"yes"}}', b"\xff\xfe"])
def test_a_reject_without_an_id_gets_no_answer(payload: bytes) -> None:
    effects = Story().record(0, RecordKind.MESSAGE, "anmin/c/smoke-301/event", payload)
    assert effects.replies == []
    assert effects.rejected is not None


def test_a_reject_of_a_foreign_dialect_gets_no_answer() -> None:
    effects = Story().message(0, "zigbee2mqtt/hall", '{"id":"e1"')
    assert effects.rejected is not None
    assert effects.replies == []


def test_what_became_of_a_command_is_handed_on() -> None:
    effects = Story().message(0, "anmin/c/siren-1/result", '{"v":1,"id":"cmd-1","done":true}')
    assert effects.results == [CommandResult("cmd-1", "siren-1", True, "")]


def test_a_message_of_no_dialect_is_rejected_and_nothing_else() -> None:
    effects = Story().message(0, "weather/today", "{}")
    assert effects.rejected is not None
    assert effects.rejected.reason is Reason.NO_DIALECT
    assert (effects.heard, effects.replies, effects.events) == ([], [], [])


# Strangers --------------------------------------------------------------------------------------------------


def test_alarms_of_unknown_devices_fold_into_one_incident_at_the_community_and_move_nobody() -> None:
    story = Story()
    for number in range(5):
        effects = story.says(number, f"x-{number}", event=f"e{number}", smoke_alarm=True)
        assert effects.replies == [(f"anmin/c/x-{number}/ack", native.ack(f"e{number}"))]
        assert effects.heard[0].unknown
    story.message(6, "zigbee2mqtt/nobody knows", '{"smoke":true}')
    story.wait(3600)
    (one,) = story.incidents
    assert (one.place_id, one.hazard, one.peak) == ("c", Hazard.FIRE, Level.ALARM)
    assert len(one.sources) == 6
    assert Purpose.EVACUATE not in purposes(*story.effects)
    assert Purpose.ALERT in purposes(*story.effects)
    assert not any("resident" in line for line in story.told())


def test_a_known_device_beside_a_stranger_is_an_incident_of_its_own_that_does_evacuate() -> None:
    story = Story()
    story.says(0, "x-1", event="e1", smoke_alarm=True)
    story.says(1, "smoke-301", event="e2", smoke_alarm=True)
    story.wait(100)
    assert {incident.place_id for incident in story.incidents} == {"c", home(3)}
    evacuated = [b for one in story.effects for b in one.broadcasts if b.purpose is Purpose.EVACUATE]
    assert [story.monitor.desk.incidents[b.incident_id].place_id for b in evacuated] == [home(3)]


# Time -------------------------------------------------------------------------------------------------------


def test_a_deadline_fires_before_the_record_that_is_later_and_at_its_own_time() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    effects = story.says(61, "smoke-301", smoke_alarm=False)
    before = [event.at for _, _, event in effects.events if event.kind in ("activated", "escalated")]
    after = [event.at for _, _, event in effects.events if event.kind in ("changed", "cleared")]
    assert before == [T0 + 60 * SECOND, T0 + 60 * SECOND]
    assert set(after) == {T0 + 61 * SECOND}
    assert kinds(effects).index("activated") < kinds(effects).index("changed")
    assert purposes(effects)[:2] == [Purpose.EVACUATE, Purpose.ESCALATE]


def test_a_deadline_exactly_at_the_record_comes_first_too() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    (one,) = story.incidents
    effects = story.asks(60, Close(incident_id=one.id, by="duty-1", disposition=Disposition.FALSE_COOKING))
    assert kinds(effects)[0] == "activated"


def test_a_hold_of_the_rules_ends_at_its_own_time_whoever_speaks_next() -> None:
    story = Story()
    story.says(0, "smoke-301", smoke_obscuration_db_per_m=0.5)
    assert story.monitor.next_deadline() == T0 + 10 * SECOND
    effects = story.says(500, "gas-101", gas_lel_percent=0.0)
    opened = effects.events[0][2]
    assert (opened.kind, opened.at) == ("opened", T0 + 10 * SECOND)
    assert [incident.opened_at for incident in story.incidents] == [T0 + 10 * SECOND]


def test_a_tick_record_fires_what_is_due_and_names_the_next_deadline() -> None:
    story = Story()
    assert story.monitor.next_deadline() is None
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    assert story.monitor.next_deadline() == T0 + 60 * SECOND
    assert kinds(story.wait(59.9)) == []
    assert "activated" in kinds(story.wait(60))
    assert story.monitor.next_deadline() == T0 + 180 * SECOND


def test_between_start_and_caught_up_nothing_fires_and_then_all_that_is_still_due() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    story.record(1, RecordKind.EPOCH, START, b"")
    assert story.monitor.next_deadline() is None
    silent = [story.wait(90), story.says(95, "gas-101", gas_lel_percent=0.0)]
    assert [kinds(one) for one in silent] == [[], []]
    effects = story.record(100, RecordKind.EPOCH, CAUGHT_UP, b"")
    assert [event.at - T0 for _, _, event in effects.events] == [60 * SECOND] * len(effects.events)
    assert purposes(effects) == [Purpose.EVACUATE, Purpose.ESCALATE]
    assert story.monitor.next_deadline() == T0 + 180 * SECOND


def test_what_was_answered_while_sources_caught_up_is_not_escalated() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    story.record(50, RecordKind.EPOCH, START, b"")
    (one,) = story.incidents
    story.asks(70, Close(incident_id=one.id, by="duty-1", disposition=Disposition.FALSE_COOKING))
    effects = story.record(80, RecordKind.EPOCH, CAUGHT_UP, b"")
    assert (effects.events, effects.broadcasts) == ([], [])
    assert purposes(*story.effects) == [Purpose.ALERT, Purpose.RETRACT]


def test_a_step_of_the_wall_clock_changes_nothing() -> None:
    story = Story()
    story.record(0, RecordKind.EPOCH, "step", b"3600000000")
    story.says(1, "smoke-301", event="e1", smoke_alarm=True)
    effects = story.record(2, RecordKind.EPOCH, "step", b"-5")
    assert effects.events == []
    assert story.monitor.next_deadline() == T0 + 61 * SECOND


# Commands and outcomes --------------------------------------------------------------------------------------


def test_a_command_is_answered_and_one_for_no_incident_is_declined() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    (one,) = story.incidents
    effects = story.asks(5, Acknowledge(incident_id=one.id, by="duty-1"))
    assert (effects.answer, kinds(effects)) == (Done(one.id, "verifying"), ["acknowledged", "announced"])
    declined = story.asks(6, Confirm(incident_id="inc_none", by="duty-1")).answer
    assert isinstance(declined, Declined)
    assert declined.code == "no_such_incident"


def test_an_outcome_is_an_event_once_and_is_handed_on_each_time() -> None:
    story = Story()
    alert = story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    send = alert.broadcasts[0].sends[0]
    who = send.recipient
    outcome = SendOutcome(send.incident_id, send.key, who.id, who.channel, State.HANDED_OFF)
    first, second = (story.record(at, RecordKind.OUTCOME, send.key, dump(outcome).encode()) for at in (1, 2))
    assert (kinds(first), kinds(second)) == (["delivered"], [])
    assert first.outcome == second.outcome == outcome


# Ids and replay ---------------------------------------------------------------------------------------------


def night() -> Story:
    """A bit of everything."""
    story = Story()
    story.record(0, RecordKind.EPOCH, START, b"")
    story.record(0, RecordKind.EPOCH, CAUGHT_UP, b"")
    story.says(1, "smoke-301", event="e1", smoke_alarm=True)
    story.says(2, "x-1", event="e2", gas_alarm=True)
    story.says(3, "smoke-401", smoke_obscuration_db_per_m=0.5)
    story.message(4, "anmin/c/smoke-301/event", body("bad", smoke_alarm=7))
    story.wait(70)
    first = min(story.monitor.desk.incidents)
    story.asks(80, Acknowledge(incident_id=first, by="duty-1"))
    story.says(90, "heat-301", temperature_c=60.0)
    story.wait(900)
    return story


def test_every_event_has_an_id_of_its_own_from_its_record_and_place_in_it() -> None:
    story = night()
    ids = [event.id for event in story.events()]
    assert len(ids) == len(set(ids)) > 10
    for effects in story.effects:
        for number, (sequence, position, event) in enumerate(effects.events):
            assert (sequence, position) == (effects.record.sequence, number)
            assert event.id.startswith(f"evt_{sequence:012x}_")


def test_the_same_records_lead_to_the_same_in_a_second_monitor() -> None:
    story, other = night(), Story()
    again = [other.monitor.handle(effects.record) for effects in story.effects]
    assert said(again) == said(story.effects)
    assert other.monitor.desk.incidents == story.monitor.desk.incidents


def test_a_monitor_restored_after_any_record_goes_on_as_if_nothing_had_been() -> None:
    story, memory, monitor = night(), Memory(), Story().monitor
    again = []
    for effects in story.effects:
        again.append(monitor.handle(effects.record))
        memory.keep(monitor)
        monitor = memory.restored(house())
        due = monitor.next_deadline()
        assert due is None or due > effects.record.at
    assert said(again) == said(story.effects)
    assert monitor.desk.incidents == story.monitor.desk.incidents


def test_that_sources_were_catching_up_survives_a_restart() -> None:
    story, memory = Story(), Memory()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    story.record(1, RecordKind.EPOCH, START, b"")
    memory.keep(story.monitor)
    assert memory.restored(house()).next_deadline() is None


def test_what_was_drained_is_not_drained_again() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    rooms = story.monitor.drain()
    assert [key for key, _ in rooms["admission"]] == ["smoke-301"]
    assert len(rooms["desk"]) == 1
    assert rooms["engine"]
    empty = {room: entries for room, entries in story.monitor.drain().items() if room != "monitor"}
    assert set(empty) == {"admission", "engine", "desk", "supervision", "operations", "dialects"}
    assert not any(empty.values())


# Another house ----------------------------------------------------------------------------------------------


class Alias(NamedTuple):
    """What a dialect keeps in mind of one sender."""

    quantity: str


class Forgetful:
    """Learns on `learn/<sender>` what bare alarms on `say/<sender>` mean; asks when it does not know."""

    name = "forgetful"
    MEMORY = Alias

    def __init__(self) -> None:
        self.known: dict[str, Alias] = {}
        self.changed: dict[str, None] = {}

    def subscriptions(self) -> tuple[Subscription, ...]:
        return ()

    def claims(self, topic: str) -> bool:
        return topic.startswith(("learn/", "say/"))

    def decode(self, topic: str, payload: bytes, retain: bool) -> tuple[Decoded, ...] | Ignored:
        verb, _, sender = topic.partition("/")
        if verb == "learn":
            self.known[sender] = Alias(payload.decode())
            self.changed[sender] = None
            return Ignored("learnt")
        if sender not in self.known:
            return (Decoded(self.name, sender, asks=((f"tell/{sender}", b"?"),)),)
        return (Decoded(self.name, sender, (Point(self.known[sender].quantity, 1.0),)),)

    def drain(self) -> list[tuple[str, object | None]]:
        changed, self.changed = self.changed, {}
        return [(key, self.known.get(key)) for key in changed]

    def restore(self, entries: Iterable[tuple[str, Any]]) -> None:
        self.known = dict(entries)


def test_what_a_dialect_learnt_survives_a_restart_and_what_it_lacks_is_asked_for() -> None:
    def monitor() -> Monitor:
        registry = dialects()
        registry.add(Forgetful())
        return Monitor(house(), registry)

    story, memory = Story(), Memory()
    story.monitor = monitor()
    assert story.message(0, "say/a b", b"").replies == [("tell/a b", b"?")]
    story.message(1, "learn/a b", b"smoke_alarm")
    memory.keep(story.monitor)
    story.monitor = monitor()
    story.monitor.restore(memory.rooms())
    effects = story.message(2, "say/a b", b"")
    assert [reading.quantity for reading in effects.heard[0].readings] == ["smoke_alarm"]
    assert effects.replies == []


def put_in_force(story: Story, seconds: float, new: House) -> Effects:
    return story.record(seconds, RecordKind.VERSION, "version", houses.signature(new).encode(), new)


def test_what_was_due_before_other_rules_came_happens_by_the_old_ones() -> None:
    story = Story()
    story.says(0, "smoke-301", smoke_obscuration_db_per_m=0.2)
    assert not story.incidents
    effects = put_in_force(story, 20, replace(house(), rules=RuleSet.of(pack("gas").rules)))
    at = {event.kind: event.at for _, _, event in effects.events}
    assert at["opened"] == T0 + 10 * SECOND
    assert at["blinded"] == T0 + 20 * SECOND


def test_adopting_rules_without_the_one_that_rang_blinds_the_incident_at_that_record() -> None:
    story = Story()
    story.says(0, "gas-301", gas_lel_percent=15.0)
    (one,) = story.incidents
    assert one.condition is Condition.ABNORMAL
    effects = put_in_force(story, 10, replace(house(), rules=RuleSet.of(pack("fire").rules)))
    assert "blinded" in kinds(effects)
    assert {event.at for _, _, event in effects.events} == {T0 + 10 * SECOND}
    (one,) = story.incidents
    assert (one.condition, one.is_open) == (Condition.UNKNOWN, True)
    assert kinds(put_in_force(story, 11, story.monitor.house)) == []


def test_a_stranger_that_is_registered_speaks_for_its_own_home_from_then_on() -> None:
    story = Story()
    story.says(0, "x-1", event="e1", smoke_alarm=False)
    old = inventory()
    new = Device("smoke-new", SMOKE, home(5), "native", "x-1", "新", "new")
    known = Inventory.of("c", "test-2", places(), [*old.devices.values(), new])
    put_in_force(story, 1, House(known, pack(), TERMS))
    effects = story.says(2, "x-1", event="e2", smoke_alarm=True)
    assert (effects.heard[0].device_id, effects.heard[0].unknown) == ("smoke-new", False)
    assert [incident.place_id for incident in story.incidents] == [home(5)]


def test_a_device_that_left_is_a_stranger_and_its_incident_stays() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    old = inventory()
    rest = [device for device in old.devices.values() if device.id != "smoke-301"]
    put_in_force(story, 1, House(Inventory.of("c", "test-2", places(), rest), pack(), TERMS))
    effects = story.says(2, "smoke-301", event="e2", smoke_alarm=False)
    assert effects.heard[0].unknown
    (one,) = story.incidents
    assert (one.is_open, one.stage, one.condition) == (True, Stage.VERIFYING, Condition.UNKNOWN)


def test_new_terms_hold_for_what_is_open() -> None:
    story = Story()
    story.says(0, "gas-301", gas_lel_percent=15.0)
    slower = replace(TERMS, verify_for=90 * SECOND, tiers=(200 * SECOND,))
    put_in_force(story, 1, replace(house(), terms=slower))
    story.says(2, "gas-402", gas_lel_percent=15.0)
    assert story.monitor.house.terms == slower
    assert story.monitor.next_deadline() is not None
    assert not any("escalate" in line for line in story.told())
    story.wait(199)
    assert not any("escalate" in line for line in story.told())
    story.wait(200)
    assert any(line.startswith("200 escalate") for line in story.told())


def test_a_replay_adopts_where_the_log_says_so_and_is_the_same_history() -> None:
    story = Story()
    story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    new = replace(house(), terms=replace(TERMS, partners=("https://p.example/",)))
    put_in_force(story, 1, new)
    other = Story().monitor
    known = {houses.signature(new): new}
    again = [handle(other, effects.record, known) for effects in story.effects]
    assert said(again) == said(story.effects)
    assert other.house == new
