"""The parts of a replay; tests/service/test_replay_fires.py runs the whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from alerts.broadcasts.broadcast import send_key
from alerts.incidents.events import Announced, Delivered, Event, Opened, Verifying, Worsened
from alerts.incidents.state import Incident
from anmin.clock import PacedClock, VirtualClock
from anmin.community import to_inventory, to_yaml
from anmin.document import read
from anmin.fires import Fire, RecordingInvalid
from anmin.replay import (
    BEGINS,
    BUSY,
    Findings,
    NothingToPlay,
    Room,
    bearable,
    community,
    findings,
    replay_fires,
)
from anmin.view import IncidentView
from devices.device import DeviceKind
from devices.instant import SECOND, Instant
from devices.level import Hazard, Level
from ingest.admit import EARLIEST
from tests.unit.anmin.test_fires import written

FIRE = Fire("RedAccent_Open_1", -1, ((20.0, 21.0), (20.5, None), (20.0, 22.0), (20.0, 23.0)))
ID = "inc-1"


# Time -------------------------------------------------------------------------------------------------------


async def test_time_goes_on_without_a_gap_when_the_speed_changes() -> None:
    base = VirtualClock(1000 * SECOND)
    clock = PacedClock(10.0, BEGINS, base)
    await base.advance(2 * SECOND)
    clock.pace(3.0)
    assert clock.now() == BEGINS + 20 * SECOND
    await base.advance(2 * SECOND)
    assert clock.now() == BEGINS + 26 * SECOND
    assert clock.speed == 3.0


async def test_instants_of_the_replay_are_found_in_real_time() -> None:
    base = VirtualClock(1000 * SECOND)
    clock = PacedClock(10.0, BEGINS, base)
    seen: list[tuple[Instant, Instant]] = []
    for speed in (10.0, 3.0, 3.0, 40.0, 0.5):
        clock.pace(speed)
        await base.advance(SECOND)
        seen.append((clock.now(), base.now()))
    assert [clock.real(at) for at, _ in seen] == [real for _, real in seen]
    assert clock.real(BEGINS + 5 * SECOND) == 1000 * SECOND + SECOND // 2


async def test_who_sleeps_wakes_at_the_replays_time() -> None:
    clock = PacedClock(200.0, BEGINS, VirtualClock())
    asleep = asyncio.create_task(clock.sleep_until(BEGINS - 1))
    await asyncio.sleep(0)
    assert asleep.done()


def test_the_clock_slows_down_to_what_the_machine_can_do() -> None:
    assert bearable(30.0, 0.001) == 30.0
    assert bearable(30.0, 0.1) == pytest.approx(BUSY / 0.1)
    assert bearable(30.0, 0.0) == 30.0


def test_admission_believes_detectors_of_that_time() -> None:
    """Otherwise rates would rest on when a reading came, and the speed would decide what is found."""
    assert BEGINS > EARLIEST


# Rooms ------------------------------------------------------------------------------------------------------


def test_a_room_says_what_was_recorded_and_nothing_for_what_was_not() -> None:
    room = Room("e001", FIRE)
    assert list(room.says(-1)) == [("e001-a", 20.0), ("e001-b", 20.5), ("e001-c", 20.0), ("e001-d", 20.0)]
    assert [device for device, _ in room.says(0)] == ["e001-a", "e001-c", "e001-d"]


def test_rooms_are_a_community_in_which_none_is_a_neighbour() -> None:
    rooms = [Room(f"e{n:03d}", FIRE) for n in (1, 2, 3)]
    inventory, found = to_inventory(read(to_yaml(community(rooms)).encode(), "fires.yaml"))
    assert inventory is not None
    assert {finding.code for finding in found} <= {"no-siren"}
    for room in rooms:
        devices = inventory.of_kind(DeviceKind.HEAT, room.home)
        assert {device.id for device in devices} == set(room.devices)
        assert inventory.tree.scope(devices[0].place_id).id == room.home
        assert [place.id for place in inventory.tree.near(room.home, above=9, below=9)] == [room.home]


def test_everybody_who_is_told_has_a_way_of_their_own() -> None:
    """One officer for a hundred fires would be told of them one after the other."""
    rooms = [Room(f"e{n:03d}", FIRE) for n in (1, 2, 3)]
    document = community(rooms)
    people = [*document["residents"], *document["staff"]]
    assert len({str(person["contacts"]) for person in people}) == len(people) == 4


# What the service said --------------------------------------------------------------------------------------


def opened(at: Instant, level: Level) -> Opened:
    return Opened(
        id=f"opened-{at}",
        incident_id=ID,
        at=at,
        hazard=Hazard.FIRE,
        place_id="home",
        source_place_id="home",
        level=level,
        subject="e001-a",
        rule_id="fire.rise",
        rule_version="1",
        evidence=(),
    )


def announced(at: Instant, version: int, purpose: str) -> Announced:
    return Announced(
        id=f"announced-{at}",
        incident_id=ID,
        at=at,
        version=version,
        purpose=purpose,
        recipients=1,
        households=0,
    )


def delivered(at: Instant, version: int, state: str = "handed_off") -> Delivered:
    key = send_key(ID, version, "duty", "file")
    return Delivered(
        id=f"delivered-{at}", incident_id=ID, at=at, key=key, recipient="duty", channel="file", state=state
    )


def worsened(at: Instant) -> Worsened:
    return Worsened(id=f"worsened-{at}", incident_id=ID, at=at, level=Level.ALARM)


def seen(*timeline: Event) -> Findings:
    incident = Incident(id=ID, hazard=Hazard.FIRE, place_id="home", opened_at=1)
    return findings(IncidentView(incident, timeline, ()))


def test_pre_alarm_alarm_and_the_hand_off_of_each_are_told_apart() -> None:
    found = seen(
        opened(1, Level.PREALARM),
        announced(1, 1, "notice"),
        delivered(2, 1),
        worsened(3),
        announced(3, 2, "alert"),
        delivered(4, 2),
        announced(5, 3, "evacuate"),
        delivered(6, 3),
    )
    assert found == Findings(prealarm_at=1, told_at=2, alarm_at=3, handed_at=4)


def test_a_notice_that_is_handed_off_late_is_no_hand_off_of_the_alarm() -> None:
    found = seen(
        opened(1, Level.PREALARM),
        announced(1, 1, "notice"),
        worsened(3),
        announced(3, 2, "alert"),
        delivered(4, 1),
    )
    assert (found.told_at, found.handed_at) == (4, None)


def test_an_alarm_out_of_nothing_is_a_pre_alarm_as_well() -> None:
    found = seen(opened(1, Level.ALARM), announced(1, 1, "alert"), delivered(2, 1))
    assert found == Findings(1, 2, 1, 2)


@pytest.mark.parametrize("state", ["retrying", "failed", "expired", "superseded"])
def test_what_did_not_arrive_was_not_handed_off(state: str) -> None:
    assert seen(opened(1, Level.ALARM), announced(1, 1, "alert"), delivered(2, 1, state)).handed_at is None


def test_below_a_pre_alarm_nothing_was_said() -> None:
    until = Verifying(id="v", incident_id=ID, at=1, until=60)
    assert seen(opened(1, Level.NOTICE), until) == Findings()


# What cannot be played --------------------------------------------------------------------------------------


async def test_missing_recordings_are_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(RecordingInvalid, match="give the folder of the recordings"):
        await replay_fires(tmp_path, out=print)


async def test_a_name_that_no_experiment_has_is_told(tmp_path: Path) -> None:
    data = written(tmp_path, "x,-1,20,20,20,20,", "x,1,20,20,20,20,")
    with pytest.raises(NothingToPlay, match="no experiment of 1 has 'sofa' in its name"):
        await replay_fires(data, only="sofa", out=print)
