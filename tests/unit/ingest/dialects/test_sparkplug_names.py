"""ingest.dialects.sparkplug_names: which metrics concern us, and what their words and numbers say."""

from __future__ import annotations

import pytest

from devices.quantity import QUANTITIES, QuantityKind
from ingest.dialects import sparkplug_names
from ingest.dialects.sparkplug_names import MAX_NAME, meaning
from ingest.generic import GENERIC
from ingest.understood import Understood

FLOAT, BOOLEAN, STRING = 9, 11, 12


def said(name: str, value: object, datatype: int = BOOLEAN) -> Understood:
    found, understood = meaning(name, datatype), Understood()
    assert found is not None, name
    found.take(understood, name, value)
    return understood


def quantity(name: str, datatype: int = BOOLEAN) -> str | None:
    found = meaning(name, datatype)
    return found.quantity if found is not None else None


@pytest.mark.parametrize("one", QUANTITIES.values(), ids=lambda one: one.name)
def test_our_own_names_always_count(one: object) -> None:
    known = QUANTITIES[getattr(one, "name", "")]
    datatype = FLOAT if known.kind is QuantityKind.NUMBER else BOOLEAN
    for name in (known.name, known.name.upper(), f"Floor 3/{known.name}", known.zh, f"三楼/{known.zh}"):
        assert quantity(name, datatype) == known.name, name


@pytest.mark.parametrize(
    "name",
    ["Smoke/Alarm", "smoke_alarm", "SMOKE-301/Smoke/Alarm", "SmokeAlarm", "a/b/smoke alarm", "Zone 1/Smoke"],
)
def test_one_meaning_in_many_spellings(name: str) -> None:
    assert quantity(name) == "smoke_alarm"


@pytest.mark.parametrize(
    ("name", "datatype", "wanted"),
    [
        ("Gas", BOOLEAN, "gas_alarm"),
        ("CO", BOOLEAN, "co_alarm"),
        ("CO", FLOAT, "co_ppm"),
        ("Water/Leak", BOOLEAN, "water_leak_alarm"),
        ("Leak", BOOLEAN, "water_leak_alarm"),
        ("Battery", FLOAT, "battery_percent"),
        ("Battery/Percent", FLOAT, "battery_percent"),
        ("Battery/Low", BOOLEAN, "battery_low"),
        ("Tamper", BOOLEAN, "tamper"),
        ("Fault/Code", STRING, "fault"),
        ("Smoke/Obscuration", FLOAT, "smoke_obscuration_db_per_m"),
        ("Temperature", FLOAT, "temperature_c"),
        ("Alarm", BOOLEAN, GENERIC),
    ],
)
def test_names_of_safety_messages(name: str, datatype: int, wanted: str) -> None:
    assert quantity(name, datatype) == wanted


@pytest.mark.parametrize(
    ("name", "datatype"),
    [
        ("", BOOLEAN),
        ("x" * (MAX_NAME + 1), BOOLEAN),
        ("Pump/Alarm", BOOLEAN),
        ("Node Control/Rebirth", BOOLEAN),
        ("Device Control/Test", BOOLEAN),
        ("Setpoints/Temperature", FLOAT),
        ("Temperature/Limit", FLOAT),
        ("Smoke/Alarm/Enabled", BOOLEAN),
        ("Smoke/Alarm/Count", FLOAT),
        ("Battery", BOOLEAN),
        ("Heat", BOOLEAN),
        ("bdSeq", 8),
    ],
)
def test_what_is_of_no_concern_or_says_too_little(name: str, datatype: int) -> None:
    assert meaning(name, datatype) is None


def test_trap_30_numeric_gas_is_no_alarm() -> None:
    assert quantity("Gas", FLOAT) is None
    assert said("CO", 35.0, FLOAT).values == {"co_ppm": 35.0}


@pytest.mark.parametrize(
    ("value", "read"),
    [(True, 1.0), (False, 0.0), (1, 1.0), ("ALARM", 1.0), (None, None), (2, None), ("?", None)],
)
def test_alarm_words(value: object, read: float | None) -> None:
    assert said("Smoke/Alarm", value).values == {"smoke_alarm": read}


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -60.0, True])
def test_implausible_number_is_unknown(value: float) -> None:
    understood = said("Temperature", value, FLOAT)
    assert understood.values == {"temperature_c": None}
    assert len(understood.notes) == 1


@pytest.mark.parametrize(
    ("value", "read"),
    [
        ("OK", 0.0),
        ("0", 0.0),
        (0, 0.0),
        (False, 0.0),
        ("E12", 1.0),
        (7, 1.0),
        (True, 1.0),
        ("", None),
        (None, None),
    ],
)
def test_fault_as_flag_number_or_word(value: object, read: float | None) -> None:
    assert said("Fault/Code", value).values == {"fault": read}


def test_marks_are_no_quantities() -> None:
    assert said("Test", True).test
    assert not said("Test", False).test
    assert said("Warming Up", True).warmup
    assert said("Preheating", True).values == {}


def test_quantities_of_the_table_exist() -> None:
    fed = {one.quantity for found in sparkplug_names._NAMES.values() for one in found if one is not None}
    assert fed - set(QUANTITIES) == {sparkplug_names.MARK}
