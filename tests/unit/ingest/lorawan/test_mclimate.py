"""ingest.lorawan.mclimate: a flood sensor of two bytes."""

from __future__ import annotations

import pytest

from ingest.lorawan.body import understand
from ingest.lorawan.mclimate import FIELDS, read
from ingest.understood import Understood


def said(text: str) -> Understood:
    found = read(2, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found[0].understood


def test_tamper_without_flood() -> None:
    assert said("08 c9").values == {"water_leak_alarm": 0.0, "tamper": 1.0, "battery_mv": 3216.0}


def test_flood_with_temperature() -> None:
    values = said("42 c9 15").values
    assert (values["water_leak_alarm"], values["temperature_c"]) == (1.0, 21.0)


def test_press_of_the_test_button_is_a_test() -> None:
    assert said("20 c9").test


def test_flood_while_somebody_presses_the_test_button_is_no_test() -> None:
    found = said("22 c9")
    assert found.values["water_leak_alarm"] == 1.0
    assert not found.test


def test_flood_as_the_reason_with_its_bit_off_is_unknown() -> None:
    assert said("40 c9").values["water_leak_alarm"] is None


@pytest.mark.parametrize(("text", "note"), [("60 c9", "tampers"), ("e0 c9", "do not know")])
def test_reason_is_told(text: str, note: str) -> None:
    assert note in said(text).notes[0]


@pytest.mark.parametrize("text", ["08", "08 c9 15 00"])
def test_other_length_is_refused(text: str) -> None:
    assert "expected 2 or 3" in str(read(2, bytes.fromhex(text)))


def test_newer_decoder_tells_volts() -> None:
    told = {"flood": False, "reason": "keepalive", "boxTamper": False, "battery": 3.216}
    assert understand(told.items(), FIELDS).values["battery_mv"] == 3216.0
