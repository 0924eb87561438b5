"""ingest.native: our own dialect, from bytes to what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from devices.instant import parse_rfc3339
from devices.quantity import QUANTITIES
from ingest import native
from ingest.device_time import UNREADABLE
from ingest.message import CommandResult, Decoded, Ignored, Point, Reason, Rejected
from ingest.strict_json import MAX_BYTES

DOCS = Path(__file__).resolve().parents[3] / "docs" / "reference"
AT = "2026-11-23T03:00:00.250Z"


def body(**more: Any) -> dict[str, Any]:
    return {"v": 1, "boot": 7, "seq": 42, "at": AT, "values": {"smoke_alarm": True}} | more


def said(leaf: str, payload: bytes | dict[str, Any], retain: bool = False) -> Decoded:
    found = decode(leaf, payload, retain)
    assert isinstance(found, tuple), found
    (one,) = found
    assert isinstance(one, Decoded)
    return one


def refused(leaf: str, payload: bytes | dict[str, Any], retain: bool = False) -> Rejected:
    found = decode(leaf, payload, retain)
    assert isinstance(found, Rejected), found
    assert (found.dialect, found.address) == ("native", "smoke-1")
    return found


def decode(leaf: str, payload: bytes | dict[str, Any], retain: bool = False) -> object:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return native.Native().decode(f"anmin/xfl/smoke-1/{leaf}", raw, retain)


# What devices say


def test_reading_says_its_values_order_and_time() -> None:
    found = said("reading", body(values={"temperature_c": 21, "smoke_alarm": False, "tamper": None}))
    assert found == Decoded(
        "native",
        "smoke-1",
        (Point("temperature_c", 21.0), Point("smoke_alarm", 0.0), Point("tamper", None)),
        device_at=parse_rfc3339(AT),
        boot=7,
        device_sequence=42,
    )


def test_event_has_an_id_to_be_acknowledged() -> None:
    found = said("event", body(id="smoke-1-7-42", test=True, warmup=True, backfill=True))
    assert (found.event_id, found.is_event) == ("smoke-1-7-42", True)
    assert (found.test, found.warmup, found.backfill) == (True, True, True)


def test_status_and_last_will_say_whether_the_device_is_there() -> None:
    found = said("status", {"v": 1, "boot": 7, "online": False, "firmware": {"a": "1.2"}}, retain=True)
    assert found == Decoded("native", "smoke-1", boot=7, online=False)


def test_last_will_has_no_place_in_the_order_for_it_was_written_before_all_that_followed() -> None:
    """Else a device whose will has a number would be there for ever."""
    will = {"v": 1, "boot": 7, "online": False, "seq": 1, "at": "2026-11-23T03:00:00Z"}
    found = said("status", will, retain=True)
    assert (found.online, found.boot, found.device_sequence, found.device_at) == (False, 7, None, None)
    assert said("status", {**will, "online": True}).device_sequence == 1


def test_result_says_what_became_of_a_command() -> None:
    found = said("result", {"v": 1, "id": "c1", "done": False, "detail": "x" * 9_000})
    assert found.result == CommandResult("c1", "smoke-1", False, "x" * 500)


@pytest.mark.parametrize("leaf", ["status", "event"])
def test_retained_message_that_is_taken_away_says_nothing(leaf: str) -> None:
    """An empty payload is how MQTT clears what a broker keeps."""
    assert isinstance(decode(leaf, b""), Ignored)


def test_what_we_say_ourselves_is_ignored() -> None:
    assert isinstance(decode("ack", b"{}"), Ignored)
    assert isinstance(decode("command", b"{}"), Ignored)


@pytest.mark.parametrize("at", ["yesterday", "2026-11-23T03:00:00", -5, 10**25])
def test_bad_clock_never_costs_the_alarm(at: object) -> None:
    found = said("event", body(id="e", at=at))
    assert found.points == (Point("smoke_alarm", 1.0),)
    assert found.device_at == UNREADABLE
    assert "no time with a zone" in found.notes[0]


def test_device_without_a_clock_is_well() -> None:
    message = body()
    del message["at"]
    assert said("reading", message).device_at is None
    assert said("reading", message).notes == ()


# What is odd


def test_unknown_fields_are_passed_over_and_noted() -> None:
    found = said("reading", body(colour="red", nested={"a": [1, 2]}))
    assert found.notes == ("unknown field 'colour' is passed over", "unknown field 'nested' is passed over")


def test_unknown_quantity_is_refused_by_name() -> None:
    found = refused("reading", body(values={"smoke_alarm": False, "smok_alarm": True}))
    assert found.reason is Reason.UNSUPPORTED
    assert "'smok_alarm'" in found.detail


def test_unknown_quantity_does_not_silence_an_alarm_beside_it() -> None:
    found = said("event", body(id="e", values={"smoke_alarm": True, "from_newer_firmware": 3}))
    assert found.points == (Point("smoke_alarm", 1.0),)
    assert "'from_newer_firmware'" in found.notes[0]


def test_value_of_a_wrong_type_does_not_silence_an_alarm_beside_it() -> None:
    found = said("event", body(id="e", values={"smoke_alarm": True, "co_ppm": "12", "tamper": []}))
    assert (found.event_id, found.points) == ("e", (Point("smoke_alarm", 1.0),))
    assert found.notes == ("co_ppm: '12' is of a wrong type", "tamper: '[]' is of a wrong type")
    for values in ({"smoke_alarm": False, "co_ppm": "12"}, {"smoke_alarm": "true"}):
        assert refused("event", body(id="e", values=values)).reason is Reason.WRONG_TYPE
    assert refused("event", body(id="e", boot="x", values={"smoke_alarm": True, "co_ppm": "12"})).reason


def test_impossible_number_is_unknown() -> None:
    found = said("reading", body(values={"temperature_c": 4_000}))
    assert found.points == (Point("temperature_c", None),)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b" ", Reason.MALFORMED),
        (b"\xff\xfe\x00", Reason.MALFORMED),
        (b"[]", Reason.WRONG_TYPE),
        (b'{"v":1,"boot":7,"values":{}}', Reason.MALFORMED),
        (b'{"v":2,"boot":7,"seq":42,"values":{}}', Reason.UNSUPPORTED),
        (b'{"v":1,"boot":"7","seq":42,"values":{}}', Reason.WRONG_TYPE),
        (b'{"v":1,"boot":7,"seq":-1,"values":{}}', Reason.WRONG_TYPE),
        (b'{"v":1,"boot":7,"seq":42,"values":{"co_ppm":"12"}}', Reason.WRONG_TYPE),
        (b'{"v":1,"boot":7,"seq":42,"values":{"co_ppm":true}}', Reason.WRONG_TYPE),
        (b'{"v":1,"boot":7,"seq":42,"values":{"co_ppm":NaN}}', Reason.IMPLAUSIBLE),
        (b'{"v":1,"boot":7,"seq":42,"values":{"co_ppm":1e999}}', Reason.IMPLAUSIBLE),
        (b'{"v":1,"boot":7,"seq":42,"values":{},"x":NaN}', Reason.MALFORMED),
        (b'{"v":1,"boot":7,"seq":' + b"9" * 5_000 + b',"values":{}}', Reason.MALFORMED),
        (b'{"v":1,"boot":7,"seq":42,"values":{},"x":' + b"9" * 30 + b"}", Reason.IMPLAUSIBLE),
        (b'{"v":1,"boot":7,"seq":42,"values":{},"x":' + b"[" * 20 + b"]" * 20 + b"}", Reason.MALFORMED),
        (b'{"v":1,"boot":7,"seq":42,"values":{},"x":' + b"[" * 20_000, Reason.MALFORMED),
        (b'{"v":1,"boot":7,"seq":42,"values":{}}' + b" " * MAX_BYTES, Reason.TOO_LARGE),
        (b"x" * (MAX_BYTES + 1), Reason.TOO_LARGE),
    ],
)
def test_bad_reading_is_refused_with_its_reason(payload: bytes, reason: Reason) -> None:
    assert refused("reading", payload).reason is reason


@pytest.mark.parametrize(
    "payload",
    [
        b'{"v":1,"boot":7,"boot":8,"seq":42,"values":{}}',
        b'{"v":1,"boot":7,"seq":42,"values":{"smoke_alarm":true,"smoke_alarm":false}}',
        b'{"v":1,"boot":7,"seq":42,"values":{"smoke_alarm" \n:true,"smoke_alarm":false}}',
        b'{"v":1,"boot":7,"seq":42,"at":"a\\u003ab","values":{"co_ppm":1,"co_ppm":2}}',
        b'{"v":1,"boot":7,"seq":42,"values":{},"values":{"co_ppm":1}}',
        b'{"v":1,"boot":7,"seq":42,"values":{},"x":{"y":1,"y":2}}',
    ],
)
def test_key_that_is_there_twice_is_refused(payload: bytes) -> None:
    """The parser takes the last one silently: the count of colons gives it away."""
    found = refused("reading", payload)
    assert found.reason is Reason.MALFORMED
    assert "twice" in found.detail


def test_plain_reading_is_not_parsed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def parse(payload: bytes) -> object:
        raise AssertionError("the slow look")

    monkeypatch.setattr(native, "parse", parse)
    assert said("event", body(id="a:b:c")).event_id == "a:b:c"
    with pytest.raises(AssertionError, match="slow look"):
        said("reading", body(extra=1))


# Events that are refused


def test_device_that_sends_nan_is_told_so() -> None:
    found = refused("event", b'{"v":1,"boot":7,"seq":42,"id":"e1","values":{"co_ppm":NaN}}')
    assert (found.reason, found.event_id) == (Reason.IMPLAUSIBLE, "e1")


def test_retained_event_is_refused_and_the_device_is_told() -> None:
    found = refused("event", body(id="e1"), retain=True)
    assert (found.reason, found.event_id) == (Reason.RETAINED_EVENT, "e1")


@pytest.mark.parametrize(
    "wrong", [{"boot": "7"}, {"values": {"co_ppm": "1"}}, {"values": {"x": 1}}, {"v": 9}]
)
def test_refused_event_keeps_its_id_for_the_refusal(wrong: dict[str, Any]) -> None:
    assert refused("event", body(id="e1") | wrong).event_id == "e1"


@pytest.mark.parametrize("id", ["", "x" * 65, "a\nb", "\u202e", 5, None, "\ud800"])
def test_id_must_be_short_and_printable(id: object) -> None:
    assert refused("event", body(id=id)).event_id is None


# Topics


@pytest.mark.parametrize("name", ["", "a+", "#", "a/b", "$SYS", "a\0", "a\nb", "x" * 129])
def test_name_that_reaches_into_other_topics_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="community name"):
        native.topic(name, "d", "ack")
    with pytest.raises(ValueError, match="device name"):
        native.command_topic("c", name)
    with pytest.raises(ValueError, match="community name"):
        native.Native(name)
    assert native.address(f"anmin/c/{name}/reading") is None


def test_topic_and_its_parts_are_inverse() -> None:
    assert native.topic("幸福里", "smoke 1", "ack") == "anmin/幸福里/smoke 1/ack"
    assert native.command_topic("c", "d") == "anmin/c/d/command"
    assert native.address(native.topic("c", "d", "event")) == native.Address("c", "d", "event")


@pytest.mark.parametrize(
    "topic",
    [
        "anmin/c/reading",
        "anmin/c/d/e/reading",
        "anmin/c//reading",
        "anmin/$x/d/event",
        "anmin/c/d/" + "e" * 900,
    ],
)
def test_topic_of_another_shape_is_a_mismatch(topic: str) -> None:
    found = native.Native().decode(topic, b"{}", False)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.TOPIC_MISMATCH


def test_other_community_is_a_mismatch() -> None:
    found = native.Native("xfl").decode("anmin/other/d/reading", b"{}", False)
    assert isinstance(found, Rejected)
    assert found.reason is Reason.TOPIC_MISMATCH


def test_unknown_leaf_is_unsupported() -> None:
    assert refused("alarm", b"{}").reason is Reason.UNSUPPORTED


# What we say


def test_answers_are_what_their_forms_say() -> None:
    assert json.loads(native.ack("e:1")) == {"v": 1, "id": "e:1", "ok": True}
    told = json.loads(native.refusal("e1", Reason.WRONG_TYPE, "电量"))
    assert told == {"v": 1, "id": "e1", "ok": False, "reason": "wrong_type", "detail": "电量"}
    native.AckBody.model_validate_json(native.ack("e1"))
    native.AckBody.model_validate(told, strict=False)


def test_command_says_what_to_do_until_when() -> None:
    raw = native.command("c1", "sound", parse_rfc3339(AT), {"tone": "evacuate", "for_s": 30})
    assert json.loads(raw) == {
        "v": 1,
        "id": "c1",
        "action": "sound",
        "expires_at": AT,
        "arguments": {"tone": "evacuate", "for_s": 30},
    }
    native.CommandBody.model_validate_json(raw)


# Documents


def test_schema_in_the_documents_is_what_the_models_say() -> None:
    written = json.loads((DOCS / "native.schema.json").read_text(encoding="utf-8"))
    assert written == native.schema(), "write json.dumps(native.schema(), indent=2) to it"


def test_description_names_every_field_leaf_quantity_and_reason() -> None:
    text = (DOCS / "native.md").read_text(encoding="utf-8")
    fields = {name for form in native.FORMS.values() for name in form.model_fields}
    wanted = {*fields, *native.FORMS, *QUANTITIES, *(reason.value for reason in Reason)}
    wanted -= {Reason.NO_DIALECT.value}  # never told to a device
    assert len(wanted) > 40
    assert [name for name in sorted(wanted) if f"`{name}`" not in text] == []
