"""One device at work."""

from __future__ import annotations

import json
import random
from typing import Any

from devices.instant import HOUR, SECOND, parse_rfc3339
from simulator.faults.line import Duplicated
from simulator.faults.measuring import Says
from simulator.felt import NOTHING, Felt
from simulator.town import Sensor
from simulator.unit import Fault, Unit
from simulator.voice import Said
from tests.support.town import HOME, T0, seconds


def unit(kind: str = "smoke") -> Unit:
    return Unit(Sensor(f"{kind}-1", kind, HOME, 1, place=HOME), random.Random(1), T0)


def body(said: tuple[Said, ...]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(said[0].payload)
    return found


SMOKE = Felt(smoke_db_per_m=1.0)


def test_it_speaks_when_it_is_time_when_an_alarm_begins_and_when_a_number_moved() -> None:
    one = unit()
    assert one.look(NOTHING, seconds(1), regular=True)
    assert one.look(NOTHING, seconds(20), regular=False) == ()
    (moved,) = one.look(Felt(smoke_db_per_m=0.12), seconds(60), regular=False)
    assert moved.topic.endswith("/reading")
    (alarm,) = one.look(SMOKE, seconds(61), regular=False) or one.look(SMOKE, seconds(75), regular=False)
    assert alarm.topic.endswith("/event")
    assert one.own_alarm
    assert body(one.look(NOTHING, seconds(700), regular=False))["values"]["smoke_alarm"] is False


def test_between_two_numbers_it_pauses() -> None:
    one = unit("heat")
    one.look(NOTHING, seconds(0), regular=True)
    assert one.look(Felt(warmer_k=30.0), seconds(2), regular=False) == ()
    assert one.look(Felt(warmer_k=30.0), seconds(6), regular=False)


def test_its_clock_may_be_wrong_or_never_set() -> None:
    one = unit()
    one.skew_s = 3_600.0
    assert parse_rfc3339(body(one.look(NOTHING, seconds(0), regular=True))["at"]) == T0 + HOUR
    one.skew_s = None
    assert one.clock(seconds(5)) == 5 * SECOND
    one.skew_s, one.tells = 0.0, lambda now: now - HOUR
    assert one.clock(T0) == T0 - HOUR


def test_faults_change_what_it_says_and_what_arrives() -> None:
    one = unit()
    one.faults.append(Fault(T0, measuring=Says("tamper").on(random.Random(1))))
    said = one.look(NOTHING, seconds(1), regular=True)
    assert body(said)["values"]["tamper"] is True
    one.faults.append(Fault(T0, line=Duplicated(0.99).on(random.Random(1))))
    assert len(one.carry(said, seconds(1))) == 2
    one.dead = True
    assert one.carry(said, seconds(1)) == []


def test_it_says_only_what_its_model_measures() -> None:
    place = Sensor("z", "smoke", HOME, 1, "zigbee2mqtt", "z", HOME)
    zigbee = Unit(place, random.Random(1), T0)
    said = body(zigbee.look(Felt(warmer_k=50.0), seconds(1), regular=True))
    assert "temperature" not in said
    assert said["battery"] == 97.0
