"""A gas alarm closes the valve of that home by the plan, a person does the rest; through the whole core."""

from __future__ import annotations

import json
from dataclasses import replace

from alerts.broadcasts.broadcast import LiveSend
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Declined, Done
from alerts.operations.command import Operate
from alerts.operations.operation import Progress
from alerts.troubles.kind import TroubleKind
from anmin.codec import dump
from anmin.house import House
from anmin.monitor import Effects
from anmin.profiles import BUILT_IN
from devices.device import Device, DeviceMode
from devices.inventory import Inventory
from ingest.message import RecordKind
from tests.support.community import inventory, places
from tests.support.memory import Memory
from tests.support.monitor import TERMS, Story
from tests.support.rulebook import pack


def home() -> House:
    old = inventory()
    gas = old.devices["gas-301"]
    valve = Device("valve-301", BUILT_IN["native-valve"], gas.place_id, "native", "valve-301", "阀", "valve")
    known = Inventory.of("c", "v2", places(), [*old.devices.values(), valve], old.residents, old.responders)
    return House(known, pack(), replace(TERMS, automatic=("gas valve close",)))


def told() -> Story:
    story = Story()
    story.monitor.adopt(home())
    story.record(0, RecordKind.VERSION, "version", b"{}", home())
    story.says(0, "valve-301")
    return story


def to_valve(effects: Effects) -> list[LiveSend]:
    sends = (send for one in effects.broadcasts for send in one.sends if send.recipient.channel == "valve")
    return [send for send in sends if isinstance(send, LiveSend)]


def answers(story: Story, seconds: float, send: LiveSend, state: State) -> Effects:
    outcome = SendOutcome(send.incident_id, send.key, send.recipient.id, "valve", state)
    return story.record(seconds, RecordKind.OUTCOME, send.key, dump(outcome).encode())


def progress(story: Story) -> list[Progress]:
    return [one.progress for one in story.monitor.operations.of("valve-301")]


def test_a_gas_alarm_closes_the_valve_once_and_its_own_word_ends_it() -> None:
    story = told()
    (send,) = to_valve(story.says(1, "gas-301", event="e1", gas_alarm=True))
    assert json.loads(send.data)["action"] == "close"
    assert to_valve(story.says(2, "gas-301", event="e2", gas_lel_percent=25.0)) == []
    answers(story, 3, send, State.DELIVERED)
    assert progress(story) == [Progress.DONE]
    assert story.monitor.supervision.proved_at("valve-301") is not None
    kinds = [event.kind for one in story.effects for _, _, event in one.events]
    assert kinds.count("operation_asked") == kinds.count("operation_ended") == 1


def test_a_command_without_an_answer_in_time_is_a_trouble_until_one_works() -> None:
    story = told()
    (send,) = to_valve(story.says(1, "gas-301", event="e1", gas_alarm=True))
    answers(story, 62, send, State.EXPIRED)
    story.wait(63)
    assert progress(story) == [Progress.EXPIRED]
    assert [one.kind for one in story.monitor.supervision.counting("valve-301")] == [TroubleKind.COMMAND]
    (again,) = to_valve(story.asks(70, Operate(device_id="valve-301", action="close", by="li")))
    answers(story, 72, again, State.DELIVERED)
    assert [one.kind for one in story.monitor.supervision.counting("valve-301") if one.stands] == []


def test_a_drill_leaks_to_no_valve() -> None:
    story = told()
    known = story.monitor.house.inventory
    under_test = {**known.devices, "gas-301": replace(known.devices["gas-301"], mode=DeviceMode.TEST)}
    drill = Inventory.of("c", "v3", places(), under_test.values(), known.residents, known.responders)
    story.record(0.5, RecordKind.VERSION, "version", b"{}", replace(home(), inventory=drill))
    assert to_valve(story.says(1, "gas-301", event="e1", gas_alarm=True)) == []


def test_opening_again_is_for_a_person_who_agrees() -> None:
    story = told()
    asked = Operate(device_id="valve-301", action="open", by="li")
    assert isinstance(story.asks(1, asked).answer, Declined)
    assert isinstance(story.asks(2, replace(asked, confirmed=True)).answer, Done)


def test_a_command_under_way_survives_a_restart() -> None:
    story, memory = told(), Memory()
    (send,) = to_valve(story.says(1, "gas-301", event="e1", gas_alarm=True))
    memory.keep(story.monitor)
    story.monitor = memory.restored(home())
    assert to_valve(story.says(2, "gas-301", event="e2", gas_lel_percent=25.0)) == []
    answers(story, 3, send, State.DELIVERED)
    assert progress(story) == [Progress.DONE]
