"""ingest.lorawan.uplink: bytes and the decoded object of one frame, and which of them counts."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from devices.instant import SECOND
from ingest.generic import GENERIC
from ingest.lorawan.uplink import NOTES, Uplink, aside, heard, moment, port, texts
from ingest.message import Decoded, Point, Reason, Rejected

LEAK = "milesight-em300-zld"
WET = "050001"
DRY = "050000"
HISTORY = "20ce14bdeb6534016501"  # 30.8 degrees and a leak
SMOKE = "tg563a"


def up(hexed: str | None, decoded: object = None, model: str | None = LEAK, **more: Any) -> Uplink:
    data = None if hexed is None else base64.b64encode(bytes.fromhex(hexed)).decode()
    return Uplink("d", "a", model, 85, data, decoded, 7, "up/1")._replace(**more)


def all_said(frame: Uplink) -> tuple[Decoded, ...]:
    found = heard(frame)
    assert isinstance(found, tuple), found
    return found


def said(frame: Uplink) -> Decoded:
    (one,) = all_said(frame)
    return one


def refused(frame: Uplink) -> Rejected:
    found = heard(frame)
    assert isinstance(found, Rejected), found
    assert (found.dialect, found.address) == ("d", "a")
    return found


# Bytes ------------------------------------------------------------------------------------------------------


def test_trap_18_bytes_of_a_known_model_are_enough() -> None:
    """The object is null where the server has no codec."""
    one = said(up(WET))
    assert one == Decoded("d", "a", (Point("water_leak_alarm", 1.0),), network_at=7, message_id="up/1")


@pytest.mark.parametrize(
    "frame",
    [
        up(""),
        up("", {"leakage_status": "normal"}),
        up(None),
        up(None, {}),
        up(WET, port=0),
        up(None, None, None),
    ],
)
def test_empty_frame_is_a_sign_of_life_and_nothing_more(frame: Uplink) -> None:
    one = said(frame)
    assert (one.points, one.online) == ((), None)
    assert "sign of life" in one.notes[0]


@pytest.mark.parametrize("data", ["xxx", "a b c", 17, ["AQ=="], "ä"])
def test_bytes_that_are_no_base64_are_refused(data: object) -> None:
    found = refused(up(None, data=data))
    assert found.reason is Reason.MALFORMED
    assert "base64" in found.detail


def test_frame_that_nobody_can_read_is_refused_and_no_sign_of_life() -> None:
    found = refused(up(WET, model=None))
    assert found.reason is Reason.UNSUPPORTED
    assert "name its model" in found.detail
    assert refused(up("0102", model=SMOKE)).reason is Reason.UNSUPPORTED


def test_every_part_has_a_message_id_of_its_own() -> None:
    """Or admission would take the second for a repetition of the first."""
    now, then = all_said(up(WET + HISTORY))
    assert (now.message_id, now.backfill, now.device_at) == ("up/1", False, None)
    assert (then.message_id, then.backfill) == ("up/1/1", True)
    assert dict(then.points) == {"temperature_c": 30.8, "water_leak_alarm": 1.0}


def test_trap_23_history_keeps_its_own_time() -> None:
    one = said(up(HISTORY))
    assert one.backfill
    assert one.device_at == 0x65EBBD14 * SECOND


# Bytes and object -------------------------------------------------------------------------------------------


def test_what_agrees_needs_no_note() -> None:
    assert said(up(WET, {"leakage_status": "leak"})).notes == ()


def test_alarm_of_the_object_beats_clear_of_the_bytes() -> None:
    one = said(up(DRY, {"leakage_status": "leak"}))
    assert dict(one.points) == {"water_leak_alarm": 1.0}
    assert "0 by the bytes, 1 by" in one.notes[0]


def test_clear_of_the_object_takes_no_alarm_from_the_bytes() -> None:
    one = said(up(WET, {"leakage_status": "normal"}))
    assert dict(one.points) == {"water_leak_alarm": 1.0}
    assert "1 by the bytes, 0 by" in one.notes[0]


def test_decoder_of_ones_own_is_compared_by_its_usual_names() -> None:
    assert dict(said(up(DRY, {"waterLeak": True})).points) == {"water_leak_alarm": 1.0}


def test_alarm_without_a_name_in_the_object_stands_beside_the_bytes() -> None:
    one = said(up(DRY, {"alarm": True}))
    assert dict(one.points) == {"water_leak_alarm": 0.0, GENERIC: 1.0}
    assert dict(said(up(DRY, {"alarm": False})).points) == {"water_leak_alarm": 0.0}


def test_call_for_help_of_the_object_alone_is_an_event() -> None:
    one = said(up("017510", {"button_event": {"status": "long press"}}, "milesight-ws101"))
    assert one.is_event
    assert dict(one.points)["sos_alarm"] == 1.0


def test_object_is_not_compared_with_history() -> None:
    one = said(up(HISTORY, {"leakage_status": "normal"}))
    assert dict(one.points)["water_leak_alarm"] == 1.0
    assert one.notes == ()


# Object alone -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "frame",
    [
        up("aa", {"leak": True}, None),
        up("0102", {"leak": True}, SMOKE),
        up(None, {"leak": True}),
        up(None, {"leakage_status": "leak"}),
        up(None, {"leak": True}, None, data="xxx"),
    ],
)
def test_object_is_read_where_the_bytes_cannot_be(frame: Uplink) -> None:
    one = said(frame)
    assert dict(one.points) == {"water_leak_alarm": 1.0}
    assert one.notes[0].startswith("by the network server's decoder alone: ")


@pytest.mark.parametrize("decoded", [{"altitude": 29.0}, {"leak": {}}, {"x": "\x00" * 500}])
def test_object_without_anything_that_we_read_is_refused(decoded: dict[str, Any]) -> None:
    found = refused(up("aa", decoded, None))
    assert found.reason is Reason.UNSUPPORTED
    assert found.detail.isprintable()


@pytest.mark.parametrize("decoded", [[], [{"leak": True}], "leak", 1, True])
def test_object_that_is_none_says_nothing(decoded: object) -> None:
    assert refused(up("aa", decoded, None)).reason is Reason.UNSUPPORTED
    assert dict(said(up(WET, decoded)).points) == {"water_leak_alarm": 1.0}


# What the server adds ---------------------------------------------------------------------------------------


def test_battery_that_the_server_remembers_fills_a_gap() -> None:
    assert dict(said(up(WET, battery=98.4)).points)["battery_percent"] == 98.4
    assert dict(said(up("01755c", battery=98.4)).points) == {"battery_percent": 92.0}
    assert "battery_percent" not in dict(said(up(HISTORY, battery=98.4)).points)


def test_notes_and_test_of_the_server_are_kept() -> None:
    one = said(up(WET, notes=("x",) * 20, test=True))
    assert one.test
    assert len(one.notes) == NOTES


def test_aside_is_a_note_only() -> None:
    (one,) = aside("d", "a", "what happened", 7)
    assert (one.points, one.notes, one.network_at, one.heard) == ((), ("what happened",), 7, False)


# Fields of a message ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (85, 85),
        (85.0, 85),
        (0, 0),
        (255, 255),
        (256, None),
        (-1, None),
        (1.5, None),
        (True, None),
        ("85", None),
        (None, None),
    ],
)
def test_port_is_a_whole_number_or_not_told(value: object, expected: int | None) -> None:
    assert port(value) == expected


def test_time_that_says_nothing_is_none() -> None:
    silent: tuple[object, ...] = (None, "yesterday", 0, "2024-03-05T06:07:08", [])
    assert [moment(one) for one in silent] == [None] * 5
    assert moment("1970-01-01T00:00:01.123456789Z") == SECOND + 123_456


def test_names_are_texts() -> None:
    assert texts("a", None, "", 3, ["x"], "b") == ("a", "b")
