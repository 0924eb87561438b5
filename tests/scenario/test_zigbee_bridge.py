"""A Zigbee2MQTT that dies takes its detectors with it: one trouble with a count; an alarm still passes."""

from __future__ import annotations

from dataclasses import replace

from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage
from anmin.profiles import BUILT_IN
from devices.device import Device
from devices.inventory import Inventory
from ingest.message import RecordKind
from tests.support.community import home, inventory
from tests.support.monitor import Story, house

MINUTE, HOUR = 60, 3600
COUNT = 5
BASE = "zigbee2mqtt"


def bridged() -> Inventory:
    known = inventory()
    gateway = BUILT_IN["zigbee2mqtt-bridge"]
    smoke = replace(BUILT_IN["xiaomi-jtyj-gd-01lm"], reports_every_for=HOUR * 1_000_000, missed_allowed=4)
    devices = [Device("bridge", gateway, "c.b1", BASE, "bridge", "网桥", "bridge")]
    devices += [
        Device(f"z-{n}", smoke, home(n), BASE, f"smoke {n}", f"烟感{n}", f"smoke {n}", via="bridge")
        for n in range(1, COUNT + 1)
    ]
    return Inventory.of(known.community_id, "bridged", known.tree.places.values(), devices)


def begun() -> Story:
    """With the community in force, from when on its devices are watched."""
    story = Story(bridged())
    story.record(0, RecordKind.VERSION, "version", b"", house(bridged()))
    return story


def lives(story: Story, at: float) -> None:
    story.message(at, f"{BASE}/bridge/health", b'{"response_time":1}')
    for n in range(1, COUNT + 1):
        story.message(at, f"{BASE}/smoke {n}", f'{{"smoke":false,"battery":90,"linkquality":{n}}}')


def trouble(story: Story, device: str) -> str:
    found = story.monitor.supervision.counting(device)
    assert {one.kind for one in found} <= {TroubleKind.LOST}
    return found[0].stage if found else ""


def test_a_bridge_that_dies_is_one_trouble_and_its_detectors_are_folded_into_it() -> None:
    story = begun()
    lives(story, 0)
    story.message(60, f"{BASE}/bridge/state", b'{"state":"offline"}')
    story.wait(60 + 3 * MINUTE)
    assert trouble(story, "bridge") == Stage.STANDING
    story.wait(6 * HOUR)
    watched = story.monitor.supervision
    (lost,) = watched.counting("bridge")
    assert watched.folded(lost.id) == COUNT
    assert {trouble(story, f"z-{n}") for n in range(1, COUNT + 1)} == {Stage.FOLDED}
    told = [event for one in story.effects for _, _, event in one.events if event.kind == "trouble_told"]
    assert {event.incident_id for event in told} == {lost.id}


def test_an_alarm_from_behind_a_dead_bridge_is_an_incident_all_the_same() -> None:
    story = begun()
    lives(story, 0)
    story.message(60, f"{BASE}/bridge/state", b"offline")
    story.wait(6 * HOUR)
    story.message(6 * HOUR + 1, f"{BASE}/smoke 2", b'{"smoke":true}')
    assert len(story.monitor.desk.incidents) == 1


def test_the_bridge_that_is_back_ends_it_and_its_health_keeps_it_there() -> None:
    story = begun()
    lives(story, 0)
    story.message(60, f"{BASE}/bridge/state", b"offline")
    story.wait(6 * HOUR)
    story.message(6 * HOUR + 1, f"{BASE}/bridge/state", b"online")
    for n in range(12):
        lives(story, 6 * HOUR + 60 + n * 10 * MINUTE)
    assert trouble(story, "bridge") == ""
    assert {trouble(story, f"z-{n}") for n in range(1, COUNT + 1)} == {""}


def test_a_bridge_whose_health_is_not_heard_is_lost_though_its_last_state_is_online() -> None:
    story = begun()
    story.message(0, f"{BASE}/bridge/state", b"online", retain=True)
    lives(story, 1)
    story.wait(2 * HOUR)
    assert trouble(story, "bridge") == Stage.STANDING
