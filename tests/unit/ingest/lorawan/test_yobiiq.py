"""ingest.lorawan.yobiiq: a smoke detector on the mains."""

from __future__ import annotations

import pytest

from ingest.lorawan.body import understand
from ingest.lorawan.yobiiq import FIELDS, read
from ingest.understood import Understood


def said(text: str, f_port: int | None = 8) -> Understood:
    found = read(f_port, bytes.fromhex(text))
    assert isinstance(found, tuple), found
    return found[0].understood


def test_report_of_a_detector_in_order() -> None:
    assert said("01 00 64 02 00 01 03 00 00 04 00 00 05 00 00 06 00 00 07 00 00").values == {
        "battery_percent": 100.0,
        "fault": 0.0,
        "battery_low": 0.0,
        "smoke_alarm": 0.0,
    }


def test_mains_that_went_off_are_a_fault() -> None:
    found = said("ff 09 01 00 ff 0a 01 00 ff 16 24 01 64 00 00 ff 0f 00 ff 0b 00")
    assert found.values == {"fault": 1.0}
    assert found.notes == ["mains power is off"]


def test_mains_that_are_on_take_no_fault_back() -> None:
    assert said("02 00 01 04 00 01").values["fault"] == 1.0
    assert said("04 00 01 02 00 01").values["fault"] == 1.0


def test_smoke_alarm_of_a_connected_detector_counts() -> None:
    assert said("05 00 00 06 00 01").values["smoke_alarm"] == 1.0
    assert "smoke_alarm" not in said("06 00 00").values


def test_smoke_while_its_button_is_pushed_is_a_test() -> None:
    found = said("05 00 01 07 00 01")
    assert found.test
    assert found.values["smoke_alarm"] == 1.0


def test_value_that_is_neither_is_unknown() -> None:
    assert said("05 00 02 02 00 07").values == {"smoke_alarm": None, "fault": None}


def test_answer_to_a_command_is_a_sign_of_life() -> None:
    assert said("00", 50).values == {}


def test_rest_that_cannot_be_read_is_told() -> None:
    found = said("05 00 01 09 00 00")
    assert found.values == {"smoke_alarm": 1.0}
    assert found.notes == ["cut short, or unknown: from byte 3 on it was not read"]


@pytest.mark.parametrize(
    ("f_port", "text"), [(8, "09 00 00"), (8, "05 00"), (85, "05 00 01"), (8, "ff 77 00 00")]
)
def test_what_cannot_be_read_says_why(f_port: int, text: str) -> None:
    assert "SD-1001: " in str(read(f_port, bytes.fromhex(text)))
    assert isinstance(read(f_port, bytes.fromhex(text)), str)


def test_words_of_its_decoder_mean_the_same() -> None:
    told = {"powerEvent": "AC Power On", "smokeAlarm": "Alarm", "testButtonPressed": "Pushed"}
    found = understand(told.items(), FIELDS)
    assert found.values == {"fault": 0.0, "smoke_alarm": 1.0}
    assert found.test
