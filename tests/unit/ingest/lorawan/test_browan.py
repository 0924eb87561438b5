"""ingest.lorawan.browan: a leak sensor whose leak is one bit of the first byte."""

from __future__ import annotations

import pytest

from ingest.lorawan.body import understand
from ingest.lorawan.browan import FIELDS, read
from ingest.understood import Understood


def said(text: str) -> Understood:
    found = read(106, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found[0].understood


def test_wet_probe_is_an_alarm() -> None:
    assert said("11 0b 36 28 36").values == {
        "water_leak_alarm": 1.0,
        "battery_mv": 3600.0,
        "temperature_c": 22.0,
    }


def test_changed_temperature_is_no_leak() -> None:
    assert said("20 0b 36 28 36").values["water_leak_alarm"] == 0.0


def test_trap_20_leak_is_read_of_the_bytes_where_the_decoder_tells_none() -> None:
    told = {"battery": 3.6, "bytes": [1, 11, 56, 53, 55], "humidity": 53, "port": 106, "temperature": 24}
    assert understand(told.items(), FIELDS).values["water_leak_alarm"] == 1.0
    assert said("01 0b 38 35 37").values["water_leak_alarm"] == 1.0


@pytest.mark.parametrize("odd", [[], [1], "AQs=", None, [0] * 5, ["1", 0, 0, 0, 0]])
def test_bytes_that_are_none_say_nothing(odd: object) -> None:
    assert understand([("bytes", odd)], FIELDS).values == {}


def test_byte_that_is_none_is_unknown() -> None:
    assert understand([("bytes", [999, 1, 1, 1, 1])], FIELDS).values == {"water_leak_alarm": None}


def test_battery_that_cannot_be_is_unknown() -> None:
    assert said("00 0f 36 28 36").values["battery_mv"] is None


@pytest.mark.parametrize(
    ("f_port", "text", "why"),
    [(106, "00 00 00 00 00", "zero"), (106, "01 0b 36", "3 bytes"), (42, "01 0b 36 28 36", "port 42")],
)
def test_what_cannot_be_read_says_why(f_port: int, text: str, why: str) -> None:
    assert why in str(read(f_port, bytes.fromhex(text)))
