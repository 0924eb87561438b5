"""Faults of a script, put on the devices that it names and taken off again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator import failing
from simulator.script import Fails, On
from simulator.world import World
from tests.support.town import T0, Outside, seconds, small, world


def play(until_s: float, *fails: dict[str, Any], **town: Any) -> tuple[World, Outside]:
    made, out = world(small(**town))
    made.start()
    for number, one in enumerate(fails):
        form = Fails.model_validate(one)
        made.after(form.at[0], failing.begin(made, form, made.chance(f"f{number}")))
    made.step(seconds(until_s))
    return made, out


def names(on: dict[str, Any], **town: Any) -> list[str]:
    made, _ = world(small(**town))
    return [one.sensor.id for one in failing.selected(made, On.model_validate(on), made.chance("x"))]


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ({"kinds": ["co"], "place": "b1.f2"}, ["co-b1-201"]),
        ({"devices": ["gas-b1-101", "nothing"]}, ["gas-b1-101"]),
        ({"place": "b1.f3.1", "kinds": ["smoke"]}, ["smoke-b1-301"]),
        ({"dialects": ["zigbee2mqtt"]}, []),
    ],
)
def test_devices_are_chosen_by_all_that_is_named(on: dict[str, Any], expected: list[str]) -> None:
    assert names(on) == expected


def test_a_share_is_drawn() -> None:
    assert 0 < len(names({"share": 0.5})) < len(names({}))


def test_a_fault_ends_when_its_time_is_over() -> None:
    tampered = {"on": {"devices": ["co-b1-101"]}, "lasts": "10m", "says": {"quantity": "tamper"}}
    made, out = play(1_200, tampered)
    said = [json.loads(one.payload) for one in out.said if one.topic == "anmin/xfl/co-b1-101/reading"]
    assert {one["values"]["tamper"] for one in said} == {True, False}
    assert made.units["co-b1-101"].faults == []


def test_the_dead_are_silent_and_come_back() -> None:
    _, out = play(7_200, {"at": "1s", "lasts": "1h", "on": {"devices": ["co-b1-101"]}, "dead": {}})
    assert 11 <= len(out.topics("co-b1-101/reading")) <= 14
    assert len(out.topics("co-b1-101/status")) == 2


def test_clocks_are_fast_slow_or_unset() -> None:
    made, _ = play(
        10,
        {"on": {"kinds": ["co"]}, "clock": {"slow": "1h"}},
        {"on": {"kinds": ["gas"]}, "clock": {"unset": True}},
    )
    assert made.units["co-b1-101"].skew_s == -3_600.0
    assert made.units["gas-b1-101"].clock(T0) == 0


def test_a_flapping_bit_is_said_each_time() -> None:
    flaps = {"quantity": "smoke_alarm", "every_s": "1m", "on_s": "10s"}
    _, out = play(1_200, {"on": {"devices": ["smoke-b1-101"]}, "lasts": "10m", "flapping": flaps})
    assert (
        5 <= len(set(map(bytes, (one.payload for one in out.said if one.topic.endswith("101/event"))))) <= 12
    )


def test_without_power_nothing_speaks_the_broker_says_so_and_all_come_back_at_once() -> None:
    _, out = play(3_000, {"at": "10m", "lasts": "20m", "power_loss": {"place": "b1", "within_s": "10s"}})
    status = [
        json.loads(one.payload)["online"] for one in out.said if one.topic == "anmin/xfl/gas-b1-101/status"
    ]
    assert status == [True, False, True]
    assert 5 <= len(out.topics("gas-b1-101/reading")) <= 8


@pytest.mark.parametrize("keeps", [True, False])
def test_a_gateway_takes_its_children_with_it_and_brings_what_they_kept(keeps: bool) -> None:
    outage = {"at": "10m", "lasts": "30m", "gateway_outage": {"gateway": "gateway-b1", "keeps": keeps}}
    made, out = play(3_600, outage, gateways=True)
    late = [one for one in out.said if b'"backfill":true' in one.payload]
    assert bool(late) is keeps
    assert not made.units["gas-b1-101"].cut
    online = [
        json.loads(one.payload)["online"] for one in out.said if one.topic == "anmin/xfl/gateway-b1/status"
    ]
    assert online == [True, False, True]


def test_messages_are_lost_and_doubled_on_the_way() -> None:
    _, calm = play(7_200)
    _, lossy = play(7_200, {"lossy": {"share": 0.5}})
    _, double = play(7_200, {"duplicated": {"share": 0.9}})
    assert len(lossy.said) < 0.7 * len(calm.said) < 0.7 * len(double.said)
