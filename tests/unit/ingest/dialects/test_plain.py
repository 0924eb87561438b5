"""ingest.dialects.plain: topics and fields by the settings, and nothing by guessing."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from ingest.device_time import UNREADABLE
from ingest.dialects.plain import LONGEST_ADDRESS, Plain
from ingest.message import Decoded, Ignored, Lane, Point, Reason, Rejected
from ingest.registry import Dialect, Subscription

HOUSE = "house/+/data"
FIELDS: dict[str, Any] = {"leak": "water_leak_alarm", "bat.v": ("battery_mv", 1000), "t": "temperature_c"}


def decode(dialect: Plain, topic: str, payload: object) -> object:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return dialect.decode(topic, raw, False)


def said(dialect: Plain, topic: str, payload: object) -> Decoded:
    found = decode(dialect, topic, payload)
    assert isinstance(found, tuple), found
    (one,) = found
    assert isinstance(one, Decoded)
    return one


def values(fields: dict[str, Any], payload: object) -> dict[str, float | None]:
    return dict(said(Plain({HOUSE: fields}), "house/a/data", payload).points)


# The settings -----------------------------------------------------------------------------------------------


def test_it_is_a_dialect() -> None:
    dialect: Dialect = Plain({})
    assert (dialect.name, dialect.subscriptions()) == ("plain", ())
    assert Plain({HOUSE: FIELDS}).subscriptions() == (Subscription(HOUSE, Lane.TELEMETRY),)


@pytest.mark.parametrize(
    ("topic", "address"),
    [
        ("house/a b/data", "a b"),
        ("house/a/b/data", None),
        ("house//data", None),
        ("house/data", None),
        ("house/a/data/x", None),
        ("x/house/a/data", None),
        ("v1/devices/me/telemetry", "v1/devices/me/telemetry"),
        ("v1/devices/me", None),
        ("last/7", "7"),
    ],
)
def test_address_is_what_plus_stands_for_or_the_topic(topic: str, address: str | None) -> None:
    dialect = Plain({HOUSE: FIELDS, "v1/devices/me/telemetry": FIELDS, "last/+": FIELDS})
    assert dialect.claims(topic) is (address is not None)
    if address is not None:
        assert said(dialect, topic, {"leak": True}) == Decoded(
            "plain", address, (Point("water_leak_alarm", 1.0),)
        )
    else:
        found = decode(dialect, topic, {})
        assert isinstance(found, Rejected)
        assert found.reason is Reason.TOPIC_MISMATCH


@pytest.mark.parametrize(
    ("topics", "more", "told"),
    [
        ({"a/#": {}}, {}, "no #"),
        ({"+/a/+": {}}, {}, "at most one"),
        ({"a/x+": {}}, {}, "whole level"),
        ({"": {}}, {}, "at most one"),
        ({HOUSE: {"x": "smoke"}}, {}, "there is no quantity 'smoke'"),
        ({HOUSE: {"x": ("smoke_alarm", 2.0)}}, {}, "without a factor"),
        ({HOUSE: {"x": ("co_ppm", 0)}}, {}, "the factor 0"),
        ({HOUSE: {"x": ("co_ppm", float("nan"))}}, {}, "the factor nan"),
        ({HOUSE: {}}, {"addresses": {"x": "id"}}, "none of the topics"),
        ({HOUSE: {}}, {"times": {"x": "ts"}}, "none of the topics"),
        ({HOUSE: {}}, {"times": {HOUSE: ("ts", 0.0)}}, "the factor 0"),
    ],
)
def test_setting_that_cannot_be_meant_is_an_error(topics: Any, more: Any, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Plain(topics, **more)


# The message ------------------------------------------------------------------------------------------------


def test_fields_are_taken_by_path_and_factor() -> None:
    body = {"leak": False, "bat": {"v": 2.9}, "t": "21.5", "smoke": 1, "other": [1]}
    assert values(FIELDS, body) == {"water_leak_alarm": 0.0, "battery_mv": 2900.0, "temperature_c": 21.5}


def test_field_that_is_not_there_is_not_spoken_of_and_null_is_unknown() -> None:
    assert values(FIELDS, {"t": None}) == {"temperature_c": None}
    assert values(FIELDS, {"bat": 3}) == {}


def test_element_of_a_list() -> None:
    assert values({"s.1.t": "temperature_c"}, {"s": [{}, {"t": 20}]}) == {"temperature_c": 20.0}
    assert values({"s.1": "temperature_c", "s.10000": "co_ppm"}, {"s": [1]}) == {}


def test_trap_28_key_with_a_space_at_its_end_is_that_key() -> None:
    assert values({"leak ": "water_leak_alarm"}, {"leak ": 1}) == {"water_leak_alarm": 1.0}


@pytest.mark.parametrize("share", [0.024, 0.5, 2, "a little", [1]])
def test_smoke_as_a_share_of_one_is_neither_alarm_nor_clear(share: object) -> None:
    found = said(Plain({HOUSE: {"smoke": "smoke_alarm"}}), "house/a/data", {"smoke": share})
    assert found.points == (Point("smoke_alarm", None),)
    assert len(found.notes) == 1


def test_number_beyond_its_quantity_is_unknown() -> None:
    assert values({"t": "temperature_c"}, {"t": 5000}) == {"temperature_c": None}


@pytest.mark.parametrize(
    ("payload", "value"), [(b"ON", 1.0), (b" off\n", 0.0), (b"true", 1.0), (b"0", 0.0), (b"?", None)]
)
def test_whole_message_is_one_value(payload: bytes, value: float | None) -> None:
    dialect = Plain({"leaks/+": {"": "water_leak_alarm"}})
    assert said(dialect, "leaks/bath", payload).points == (Point("water_leak_alarm", value),)


def test_address_out_of_the_message() -> None:
    dialect = Plain({HOUSE: FIELDS}, addresses={HOUSE: "id.mac"})
    assert said(dialect, "house/x/data", {"id": {"mac": "6e:81"}, "leak": 1}).address == "6e:81"
    assert said(dialect, "house/x/data", {"id": {"mac": 7}}).address == "7"
    odd: dict[str, Any]
    for odd in ({}, {"id": {}}, {"id": {"mac": ""}}, {"id": {"mac": True}}, {"id": {"mac": 1.5}}):
        found = decode(dialect, "house/x/data", odd)
        assert isinstance(found, Rejected)
        assert (found.reason, found.address) == (Reason.WRONG_TYPE, "x")
    too_long = decode(dialect, "house/x/data", {"id": {"mac": "x" * (LONGEST_ADDRESS + 1)}})
    assert isinstance(too_long, Rejected)


@pytest.mark.parametrize(
    ("clock", "given", "at"),
    [
        ("ts", 1_594_419_195.5, 1_594_419_195_500_000),
        (("ts", 0.001), 1_594_419_195_500, 1_594_419_195_500_000),
        ("ts", "2020-07-10T22:13:15Z", 1_594_419_195_000_000),
        ("ts", "2020-07-10T22:13:15", UNREADABLE),
        ("ts", -1, UNREADABLE),
        ("ts", 10**18, UNREADABLE),
        ("ts", [1], UNREADABLE),
        ("ts", True, UNREADABLE),
        ("ts", None, None),
        ("other", 5, None),
    ],
)
def test_time_of_the_device(clock: Any, given: object, at: int | None) -> None:
    found = said(Plain({HOUSE: FIELDS}, times={HOUSE: clock}), "house/a/data", {"ts": given})
    assert found.device_at == at
    assert len(found.notes) == (at == UNREADABLE)


# What is not taken ------------------------------------------------------------------------------------------


def test_message_taken_away_is_ignored() -> None:
    assert isinstance(decode(Plain({HOUSE: FIELDS}), "house/a/data", b""), Ignored)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"{", Reason.MALFORMED),
        (b"ON", Reason.MALFORMED),
        (b" " * 70_000, Reason.TOO_LARGE),
        (b'{"t":1e999}', Reason.IMPLAUSIBLE),
        (b'{"t":1,"t":2}', Reason.MALFORMED),
    ],
)
def test_bad_message_is_refused_with_its_reason(payload: bytes, reason: Reason) -> None:
    found = decode(Plain({HOUSE: FIELDS}), "house/a/data", payload)
    assert isinstance(found, Rejected)
    assert (found.reason, found.dialect, found.address) == (reason, "plain", "a")


def test_no_bytes_make_it_raise() -> None:
    chance = random.Random(28)
    dialect = Plain({HOUSE: {**FIELDS, "": "smoke_alarm"}}, times={HOUSE: "ts"})
    whole = json.dumps({"leak": True, "bat": {"v": 3}, "t": 21.5, "ts": 1_594_419_195}).encode()
    for end in range(1, len(whole)):
        assert isinstance(decode(dialect, "house/a/data", whole[:end]), tuple)
    for _ in range(2_000):
        raw = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            raw[chance.randrange(len(raw))] = chance.choice(b'0123456789{}[]",:.-\x00\xff')
        assert isinstance(decode(dialect, "house/a/data", bytes(raw)), (tuple, Rejected))
