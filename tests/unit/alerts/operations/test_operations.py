"""Commands to devices: asked once, ended once, and by nobody but the device itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import count

import pytest

from alerts.broadcasts.broadcast import LiveSend, Purpose
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Declined, Done
from alerts.operations.action import Automatic, automatic
from alerts.operations.command import Operate
from alerts.operations.operation import OperationAsked, OperationEnded, Progress
from alerts.operations.operations import KEPT, Memory, Operations, Ordered
from devices.device import Device, DeviceKind, DeviceMode, Profile
from devices.instant import MINUTE, SECOND
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.place import Place, PlaceKind
from tests.support.broadcast import incident

T0 = 1_790_000_000_000_000
HOME = "c.b.101"


def device(name: str, kind: DeviceKind, place: str = HOME, **more: object) -> Device:
    made = Device(name, Profile(kind.value, kind, frozenset()), place, "native", name, name, name)
    return replace(made, **more)  # type: ignore[arg-type] # the test's own keywords


def town(*devices: Device) -> Inventory:
    places = [
        Place("c", PlaceKind.COMMUNITY, None, "社区", "Community"),
        Place("c.b", PlaceKind.BUILDING, "c", "1号楼", "Building 1"),
        Place(HOME, PlaceKind.HOUSEHOLD, "c.b", "101", "101"),
        Place("c.b.102", PlaceKind.HOUSEHOLD, "c.b", "102", "102"),
    ]
    return Inventory.of("c", "v", places, devices)


class Ward:
    """Time in seconds after T0; everything that was said is kept."""

    def __init__(self, *devices: Device, plan: Sequence[Automatic] = ()) -> None:
        self.inventory, self.plan = town(*devices), plan
        self.operations = Operations(self.inventory, plan)
        self.now = 0
        self._ids = count(1)
        self.said: list[Ordered] = []

    def stamp(self) -> str:
        return f"evt_{next(self._ids)}"

    def asks(self, name: str, action: str, **more: object) -> Ordered:
        command = Operate(device_id=name, action=action, by="li", **more)  # type: ignore[arg-type] # as above
        return self._note(self.operations.command(command, T0 + self.now * SECOND, self.stamp))

    def hears(
        self, key: str, state: State = State.DELIVERED, name: str = "v", about: str = "device v"
    ) -> Ordered:
        outcome = SendOutcome(about, key, name, "valve", state, "why")
        return self._note(self.operations.outcome(outcome, T0 + self.now * SECOND, self.stamp))

    def follows(self, **more: object) -> Ordered:
        known = incident(Hazard.GAS, HOME, **{"level": Level.ALARM, "drill": False, **more})  # type: ignore[arg-type] # as above
        return self._note(self.operations.follow(known, T0 + self.now * SECOND, self.stamp))

    def _note(self, said: Ordered) -> Ordered:
        self.said.append(said)
        return said

    def progress(self, name: str = "v") -> list[Progress]:
        return [one.progress for one in self.operations.of(name)]


VALVE = device("v", DeviceKind.VALVE)


def sends(said: Ordered) -> list[LiveSend]:
    return [one for broadcast in said.broadcasts for one in broadcast.sends if isinstance(one, LiveSend)]


def code(said: Ordered) -> str:
    return said.answer.code if isinstance(said.answer, Declined) else ""


def test_a_command_leaves_as_a_send_with_id_expiry_and_the_devices_own_channel() -> None:
    said = Ward(VALVE).asks("v", "close")
    (send,) = sends(said)
    assert isinstance(said.answer, Done)
    assert (send.key, said.answer.incident_id) == (send.key, send.key)
    assert (send.recipient.channel, send.recipient.address, send.purpose) == ("valve", "v", Purpose.OPERATE)
    assert (send.data, send.deadline_at) == ('{"action":"close"}', T0 + MINUTE)
    (event,) = said.events
    assert isinstance(event, OperationAsked)
    assert (event.incident_id, event.by, event.expires_at) == ("device v", "li", T0 + MINUTE)


def test_it_is_done_when_the_device_says_so_and_only_once() -> None:
    ward = Ward(VALVE)
    (send,) = sends(ward.asks("v", "close", incident_id="inc_1"))
    (event,) = ward.hears(send.key).events
    assert isinstance(event, OperationEnded)
    assert (event.incident_id, event.progress, event.detail) == ("inc_1", Progress.DONE, "why")
    assert ward.hears(send.key, State.FAILED).events == []
    assert ward.progress() == [Progress.DONE]


@pytest.mark.parametrize(
    ("state", "progress"),
    [
        (State.FAILED, Progress.REFUSED),
        (State.EXPIRED, Progress.EXPIRED),
        (State.SUPERSEDED, Progress.REPLACED),
        (State.RETRYING, Progress.ASKED),
        (State.HANDED_OFF, Progress.ASKED),
    ],
)
def test_how_it_ends(state: State, progress: Progress) -> None:
    ward = Ward(VALVE)
    (send,) = sends(ward.asks("v", "close"))
    ward.hears(send.key, state)
    assert ward.progress() == [progress]


def test_a_forged_result_has_no_effect() -> None:
    ward = Ward(VALVE, device("w", DeviceKind.VALVE))
    (send,) = sends(ward.asks("v", "close"))
    for said in (
        ward.hears("f" * 32),
        ward.hears(send.key, name="w", about="device w"),
        ward.hears(send.key, about="x"),
    ):
        assert said.events == []
    assert ward.progress() == [Progress.ASKED]


def test_a_replayed_or_late_result_has_no_effect() -> None:
    ward = Ward(VALVE)
    (first,) = sends(ward.asks("v", "close"))
    ward.now = 61
    ward.hears(first.key, State.EXPIRED)
    (second,) = sends(ward.asks("v", "close"))
    assert second.key != first.key
    assert ward.hears(first.key).events == []
    assert ward.progress() == [Progress.EXPIRED, Progress.ASKED]


def test_the_same_again_while_it_is_under_way_is_the_same() -> None:
    ward = Ward(VALVE)
    (send,) = sends(ward.asks("v", "close"))
    again = ward.asks("v", "close")
    assert (again.events, again.broadcasts, again.answer) == ([], [], Done(send.key, "asked"))


def test_another_action_replaces_what_is_under_way() -> None:
    ward = Ward(VALVE)
    (close,) = sends(ward.asks("v", "close"))
    (opened,) = sends(ward.asks("v", "open", confirmed=True))
    assert (close.incident_id, close.version, opened.version) == (opened.incident_id, 1, 2)


def test_what_is_dangerous_needs_a_person_who_agrees() -> None:
    ward = Ward(VALVE)
    assert code(ward.asks("v", "open")) == "needs_confirmation"
    assert sends(ward.asks("v", "open", confirmed=True))


@pytest.mark.parametrize(
    ("name", "action", "wanted"),
    [
        ("x", "close", "no_such_device"),
        ("v", "explode", "no_such_action"),
        ("g", "close", "no_such_action"),
        ("z", "close", "no_such_action"),
    ],
)
def test_what_cannot_be_is_declined(name: str, action: str, wanted: str) -> None:
    foreign = device("z", DeviceKind.VALVE, dialect="zigbee2mqtt")
    said = Ward(VALVE, device("g", DeviceKind.GATEWAY), foreign).asks(name, action)
    assert (code(said), said.broadcasts) == (wanted, [])


# By itself --------------------------------------------------------------------------------------------------

CLOSE, RECALL = automatic("gas valve close"), automatic("gas lift recall confirmed")
LIFT = device("l", DeviceKind.LIFT, "c.b")
NEXT_DOOR = device("n", DeviceKind.VALVE, "c.b.102")


def moved(said: Ordered) -> list[str]:
    return [send.recipient.id for send in sends(said)]


def test_nothing_runs_by_itself_unless_the_plan_says_so() -> None:
    assert moved(Ward(VALVE, LIFT).follows()) == []


def test_the_plan_moves_what_is_there_once_per_incident() -> None:
    ward = Ward(VALVE, NEXT_DOOR, LIFT, plan=[CLOSE, RECALL])
    said = ward.follows()
    assert moved(said) == ["v"]
    assert [event.by for event in said.events if isinstance(event, OperationAsked)] == ["system"]
    assert moved(ward.follows()) == []
    assert moved(ward.follows(confirmed_by="duty")) == ["l"]


def test_it_waits_for_an_alarm() -> None:
    assert moved(Ward(VALVE, plan=[CLOSE]).follows(level=Level.PREALARM)) == []


def test_a_drill_moves_nothing() -> None:
    assert moved(Ward(VALVE, plan=[CLOSE]).follows(drill=True)) == []


def test_nothing_moves_a_device_under_test_by_itself() -> None:
    assert moved(Ward(device("v", DeviceKind.VALVE, mode=DeviceMode.TEST), plan=[CLOSE]).follows()) == []


# What is kept -----------------------------------------------------------------------------------------------


def restarted(ward: Ward, kept: dict[str, Memory]) -> None:
    kept |= {name: memory for name, memory in ward.operations.drain() if memory is not None}
    ward.operations = Operations(ward.inventory, ward.plan)
    ward.operations.restore(kept.items())


def test_a_restart_at_any_moment_changes_nothing() -> None:
    def story(restart: Callable[[Ward, dict[str, Memory]], None]) -> Ward:
        ward, kept = Ward(VALVE, LIFT, plan=[CLOSE, RECALL]), dict[str, Memory]()
        for step in range(30):
            ward.now += 17
            said = ward.asks("v", ("close", "open")[step % 2], confirmed=True)
            if step % 3 and sends(said):
                ward.hears(sends(said)[0].key, (State.DELIVERED, State.EXPIRED)[step % 2])
            if step % 7 == 0:
                ward.follows(confirmed_by="duty" if step else None)
            restart(ward, kept)
        return ward

    plain, other = story(lambda *_: None), story(restarted)
    assert [one.events for one in other.said] == [one.events for one in plain.said]
    assert other.operations.known == plain.operations.known
    assert len(plain.operations.of("v")) == KEPT


def test_nothing_is_drained_twice_and_what_went_is_gone() -> None:
    ward = Ward(VALVE)
    ward.asks("v", "close")
    assert [name for name, _ in ward.operations.drain()] == ["v"]
    assert ward.operations.drain() == []
    ward.operations.adopt(town(), ())
    assert ward.operations.drain() == [("v", None)]
    assert ward.operations.of("v") == ()
