"""ingest.dialects.sparkplug_wire: fields, values by datatype, the rebirth command, bytes that are none."""

from __future__ import annotations

import math
import random

import pytest

from ingest.dialects import sparkplug_wire
from ingest.dialects.sparkplug_wire import MAX_BYTES, SEVERAL, Metric, NotPayload, read, rebirth, value_of
from ingest.message import Reason
from tests.support.sparkplug import AT, flag, metric, payload, varint

ONE = metric(name="Smoke/Alarm", alias=10, timestamp=AT - 5, datatype=11, boolean=True)
WHOLE = (
    payload(ONE, metric(alias=2**64 - 1, datatype=10, double=-2.5), seq=255) + b"\x22\x01u\x2a\x02\x00\x01"
)


def refusal(data: bytes) -> NotPayload:
    with pytest.raises(NotPayload) as refused:
        read(data)
    return refused.value


def only(**fields: str | float | bytes) -> Metric:
    (one,) = read(payload(metric(**fields))).metrics
    return one


def test_every_field_is_read() -> None:
    said = read(WHOLE)
    assert (said.timestamp, said.seq, said.uuid, said.body) == (AT, 255, "u", b"\x00\x01")
    assert said.metrics[0] == Metric("Smoke/Alarm", 10, AT - 5, 11, field=14, value=True)
    assert said.metrics[1] == Metric(alias=2**64 - 1, datatype=10, field=13, value=-2.5)


def test_marks_are_read() -> None:
    one = only(alias=1, is_historical=1, is_transient=1, is_null=1)
    assert (one.is_historical, one.is_transient, one.is_null) == (True, True, True)


def test_absent_seq_is_told_from_zero() -> None:
    assert [read(payload(seq=seq)).seq for seq in (None, 0)] == [None, 0]


def test_what_is_not_ours_is_stepped_over() -> None:
    one = metric(name="CO", properties=b"\xff\xff", datatype=9, float=3.5) + varint(20 << 3 | 5) + b"abcd"
    said = read(payload(one, seq=1) + varint(40 << 3 | 1) + b"abcdefgh" + varint(300 << 3) + b"\x01")
    assert (said.metrics[0].value, said.seq) == (3.5, 1)


def test_last_of_a_repeated_field_counts() -> None:
    assert read(payload(seq=1) + b"\x18\x02").seq == 2


def test_name_that_is_no_text_hides_no_other_metric() -> None:
    said = read(payload(metric(name=b"\xff\xfe", boolean=True), ONE))
    assert [one.name for one in said.metrics] == ["��", "Smoke/Alarm"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "neither timestamp nor seq nor metrics"),
        (b"\x22\x01u", "neither timestamp nor seq nor metrics"),
        (b"\x12", "ends within a field, at byte 1"),
        (b"\x12\x05a", "4 bytes of field 2 at byte 2 are missing"),
        (b"\x08" + b"\xff" * 9, "ends within a field, at byte 10"),
        (b"\x08" + b"\xff" * 11, "a number that does not end"),
        (b"\x08" + b"\xff" * 9 + b"\x02", "more than 64 bits"),
        (b"\x0b\x01", "byte 1: 3 is no way to write"),
        (b"\x1d1234", "field 3 of a payload is written in a way (type 5)"),
        (b"\x10\x01", "field 2 of a payload"),
        (b"\x00\x01", "field 0 of a payload"),
        (payload(b"\x12\x00"), "field 2 of a metric is written in a way (type 2)"),
        (payload(b"\x70"), "ends within a field, at byte 1"),
        (payload(b"\x71" + b"\x00" * 8), "field 14 of a metric"),
        (b'{"smoke": true}', ""),
        (b"ONLINE", ""),
    ],
)
def test_bytes_that_are_no_payload_say_why(data: bytes, said: str) -> None:
    found = refusal(data)
    assert said in found.detail
    assert found.reason is Reason.MALFORMED


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refusal(b"\x08" * (MAX_BYTES + 1)).reason is Reason.TOO_LARGE
    monkeypatch.setattr(sparkplug_wire, "MAX_METRICS", 1)
    assert refusal(payload(ONE, ONE)).reason is Reason.TOO_LARGE


def test_truncated_at_every_byte_never_raises_anything_else() -> None:
    """A cut between two fields leaves a shorter payload; any other is refused."""
    refused = 0
    for length in range(len(WHOLE)):
        try:
            assert len(read(WHOLE[:length]).metrics) <= 2
        except NotPayload:
            refused += 1
    assert refused > len(WHOLE) * 0.8


def test_random_bytes_and_mutations_never_raise_anything_else() -> None:
    dice = random.Random(29)
    refused = 0
    for _ in range(3_000):
        data = bytearray(WHOLE if dice.random() < 0.5 else dice.randbytes(dice.randrange(60)))
        for _ in range(dice.randrange(1, 4)):
            if data:
                data[dice.randrange(len(data))] = dice.randrange(256)
        try:
            for one in read(bytes(data)).metrics:
                value_of(one, one.datatype)
        except NotPayload:
            refused += 1
    assert 500 < refused < 3_000


# Values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("datatype", "field", "raw", "value"),
    [
        (1, "int", 0xCE, -50),
        (1, "int", 0xFFFFFFCE, -50),
        (2, "int", 0xFFCE, -50),
        (3, "int", -50 & 0xFFFFFFFF, -50),
        (3, "long", -50, -50),
        (4, "long", -50, -50),
        (4, "long", 2**40, 2**40),
        (5, "int", 200, 200),
        (7, "long", 2**32 - 1, 2**32 - 1),
        (8, "long", 2**64 - 1, 2**64 - 1),
        (9, "float", 1.5, 1.5),
        (9, "double", 1.5, 1.5),
        (11, "boolean", 2, True),
        (12, "string", "OK", "OK"),
        (0, "string", "OK", "OK"),
        (0, "int", 7, 7),
    ],
)
def test_value_by_its_datatype(datatype: int, field: str, raw: str | float, value: object) -> None:
    assert value_of(only(alias=1, **{field: raw}), datatype) == (value, "")


@pytest.mark.parametrize(
    ("datatype", "fields", "wrong"),
    [
        (11, {"int": 1}, "its value does not fit its datatype 11"),
        (9, {"boolean": True}, "its value does not fit its datatype 9"),
        (16, {"blob": b"x"}, "its value does not fit its datatype 16"),
        (99, {"int": 1}, "its value does not fit its datatype 99"),
        (1, {"int": 300}, "300 does not fit into its 8 bits"),
        (11, {}, "it has no value"),
        (0, {"blob": b"x"}, "its value is of a kind that we do not read"),
        (11, {"boolean": False, "int": 1}, "it has several values: which one counts?"),
    ],
)
def test_value_that_does_not_fit_is_none(datatype: int, fields: dict[str, float | bytes], wrong: str) -> None:
    assert value_of(only(alias=1, **fields), datatype) == (None, wrong)


def test_null_is_no_value_and_nothing_wrong() -> None:
    assert value_of(only(alias=1, is_null=1, boolean=False), 11) == (None, "")


def test_several_values_are_marked() -> None:
    assert only(boolean=True, float=1.0).field == SEVERAL


def test_float_that_is_none_is_left_to_the_quantity() -> None:
    value, _ = value_of(only(float=math.nan), 9)
    assert isinstance(value, float)
    assert math.isnan(value)


# Rebirth ----------------------------------------------------------------------------------------------------


def test_rebirth_is_a_command_in_the_time_of_whom_it_is_for() -> None:
    name = "Node Control/Rebirth"
    assert rebirth(AT) == payload(metric(name=name, timestamp=AT, datatype=11, boolean=True))
    assert rebirth(None) == payload(flag(name, True), timestamp=None)


@pytest.mark.parametrize("timestamp", [-1, 2**64])
def test_rebirth_without_a_time_that_is_one(timestamp: int) -> None:
    assert rebirth(timestamp) == rebirth(None)
