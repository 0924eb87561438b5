"""A town on a clock that is handed to it."""

from __future__ import annotations

import json

from devices.instant import MINUTE, SECOND, rfc3339
from simulator.score import Notice
from simulator.sources import Pressed, room_fire
from simulator.truth import Nature, Truth
from tests.support.town import HOME, T0, notice, raised, seconds, small, world


def truth() -> Truth:
    return Truth("fire 1", Nature.REAL, "fire", HOME, T0)


def test_work_is_done_in_the_order_of_time_and_of_asking() -> None:
    made, _ = world()
    done: list[tuple[str, int]] = []
    for name, after in (("b", 2.0), ("a", 1.0), ("c", 2.0)):
        made.after(after, lambda name=name: done.append((name, made.now)))  # type: ignore[misc] # a bound default
    made.step(seconds(1.5))
    assert (done, made.now) == ([("a", seconds(1))], seconds(1.5))
    made.step(seconds(9))
    assert [name for name, _ in done] == ["a", "b", "c"]
    assert made.next_at() is None


def test_everything_is_switched_on_and_speaks_as_often_as_its_model() -> None:
    made, out = world()
    made.start()
    made.step(seconds(3_600))
    readings = out.topics("smoke-b1-101/reading")
    assert 11 <= len(readings) <= 13
    assert len(out.topics("/status")) == len(made.units)


def test_a_fire_is_felt_said_at_once_and_over_when_somebody_puts_it_out() -> None:
    made, out = world()
    made.start()
    real = truth()
    going = made.begin(room_fire(HOME, "fast", door_open=True), real)
    made.step(seconds(120))
    assert "anmin/xfl/smoke-b1-101/event" in out.topics("/event")
    assert real.sensed_at is not None
    assert T0 < real.sensed_at < seconds(60)
    assert made.about("fire", HOME) == [going]
    made.end(going)
    assert real.over_at == seconds(120)
    made.step(seconds(1_500))
    assert made.about("fire", HOME) == []
    assert made.was_real("fire", HOME) is False
    last = [json.loads(one.payload) for one in out.said if one.topic == "anmin/xfl/smoke-b1-101/reading"][-1]
    assert last["values"]["smoke_alarm"] is False


def test_an_event_is_said_again_until_it_is_answered() -> None:
    made, out = world()
    made.begin(room_fire(HOME, "ultra_fast", door_open=False), truth())
    made.step(seconds(90))
    before = out.topics("smoke-b1-101/event")
    assert len(before) > 3
    event = next(one for one in out.said if one.topic == "anmin/xfl/smoke-b1-101/event")
    name = json.loads(event.payload)["id"]
    made.heard("anmin/xfl/smoke-b1-101/ack", json.dumps({"id": name, "ok": True}).encode())
    made.step(seconds(300))
    assert len(out.topics("smoke-b1-101/event")) == len(before)


def test_what_is_dead_says_and_obeys_nothing() -> None:
    made, out = world()
    made.units["siren-b1"].dead = True
    command = json.dumps({"id": "c1", "expires_at": rfc3339(T0 + MINUTE)}).encode()
    for name in ("siren-b1", "speaker-b1"):
        made.heard(f"anmin/xfl/{name}/command", command)
    made.heard("anmin/xfl/nobody/command", command)
    made.heard("elsewhere", command)
    assert out.topics("/result") == ["anmin/xfl/speaker-b1/result"]


def test_luck_is_by_name_and_seed() -> None:
    one, _ = world(seed="1")
    same, _ = world(small(landings=()), seed="1")
    other, _ = world(seed="2")
    drawn = [made.chance("smoke-b1-101").random() for made in (one, same, other)]
    assert drawn[0] == drawn[1] != drawn[2]


def test_what_the_system_does_is_kept_and_heard() -> None:
    made, _ = world()
    heard: list[Notice] = []
    made.listen(heard.append)
    made.told(notice())
    made.raised(raised())
    assert heard == made.notices == [notice()]
    assert made.is_open("i1")
    made.raised(raised(level=0, is_open=False, at=T0 + SECOND))
    assert not made.is_open("i1")
    assert not made.is_open("never")


def test_what_was_kept_by_the_broker_arrives_as_kept() -> None:
    made, out = world()
    (said,) = made.units["smoke-b1-101"].voice.online(T0)
    made.keeps(said)
    assert (out.kept, out.said) == ([said], [])


def test_what_is_watched_slowly_is_watched_faster_when_something_quick_happens() -> None:
    made, out = world(small(homes={"sos": 1}))
    unit = made.units["sos-b1-101"]
    made.watch(unit, 60.0, until=seconds(10_000))
    for press in range(20):
        made.step(seconds(100 * (press + 1)))
        made.begin(Pressed(HOME, "sos"))
    made.step(seconds(3_000))
    pressed = {one.payload for one in out.said if one.topic == "anmin/xfl/sos-b1-101/event"}
    assert len(pressed) == 20
