"""What people see: silence is never shown as normal, timelines are whole, and what is over leaves."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Close
from alerts.incidents.events import Disposition
from alerts.incidents.index import KEPT_FOR
from alerts.troubles.command import StartWalk
from anmin.codec import dump
from anmin.house import House
from anmin.portrait import REFRESH_FOR, Portrait
from anmin.view import Health, View
from devices.instant import HOUR, SECOND
from devices.inventory import Inventory
from devices.liveness import Liveness, late_after_for
from ingest.message import RecordKind
from tests.support.community import T0, inventory, places
from tests.support.memory import Memory
from tests.support.monitor import TERMS, Story, house
from tests.support.rulebook import pack


class Gallery:
    """A story and the picture of it; whatever happens is shown at once."""

    def __init__(self, story: Story | None = None) -> None:
        self.story = story or Story()
        self.now = T0
        self.health = (Health("log", True, ""),)
        self.view = View(self.story.monitor.house.inventory)
        self.portrait = Portrait(self.view, self.story.monitor, lambda: self.now, lambda: self.health)

    def show(self) -> None:
        """All that the story led to and was not shown yet."""
        self.portrait.show(self.story.effects)
        self.story.effects.clear()

    def refresh(self, seconds: float) -> None:
        self.now = T0 + round(seconds * SECOND)
        self.portrait.refresh()

    def liveness(self, device: str) -> Liveness:
        return self.view.devices[device].liveness


@pytest.fixture
def g() -> Gallery:
    return Gallery()


# Devices ----------------------------------------------------------------------------------------------------


def test_a_device_that_was_never_heard_is_unknown_from_the_beginning(g: Gallery) -> None:
    g.portrait.recall({})
    assert set(g.view.devices) == set(inventory().devices)
    assert {seen.liveness for seen in g.view.devices.values()} == {Liveness.UNKNOWN}
    assert g.view.devices["smoke-301"].heard_at is None
    assert g.view.revision == 1


def test_a_device_is_heard_until_it_was_silent_for_too_long(g: Gallery) -> None:
    g.story.says(0, "heat-301", temperature_c=21.5)
    g.show()
    g.refresh(1)
    seen = g.view.devices["heat-301"]
    assert (seen.liveness, seen.heard_at, seen.latest) == (
        Liveness.HEARD,
        T0,
        {"temperature_c": (21.5, T0)},
    )
    profile = seen.device.profile
    late, limit = late_after_for(profile) / SECOND, profile.silent_after_for / SECOND
    assert late < limit
    g.refresh(late)
    assert g.liveness("heat-301") is Liveness.HEARD
    g.refresh(late + 6)
    assert g.liveness("heat-301") is Liveness.LATE
    g.refresh(limit + 6)
    assert g.liveness("heat-301") is Liveness.SILENT
    assert g.view.devices["heat-301"].heard_at == T0
    g.story.says(limit + 7, "heat-301", temperature_c=21.0)
    g.show()
    g.refresh(limit + 8)
    assert g.liveness("heat-301") is Liveness.HEARD


def test_what_the_broker_remembers_of_a_device_is_no_sign_of_life(g: Gallery) -> None:
    g.story.message(0, "anmin/c/smoke-301/status", '{"v":1,"boot":1,"online":true}', retain=True)
    g.show()
    g.refresh(1)
    assert g.liveness("smoke-301") is Liveness.UNKNOWN


def test_a_device_that_says_goodbye_is_shown_as_gone(g: Gallery) -> None:
    g.story.says(0, "smoke-301", smoke_alarm=False)
    g.story.message(1, "anmin/c/smoke-301/status", '{"v":1,"boot":1,"online":false}')
    g.show()
    g.refresh(2)
    assert g.view.devices["smoke-301"].online is False


def test_an_unknown_value_is_unknown_and_not_zero(g: Gallery) -> None:
    g.story.message(0, "anmin/c/smoke-301/reading", '{"v":1,"boot":1,"seq":1,"values":{"smoke_alarm":null}}')
    g.show()
    g.refresh(1)
    assert g.view.devices["smoke-301"].latest == {"smoke_alarm": (None, T0)}


def test_only_devices_that_were_heard_are_drawn_between_the_full_rounds(g: Gallery) -> None:
    g.refresh(0)
    before = dict(g.view.devices)
    g.story.says(1, "smoke-301", smoke_alarm=False)
    g.show()
    g.refresh(2)
    changed = {name for name, seen in g.view.devices.items() if seen is not before[name]}
    assert changed == {"smoke-301"}
    g.refresh(2 + REFRESH_FOR / SECOND)
    assert not any(g.view.devices[name] is seen for name, seen in before.items())


def test_devices_that_left_the_community_leave_the_picture_and_new_ones_come(g: Gallery) -> None:
    g.refresh(0)
    kept = [device for device in inventory().devices.values() if device.id != "smoke-301"]
    new = replace(kept[0], id="siren-9", address="siren-9")
    g.story.monitor.adopt(House(Inventory.of("c", "v2", places(), [*kept, new]), pack(), TERMS))
    g.refresh(10)
    assert g.view.devices.keys() == (inventory().devices.keys() - {"smoke-301"}) | {"siren-9"}
    assert g.view.inventory.version == "v2"


def test_strangers_are_in_the_inbox_until_they_are_registered_also_after_a_start(g: Gallery) -> None:
    g.story.says(0, "x-1", smoke_alarm=False)
    g.story.message(3, "zigbee2mqtt/attic", '{"smoke":false}')
    g.show()
    g.refresh(6)
    wanted = {"unknown:native:x-1": T0, "unknown:zigbee2mqtt:attic": T0 + 3 * SECOND}
    assert {name: one.heard_at for name, one in g.view.inbox.items()} == wanted
    told = g.view.inbox["unknown:zigbee2mqtt:attic"]
    assert (told.dialect, told.address, told.latest["smoke_alarm"][0]) == ("zigbee2mqtt", "attic", 0)
    memory = Memory()
    memory.keep(g.story.monitor)
    later = Story()
    later.monitor = memory.restored(house())
    again = Gallery(later)
    again.portrait.recall({})
    assert {name: one.heard_at for name, one in again.view.inbox.items()} == wanted
    device = replace(inventory().devices["smoke-301"], address="x-1")
    others = [one for one in inventory().devices.values() if one.id != "smoke-301"]
    later.monitor.adopt(House(Inventory.of("c", "v2", places(), [*others, device]), pack(), TERMS))
    again.refresh(20)
    assert again.view.inbox.keys() == {"unknown:zigbee2mqtt:attic"}


def test_a_refresh_tells_the_time_and_how_the_parts_are(g: Gallery) -> None:
    g.health = (Health("log", False, "telemetry refused: no space"),)
    g.refresh(7)
    assert (g.view.now, g.view.health, g.view.revision) == (T0 + 7 * SECOND, g.health, 1)


# Incidents --------------------------------------------------------------------------------------------------


def test_an_incident_is_shown_at_once_with_all_that_happened(g: Gallery) -> None:
    g.story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    events = list(g.story.events())
    g.show()
    (seen,) = g.view.incidents.values()
    assert seen.incident == g.story.incidents[0]
    assert list(seen.timeline) == events
    assert {delivery.state for delivery in seen.deliveries} == {State.QUEUED}
    assert g.view.revision == 1
    g.story.wait(60)
    events += g.story.events()
    g.show()
    (seen,) = g.view.incidents.values()
    assert list(seen.timeline) == events
    assert g.view.revision == 2


def test_a_reading_that_changes_no_incident_publishes_nothing(g: Gallery) -> None:
    g.story.says(0, "smoke-301", smoke_alarm=False)
    g.show()
    assert g.view.revision == 0


def test_what_became_of_a_send_is_shown_with_its_recipient(g: Gallery) -> None:
    effects = g.story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    send = effects.broadcasts[0].sends[0]
    who = send.recipient
    outcome = SendOutcome(send.incident_id, send.key, who.id, who.channel, State.FAILED, "no such number")
    g.story.record(1, RecordKind.OUTCOME, send.key, dump(outcome).encode())
    g.show()
    (seen,) = g.view.incidents.values()
    (failed,) = [delivery for delivery in seen.deliveries if delivery.state is State.FAILED]
    assert (failed.recipient, failed.detail, failed.at, failed.version) == (
        who,
        "no such number",
        T0 + SECOND,
        1,
    )


def test_after_a_start_the_timelines_go_on_from_what_the_ledger_holds(g: Gallery) -> None:
    g.story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    before = list(g.story.events())
    name = g.story.incidents[0].id
    g.story.effects.clear()
    g.portrait.recall({name: before})
    assert list(g.view.incidents[name].timeline) == before
    g.story.wait(60)
    after = list(g.story.events())
    g.show()
    assert list(g.view.incidents[name].timeline) == before + after


def test_a_closed_incident_stays_until_it_is_forgotten_and_then_leaves(g: Gallery) -> None:
    g.story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    g.story.says(1, "smoke-301", smoke_alarm=False)
    (one,) = g.story.incidents
    g.story.asks(2, Close(incident_id=one.id, by="duty-1", disposition=Disposition.FALSE_COOKING))
    g.show()
    assert not g.view.incidents[one.id].incident.is_open
    day = KEPT_FOR / SECOND
    g.story.says(day + 10, "gas-101", gas_lel_percent=25.0)
    g.show()
    assert one.id not in g.view.incidents
    assert len(g.view.incidents) == 1
    assert KEPT_FOR == 24 * HOUR


def test_a_forgotten_incident_leaves_also_when_nothing_new_happens(g: Gallery) -> None:
    g.story.says(0, "smoke-301", event="e1", smoke_alarm=True)
    g.story.says(1, "smoke-301", smoke_alarm=False)
    (one,) = g.story.incidents
    g.story.asks(2, Close(incident_id=one.id, by="duty-1", disposition=Disposition.FALSE_COOKING))
    g.show()
    g.story.says(KEPT_FOR / SECOND + 10, "heat-301", heat_alarm=False)  # an edge, and a calm one
    g.show()
    g.refresh(KEPT_FOR / SECOND + 11)
    assert g.view.incidents == {}


def test_a_test_on_foot_is_shown_while_it_runs_and_when_it_ended(g: Gallery) -> None:
    g.story.record(0, RecordKind.VERSION, "version", b"{}", g.story.monitor.house)
    g.story.says(0, "smoke-301", smoke_alarm=False)
    g.story.asks(1, StartWalk(device_id="smoke-301", by="li"))
    g.show()
    g.refresh(2)
    walk = g.view.devices["smoke-301"].walk
    assert walk is not None
    assert (walk.until, walk.ended_at, walk.passed) == (T0 + 61 * SECOND, None, False)
    g.story.says(5, "smoke-301", event="e1", smoke_alarm=True)
    g.show()
    g.refresh(6)
    seen = g.view.devices["smoke-301"]
    assert (seen.walk and seen.walk.passed, seen.proved_at) == (True, T0 + 5 * SECOND)
    g.story.says(8, "smoke-301", event="e2", smoke_alarm=False)
    g.story.wait(62)
    g.show()
    g.refresh(63)
    walk = g.view.devices["smoke-301"].walk
    assert walk is not None
    assert (walk.ended_at, walk.passed) == (T0 + 5 * SECOND, True)
    assert not g.view.incidents
