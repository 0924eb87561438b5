"""ingest.lorawan.tg563a: smoke detectors with five bytes of state."""

from __future__ import annotations

import pytest

from devices.instant import HOUR
from ingest.lorawan.body import understand
from ingest.lorawan.tg563a import FIELDS, read
from ingest.understood import Understood

EXTENDED = "0f 7e 1a 03 00 cd" + " 00" * 29


def said(text: str) -> Understood:
    found = read(1, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found[0].understood


def test_heartbeat_of_a_detector_in_order() -> None:
    assert said("00 78 1a 03 00").values == {
        "temperature_c": 26.0,
        "smoke_alarm": 0.0,
        "battery_low": 0.0,
        "tamper": 0.0,
        "fault": 0.0,
    }


def test_trap_31_smoke_alarm_while_unmounted_is_an_alarm() -> None:
    values = said("01 7e 15 00 01").values
    assert (values["smoke_alarm"], values["tamper"]) == (1.0, 1.0)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("00 78 1a 11 00", "obstacle"),
        ("00 78 1a 21 00", "air inlet"),
        ("00 78 1a 01 08", "dirty"),
        ("00 78 1a 01 10", "ultrasonic"),
        ("00 78 1a 01 20", "infrared"),
        ("00 78 1a 01 40", "buzzer"),
    ],
)
def test_every_fault_is_a_fault_and_says_which(text: str, note: str) -> None:
    found = said(text)
    assert (found.values["fault"], found.values["smoke_alarm"]) == (1.0, 0.0)
    assert any(note in one for one in found.notes)


def test_failed_smoke_chamber_cannot_say_that_there_is_no_smoke() -> None:
    assert said("03 78 1a 01 04").values["smoke_alarm"] is None
    assert said("03 78 1a 01 05").values["smoke_alarm"] == 1.0


def test_battery_low_and_frost() -> None:
    values = said("02 78 f6 01 02").values
    assert (values["battery_low"], values["temperature_c"]) == (1.0, -10.0)


def test_unmounted_for_too_long_is_tampering() -> None:
    assert said("00 78 1a 81 00").values["tamper"] == 1.0


def test_smoke_event_that_is_switched_off_is_told() -> None:
    assert any("heartbeat only" in note for note in said("00 38 1a 01 00").notes)


def test_extended_body_tells_its_battery() -> None:
    assert said(EXTENDED).values["battery_mv"] == 3050.0


@pytest.mark.parametrize("text", ["00 7e 1a 03 00 0c", "00 7e 1a 03", "0f 7e 1a 03 00", EXTENDED + " 00"])
def test_other_length_is_refused(text: str) -> None:
    found = read(1, bytes.fromhex(text))
    assert isinstance(found, str)
    assert "expected 5 or 35" in found


def test_other_port_is_refused() -> None:
    assert "port 2" in str(read(2, bytes.fromhex("00 78 1a 03 00")))


def test_status_of_its_decoder_may_be_incomplete_or_odd() -> None:
    assert understand([("status", {"smokeAlarm": None})], FIELDS).values == {"smoke_alarm": None}
    assert understand([("status", {"smokeAlarm": 1.0})], FIELDS).values == {"smoke_alarm": 1.0}
    assert understand([("status", {"mounted": "?"})], FIELDS).values == {"tamper": None}
    assert understand([("status", "ok"), ("configuration", 1)], FIELDS).values == {}


@pytest.mark.parametrize(
    ("config", "hours"), [("78", 1), ("79", 2), ("7a", 4), ("7c", 8), ("7e", 24), ("7f", 48)]
)
def test_the_detector_tells_how_often_it_will_be_heard(config: str, hours: int) -> None:
    assert said(f"00 {config} 1a 03 00").reports_every_for == hours * HOUR


def test_the_network_servers_decoder_tells_it_too() -> None:
    fields = {"configuration": {"transmissionPeriod": 12}}
    assert understand(fields.items(), FIELDS).reports_every_for == 12 * HOUR
