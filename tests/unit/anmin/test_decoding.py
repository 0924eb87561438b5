"""anmin.decoding: what a dialect says, as plain JSON values."""

from __future__ import annotations

import json

import pytest

from anmin.decoding import NotInForm, shown, unpack
from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.native import Native


def test_readings_come_with_their_units_and_what_weakens_them() -> None:
    body = {
        "v": 1,
        "boot": 3,
        "seq": 4,
        "at": "2026-11-23T03:00:00Z",
        "values": {"co_ppm": 30.0},
        "test": True,
    }
    said = shown(Native(), "anmin/c/co-1/reading", json.dumps(body).encode())
    assert said == {
        "messages": [
            {
                "address": "co-1",
                "readings": [{"quantity": "co_ppm", "value": 30.0, "unit": "ppm"}],
                "device_at": "2026-11-23T03:00:00.000Z",
                "boot": 3,
                "device_sequence": 4,
                "test": True,
            }
        ]
    }


def test_unknown_is_null_and_a_time_that_cannot_be_read_too() -> None:
    said = shown(Zigbee2Mqtt(), "zigbee2mqtt/a", b'{"smoke":null,"last_seen":"noon"}')
    (message,) = said["messages"]
    assert message["readings"] == [{"quantity": "smoke_alarm", "value": None}]
    assert message["device_at"] is None
    assert message["notes"]


def test_a_refusal_says_its_reason_and_what_is_passed_over_why() -> None:
    said = shown(Zigbee2Mqtt(), "zigbee2mqtt/a", b'{"smoke":')
    assert said["rejected"]["reason"] == "malformed"
    assert said["rejected"]["address"] == "a"
    assert shown(Zigbee2Mqtt(), "zigbee2mqtt/bridge/logging", b"{}") == {
        "ignored": "the bridge's own logging"
    }


def test_bytes_are_read_in_the_form_that_was_said() -> None:
    assert unpack(b" 06 0A\n", "hex") == b"\x06\x0a"
    assert unpack(b"Bgo=\n", "base64") == b"\x06\x0a"
    assert unpack(b"06", "raw") == b"06"
    for form in ("hex", "base64"):
        with pytest.raises(NotInForm, match=form):
            unpack(b"\xff!", form)
