"""ingest.lorawan.body: words of many decoders, batteries in V or mV, buttons."""

from __future__ import annotations

import pytest

from ingest.lorawan.body import Body, bit, distance, nothing, plain, present, press, remark, understand, volts
from ingest.understood import Understood

TABLE = {"leak": bit("water_leak_alarm"), "Volt": volts, "sos": press, "mm": distance, "valve_status": remark}


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("Leak", 1.0),
        ("Alarm", 1.0),
        ("NoLeak", 0.0),
        ("No Alarm", 0.0),
        ("threshold_alarm", 1.0),
        ("threshold_alarm_release", 0.0),
        ("normal", 0.0),
        (1, 1.0),
        (0.0, 0.0),
        (True, 1.0),
    ],
)
def test_decoders_have_many_words_for_one_bit(word: object, said: float) -> None:
    assert understand([("leak", word)], TABLE).values == {"water_leak_alarm": said}


@pytest.mark.parametrize("word", ["unknown", "", None, 2, -1, [], {}, "No Sensor", float("nan")])
def test_word_that_is_not_known_is_unknown_and_never_clear(word: object) -> None:
    assert understand([("leak", word)], TABLE).values == {"water_leak_alarm": None}


def test_field_that_comes_twice_keeps_its_alarm() -> None:
    assert understand([("leak", 1), ("leak", 0)], TABLE).values == {"water_leak_alarm": 1.0}


@pytest.mark.parametrize(
    ("told", "mv"), [(3.6, 3600.0), (3216, 3216.0), ("2.4", 2400.0), (99, None), (None, None)]
)
def test_battery_is_told_in_volts_or_millivolts(told: object, mv: float | None) -> None:
    assert understand([("Volt", told)], TABLE).values == {"battery_mv": mv}


def test_press_is_an_event_and_release_is_none() -> None:
    (pressed,) = present([("sos", 1)], TABLE)
    (released,) = present([("sos", 0)], TABLE)
    assert pressed.is_event
    assert pressed.understood.sos
    assert not released.is_event
    assert released.understood.values == {"sos_alarm": 0.0}


def test_distance_is_no_depth() -> None:
    said = understand([("mm", 1200), ("valve_status", 0)], TABLE)
    assert said.values == {"distance_mm": 1200.0}
    assert said.notes == ["valve off"]


def test_fields_of_no_concern_are_passed_over() -> None:
    assert understand([("humidity", 50)], TABLE) == Understood()
    assert nothing("started") == (Body(Understood(notes=["started"])),)


def test_other_values_than_words_stay_what_they_are() -> None:
    assert [plain(one) for one in ("Read Failed", 3, None)] == ["read failed", 3, None]
