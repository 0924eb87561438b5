"""The bytes of LoRaWAN detectors against vectors that were worked out by hand."""

from __future__ import annotations

import random

import pytest

from simulator.dialects.lorawan import FRAMES, eui, uuid
from simulator.voice import Values


@pytest.mark.parametrize(
    ("kind", "values", "port", "body"),
    [
        ("water_leak", {"water_leak_alarm": True, "battery_percent": 92.0, "temperature_c": 30.8}, 85,
         "01755c 036734 01 046864 050001"),
        ("water_leak", {"water_leak_alarm": False, "temperature_c": -0.1}, 85, "01755a0367ffff046864050000"),
        ("gas", {"gas_alarm": True}, 85, "058e01 060100 070100 0890804a5d05"),
        ("water_level", {"water_level_mm": 1_234.0}, 85, "01755a 03777b00"),
        ("smoke", {"smoke_alarm": True, "temperature_c": -5.0, "battery_low": True}, 1, "10 40 fb 01 03"),
        ("smoke", {"tamper": True, "temperature_c": 0.0}, 1, "10 40 00 00 00"),
        ("sos", {"sos_alarm": True}, 85, "01755a ff2e02"),
        ("sos", {}, 85, "01755a"),
    ],
)  # fmt: skip
def test_a_frame_is_these_bytes(kind: str, values: Values, port: int, body: str) -> None:
    frame = FRAMES[kind](values)
    assert (frame.port, frame.body.hex()) == (port, body.replace(" ", ""))


def test_each_device_has_an_eui_of_its_own_and_each_frame_a_uuid() -> None:
    assert len({eui("x", number) for number in range(1_000)}) == 1_000
    assert len(eui("x", 7)) == 16
    assert len(uuid(random.Random(1))) == 36
