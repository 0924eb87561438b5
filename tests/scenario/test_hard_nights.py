"""Nights on which several things happen at once, or not what was hoped for."""

from __future__ import annotations

import json
from dataclasses import replace

from alerts.broadcasts.broadcast import AnySend, Purpose
from alerts.incidents.command import Acknowledge, Close, Confirm, Dispatch
from alerts.incidents.events import Disposition
from devices.device import Device, DeviceKind, Profile
from devices.inventory import Inventory
from tests.support.community import LEVEL, SIREN, inventory
from tests.support.monitor import Story

METER = Profile("meter", DeviceKind.ELECTRICAL, frozenset({"electrical_alarm"}))


def town() -> Inventory:
    """With a siren and a gauge in the underpass, an electrical monitor, and somebody who reads no Chinese."""
    known = inventory()
    more = (
        Device("level-u", LEVEL, "c.underpass", "native", "level-u", "水位", "Gauge"),
        Device("siren-u", SIREN, "c.underpass", "native", "siren-u", "警号", "Siren"),
        Device("meter-301", METER, "c.b1.u1.f3.301", "native", "meter-301", "电表", "Meter"),
    )
    people = [replace(one, languages=("en",)) if one.id == "r-402" else one for one in known.residents]
    devices = (*known.devices.values(), *more)
    return Inventory.of(
        "c", "town", known.tree.places.values(), devices, people, known.responders, known.stations
    )


def sends(night: Story, who: str) -> list[AnySend]:
    every = (send for one in night.effects for said in one.broadcasts for send in said.sends)
    return [send for send in every if send.recipient.id == who]


def actions(night: Story, device: str) -> list[str]:
    return [json.loads(send.data)["action"] for send in sends(night, device)]


def test_a_siren_that_sounds_for_two_incidents_falls_silent_with_the_last() -> None:
    night = Story(town())
    night.says(0, "smoke-301", event="s", smoke_alarm=True)
    night.wait(61)
    night.says(70, "gas-501", event="g", gas_lel_percent=25.0)
    fire, gas = (incident.id for incident in night.incidents)
    night.asks(90, Close(incident_id=fire, by="duty-1", disposition=Disposition.FALSE_COOKING))
    assert actions(night, "siren-1") == ["sound", "sound"]
    night.says(100, "gas-501", gas_lel_percent=0.0)
    night.asks(110, Close(incident_id=gas, by="duty-1", disposition=Disposition.REAL))
    assert actions(night, "siren-1") == ["sound", "sound", "stop"]


def test_the_end_of_one_incident_sends_nobody_back_into_another() -> None:
    night = Story(town())
    night.says(0, "smoke-301", event="s", smoke_alarm=True)
    night.wait(61)
    night.says(70, "gas-501", event="g", gas_lel_percent=25.0)
    fire = night.incidents[0].id
    night.asks(90, Close(incident_id=fire, by="duty-1", disposition=Disposition.FALSE_COOKING))
    both, one = sends(night, "r-402")[-1], sends(night, "r-101")[-1]
    assert (both.purpose, one.purpose) == (Purpose.RETRACT, Purpose.RETRACT)
    assert "another incident here is not over" in both.text
    assert "no need to leave" in one.text


def test_an_acknowledgement_stops_the_sounder_and_its_lapse_starts_it_again() -> None:
    night = Story(town())
    night.says(0, "smoke-301", event="s", smoke_alarm=True)
    name = night.incidents[0].id
    night.asks(10, Acknowledge(incident_id=name, by="duty-1"))
    night.asks(11, Acknowledge(incident_id=name, by="duty-1"))
    assert actions(night, "sounder-1") == ["sound", "stop"]
    night.wait(189)
    assert actions(night, "sounder-1") == ["sound", "stop"]
    night.wait(192)
    assert actions(night, "sounder-1")[2] == "sound"


def test_the_sounder_sounds_on_while_another_incident_belongs_to_nobody() -> None:
    night = Story(town())
    night.says(0, "smoke-301", event="s", smoke_alarm=True)
    night.says(1, "gas-501", event="g", gas_lel_percent=12.0)
    for number, incident in enumerate(night.incidents):
        night.asks(10 + number, Acknowledge(incident_id=incident.id, by="duty-1"))
    assert actions(night, "sounder-1") == ["sound", "sound", "stop"]


def test_an_underpass_under_water_sounds_its_own_siren_at_once_and_tells_homes_when_a_person_agrees() -> None:
    night = Story(town())
    night.says(0, "level-u", event="l", water_level_mm=300.0)
    assert actions(night, "siren-u") == ["sound"]
    assert sends(night, "r-101") == []
    night.asks(20, Confirm(incident_id=night.incidents[0].id, by="duty-1"))
    assert len(sends(night, "r-101")) == 1


def test_an_electrical_fire_that_a_person_saw_tells_the_stair() -> None:
    night = Story(town())
    night.says(0, "meter-301", event="m", electrical_alarm=True)
    assert sends(night, "r-402") == []
    night.asks(20, Confirm(incident_id=night.incidents[0].id, by="duty-1"))
    (told,) = sends(night, "r-402")
    assert told.purpose is Purpose.EVACUATE
    assert "Electrical fire, confirmed" in told.text
    assert actions(night, "siren-1") == ["sound"]


def test_a_crew_that_is_sent_to_look_at_a_suspicion_hears_of_it() -> None:
    night = Story(town())
    night.says(0, "heat-301", event="h", temperature_c=50.0)
    assert sends(night, "crew-1") == []
    night.asks(20, Dispatch(incident_id=night.incidents[0].id, by="duty-1"))
    assert len(sends(night, "crew-1")) == 1


def test_an_owner_hears_that_the_crew_does_not_answer() -> None:
    night = Story(town())
    night.says(0, "smoke-301", event="s", smoke_alarm=True)
    night.asks(5, Acknowledge(incident_id=night.incidents[0].id, by="duty-1"))
    night.wait(61)
    assert "无人应答" in sends(night, "duty-1")[-1].text


def test_an_owner_of_the_last_tier_who_does_nothing_wakes_everybody_again() -> None:
    night = Story(town())
    night.says(0, "smoke-301", event="s", smoke_alarm=True)
    night.asks(320, Acknowledge(incident_id=night.incidents[0].id, by="mgr-1"))
    night.wait(501)
    assert night.told()[-1] == "500 escalate: crew device duty"
    assert actions(night, "sounder-1")[-2:] == ["stop", "sound"]
