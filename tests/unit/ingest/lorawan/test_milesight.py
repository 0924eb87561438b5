"""ingest.lorawan.milesight: channel, type, value, and history beside the present."""

from __future__ import annotations

import pytest

from devices.instant import SECOND
from ingest.lorawan.body import Body
from ingest.lorawan.milesight import reader
from ingest.lorawan.milesight_models import MODELS

PAST = "20 ce 9e 74 46 63 10 01 5d 01"


def parts(model: str, text: str) -> tuple[Body, ...]:
    found = reader(MODELS[model])(85, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found


def test_leak_sensor_tells_battery_temperature_and_leak() -> None:
    (now,) = parts("EM300-SLD", "01 75 5c 03 67 9c ff 04 68 65 05 00 01")
    assert now.understood.values == {"battery_percent": 92.0, "temperature_c": -10.0, "water_leak_alarm": 1.0}
    assert not now.backfill


def test_trap_23_history_is_backfill_with_its_own_time() -> None:
    (past,) = parts("EM300-ZLD", PAST)
    assert past.backfill
    assert past.device_at == 1_665_561_758 * SECOND
    assert past.understood.values == {"temperature_c": 27.2, "water_leak_alarm": 1.0}


def test_history_leaves_the_present_as_it_is() -> None:
    now, first, second = parts("EM300-ZLD", f"05 00 00 {PAST} {PAST}")
    assert (now.backfill, now.device_at) == (False, None)
    assert now.understood.values == {"water_leak_alarm": 0.0}
    assert (first.backfill, second.backfill) == (True, True)


def test_record_of_each_model_has_its_own_length() -> None:
    (leak,) = parts("EM300-MLD", "20 ce 01 00 00 63 00 00 00 01")
    assert leak.understood.values == {"water_leak_alarm": 1.0}
    (level,) = parts("EM500-SWL", "20 ce 01 00 00 63 32 00")
    assert level.understood.values == {"water_level_mm": 500.0}


def test_rest_that_cannot_be_read_is_told_and_takes_nothing_away() -> None:
    (now,) = parts("EM300-ZLD", "05 00 01 77 77 00")
    assert now.understood.values == {"water_leak_alarm": 1.0}
    assert now.understood.notes == ["cut short, or unknown: from byte 3 on it was not read"]


def test_history_that_is_cut_short_is_told_beside_what_is_whole() -> None:
    now, past = parts("EM300-ZLD", f"{PAST} 20 ce 9e")
    assert now.understood.values == {}
    assert now.understood.notes
    assert past.backfill


def test_versions_and_answers_are_got_past() -> None:
    about = "ff 0b ff ff 01 01 ff 16 67 46 d3 88 02 58 00 00 ff 09 01 00 ff 0a 01 01 ff 0f 00 fe 03 58 02"
    (now,) = parts("WS101", f"{about} ff 2e 02")
    assert now.is_event
    (heard,) = parts("WS101", about)
    assert heard.understood.values == {}
    assert heard.understood.notes == []


@pytest.mark.parametrize("text", ["99 99 00", "01", "01 75"])
def test_body_of_which_nothing_can_be_read_is_refused(text: str) -> None:
    found = reader(MODELS["GS101"])(85, bytes.fromhex(text))
    assert isinstance(found, str)
    assert "GS101: nothing can be read" in found


def test_port_is_the_owners_choice() -> None:
    for f_port in (85, 2, None):
        assert isinstance(reader(MODELS["GS101"])(f_port, b"\x05\x8e\x01"), tuple)
