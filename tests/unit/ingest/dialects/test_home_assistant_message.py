"""ingest.dialects.home_assistant_message: values, parts that speak for themselves, presence, and garbage."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.dialects.home_assistant_config import Availability, Entity
from ingest.dialects.home_assistant_memory import Household
from ingest.dialects.home_assistant_message import Message
from ingest.message import Decoded, Ignored, Point, Reason, Rejected

UP = Availability("d/status", "", "online", "offline")
SMOKE = Entity("d", "binary_sensor", "smoke_alarm", "d/smoke", "", "ON", "OFF")
HEAT = Entity("d", "sensor", "temperature_c", "d/state", "{{ value_json.t }}")
WET = Entity("d", "binary_sensor", "water_leak_alarm", "d/state", "{{ value_json.wet }}", "True", "False")
SOS = Entity("d", "event", "sos_alarm", "d/button", "")


def household(*entities: Entity) -> Household:
    made = Household()
    for n, entity in enumerate(entities):
        assert made.put(f"e{n}", entity) == ""
    return made


def hear(
    house: Household, topic: str, payload: object, retain: bool = False
) -> tuple[Decoded, ...] | Rejected | Ignored:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return Message(house, raw, retain).said(house.readers(topic), house.watchers(topic))


def said(house: Household, topic: str, payload: object, retain: bool = False) -> Decoded:
    found = hear(house, topic, payload, retain)
    assert isinstance(found, tuple), found
    (one,) = found
    return one


def values(house: Household, topic: str, payload: object, retain: bool = False) -> dict[str, float | None]:
    return dict(said(house, topic, payload, retain).points)


# Values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "value"),
    [(b"ON", 1.0), (b" OFF\n", 0.0)] + [(one, None) for one in (b"", b"unknown", b"unavailable", b"None")],
)
def test_word_of_a_binary_sensor(payload: bytes, value: float | None) -> None:
    found = said(household(SMOKE), "d/smoke", payload)
    assert (found.points, found.notes) == ((Point("smoke_alarm", value),), ())


@pytest.mark.parametrize("payload", [b"on", b"1", b"alarm", b"false"])
def test_word_that_was_not_announced_is_unknown_and_told(payload: bytes) -> None:
    found = said(household(SMOKE), "d/smoke", payload)
    assert found.points == (Point("smoke_alarm", None),)
    assert found.notes == (f"smoke_alarm: {payload.decode()!r} is neither 'ON' nor 'OFF'",)


@pytest.mark.parametrize(
    ("wet", "value"), [(True, 1.0), (False, 0.0), ("true", 1.0), (None, None), (2, None), ([True], None)]
)
def test_trap_3_truth_in_json(wet: object, value: float | None) -> None:
    """Null is unknown and not dry."""
    assert values(household(WET), "d/state", {"wet": wet}) == {"water_leak_alarm": value}


def test_trap_4_what_a_message_does_not_speak_of_is_not_in_it() -> None:
    assert values(household(WET, HEAT), "d/state", {"t": 21.5}) == {"temperature_c": 21.5}
    assert isinstance(hear(household(WET, HEAT), "d/state", {"x": 1}), Ignored)
    assert isinstance(hear(household(WET, HEAT), "d/state", [1]), Ignored)


@pytest.mark.parametrize(
    ("raw", "value"), [(21.5, 21.5), ("21.50", 21.5), (20, 20.0), (None, None), ("unknown", None)]
)
def test_trap_1_number(raw: object, value: float | None) -> None:
    """Numbers may be texts."""
    found = said(household(HEAT), "d/state", {"t": raw})
    assert (found.points, found.notes) == ((Point("temperature_c", value),), ())


@pytest.mark.parametrize("raw", [5000, -300, True, "x", "nan", [1], 1e300])
def test_number_that_no_sensor_says_is_unknown_and_told(raw: object) -> None:
    found = said(household(HEAT), "d/state", {"t": raw})
    assert found.points == (Point("temperature_c", None),)
    assert len(found.notes) == 1


def test_number_is_turned_into_our_unit() -> None:
    fahrenheit = HEAT._replace(factor=5 / 9, offset=-160 / 9)
    assert values(household(fahrenheit), "d/state", {"t": 212})["temperature_c"] == pytest.approx(100)


def test_refused_template_makes_the_value_unknown() -> None:
    house = household(WET._replace(template=None), HEAT, SOS._replace(template=None, topic="d/state"))
    assert values(house, "d/state", {"t": 20}) == {
        "water_leak_alarm": None,
        "temperature_c": 20.0,
        "sos_alarm": None,
    }


def test_several_devices_on_one_topic_are_told_each() -> None:
    house = household(WET, WET._replace(address="c", template="{{ value_json.cellar }}"))
    found = hear(house, "d/state", {"wet": True, "cellar": False})
    assert isinstance(found, tuple)
    assert [(one.address, one.points[0].value) for one in found] == [("c", 0.0), ("d", 1.0)]
    assert said(house, "d/state", {"cellar": True}).address == "c"


def test_trap_8_values_in_json_may_be_cached_and_bare_ones_are_not() -> None:
    """What stands beside something new may be old."""
    assert said(household(WET), "d/state", {"wet": True}).cached
    assert not said(household(SMOKE), "d/smoke", b"ON").cached


# Parts of one device ----------------------------------------------------------------------------------------


def probes() -> Household:
    leak = SMOKE._replace(quantity="water_leak_alarm")
    return household(leak._replace(topic="d/1"), leak._replace(topic="d/2"))


def test_dry_part_does_not_speak_for_a_wet_one() -> None:
    house = probes()
    assert values(house, "d/1", b"ON") == {"water_leak_alarm": 1.0}
    assert values(house, "d/2", b"OFF") == {}
    assert values(house, "d/2", b"x") == {}
    assert values(house, "d/2", b"ON") == {"water_leak_alarm": 1.0}
    assert values(house, "d/1", b"OFF") == {}
    assert values(house, "d/2", b"OFF") == {"water_leak_alarm": 0.0}


def test_part_that_is_unknown_keeps_the_device_from_being_clear() -> None:
    house = probes()
    assert values(house, "d/1", b"unknown") == {"water_leak_alarm": None}
    assert values(house, "d/2", b"OFF") == {"water_leak_alarm": None}
    assert values(house, "d/1", b"OFF") == {"water_leak_alarm": 0.0}


def test_what_the_broker_kept_of_one_part_does_not_end_its_alarm() -> None:
    house = probes()
    values(house, "d/1", b"ON")
    assert values(house, "d/1", b"OFF", retain=True) == {}
    assert values(house, "d/2", b"OFF") == {}
    assert values(house, "d/1", b"OFF") == {"water_leak_alarm": 0.0}


def test_of_two_sensors_of_one_quantity_the_first_by_name_counts() -> None:
    house = household(HEAT, HEAT._replace(template="{{ value_json.chip }}"))
    assert values(house, "d/state", {"chip": 55, "t": 21}) == {"temperature_c": 21.0}
    assert isinstance(said(house, "d/state", {"chip": 55}), Decoded)
    assert values(house, "d/state", {"chip": 55}) == {}


# Events -----------------------------------------------------------------------------------------------------


def test_press_for_help_is_an_event() -> None:
    found = said(household(SOS), "d/button", {"event_type": "Emergency"})
    assert (found.points, found.is_event) == ((Point("sos_alarm", 1.0),), True)


@pytest.mark.parametrize("kind", ["single", "", 5])
def test_trap_9_another_press_says_nothing_of_the_person(kind: object) -> None:
    found = said(household(SOS), "d/button", {"event_type": kind})
    assert (found.points, found.is_event) == ((), False)


def test_trap_12_event_without_a_type_is_unknown() -> None:
    assert values(household(SOS), "d/button", {"event_type": None}) == {"sos_alarm": None}
    assert isinstance(hear(household(SOS), "d/button", {}), Ignored)


def test_alarm_that_never_says_that_it_ended_is_an_event() -> None:
    house = household(SMOKE._replace(momentary=True))
    assert said(house, "d/smoke", b"ON").is_event
    assert not said(house, "d/smoke", b"OFF").is_event


# Presence ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("payload", "online"), [(b"online", True), (b"offline", False)])
def test_presence_is_of_the_device(payload: bytes, online: bool) -> None:
    house = household(SMOKE._replace(availability=(UP,)), WET._replace(availability=(UP,)))
    assert said(house, "d/status", payload) == Decoded("home_assistant", "d", online=online)


def test_trap_15_presence_bare_and_as_json() -> None:
    source = UP._replace(template="{{ value_json.state }}")
    house = household(SMOKE._replace(availability=(source,)))
    assert said(house, "d/status", {"state": "offline"}).online is False
    bare = hear(house, "d/status", b"offline")
    assert isinstance(bare, Rejected)
    assert (bare.reason, bare.address) == (Reason.MALFORMED, "d")


def test_presence_of_many_devices_on_one_topic() -> None:
    smoke = SMOKE._replace(availability=(UP,))
    house = household(smoke, smoke._replace(address="c", topic="c/smoke"))
    found = hear(house, "d/status", b"offline")
    assert isinstance(found, tuple)
    assert [(one.address, one.online) for one in found] == [("c", False), ("d", False)]


def test_presence_that_is_not_decided_yet_says_nothing() -> None:
    bridge = UP._replace(topic="bridge")
    house = household(SMOKE._replace(mode="all", availability=(UP, bridge)))
    assert isinstance(hear(house, "d/status", b"online"), Ignored)
    assert said(house, "bridge", b"online").online is True


def test_word_of_presence_that_was_not_announced_is_refused() -> None:
    found = hear(household(SMOKE._replace(availability=(UP,))), "d/status", b"perhaps")
    assert isinstance(found, Rejected)
    assert "'online' nor 'offline'" in found.detail
    assert isinstance(hear(household(SMOKE._replace(availability=(UP,))), "d/status", b""), Ignored)


def test_value_and_presence_in_one_message_are_one_answer() -> None:
    source = UP._replace(topic="d/state", template="{{ value_json.s }}")
    house = household(WET._replace(availability=(source,)))
    found = said(house, "d/state", {"wet": True, "s": "online"})
    assert (found.points, found.online) == ((Point("water_leak_alarm", 1.0),), True)


# Garbage ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"\xff\xfe", Reason.MALFORMED),
        (b'{"t":', Reason.MALFORMED),
        (b'{"t":1,"t":2}', Reason.MALFORMED),
        (b'{"t":NaN}', Reason.MALFORMED),
        (b"unavailable", Reason.MALFORMED),
        (b" " * 70_000, Reason.TOO_LARGE),
    ],
)
def test_bad_message_is_refused_with_its_reason_and_address(payload: bytes, reason: Reason) -> None:
    found = hear(household(HEAT), "d/state", payload)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect, found.address) == (reason, "home_assistant", "d")


def test_bare_value_is_read_where_others_hope_for_json() -> None:
    house = household(HEAT, SMOKE._replace(topic="d/state"))
    assert values(house, "d/state", b"ON") == {"smoke_alarm": 1.0}


def test_message_that_was_taken_away_says_nothing() -> None:
    assert isinstance(hear(household(HEAT), "d/state", b""), Ignored)


def _mutations(payload: bytes) -> Iterator[bytes]:
    for n in range(len(payload)):
        yield payload[:n]
        yield payload[:n] + bytes((payload[n] ^ 0x55,)) + payload[n + 1 :]


def test_no_mutation_of_a_message_raises_or_invents_a_quantity() -> None:
    house = household(WET._replace(availability=(UP._replace(topic="d/state"),)), HEAT)
    for payload in _mutations(b'{"wet":true,"t":"21.5","s":null}'):
        found = hear(house, "d/state", payload)
        for one in found if isinstance(found, tuple) else ():
            assert {point.quantity for point in one.points} <= {"water_leak_alarm", "temperature_c"}


@given(st.binary(max_size=60), st.booleans())
def test_no_bytes_raise(payload: bytes, retain: bool) -> None:
    for entity in (SMOKE, HEAT, WET, SOS, SMOKE._replace(template=None)):
        house = household(entity._replace(availability=(UP,)))
        hear(house, entity.topic, payload, retain)
        hear(house, "d/status", payload, retain)
