"""The frames and application data of GB/T 26875.3: every byte of a frame, and every labelled field."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from devices.instant import SECOND, instant
from ingest.dialects import gb26875_objects as objects
from ingest.dialects.gb26875 import Gb26875, topic_of
from ingest.dialects.gb26875_frame import (
    Command,
    Frame,
    Head,
    confirm,
    deny,
    frames,
    request,
    roll_call,
    set_clock,
    write,
)
from ingest.dialects.gb26875_tables import ANALOGUES, TRANSMITTER
from ingest.dialects.gb26875_time import write_time
from ingest.message import Decoded, Ignored

DEVICE, CENTRE = "790300000000", "385b01000000"
SENT = instant(datetime(2012, 9, 26, 9, 58, 32, tzinfo=UTC))
HAPPENED = instant(datetime(2012, 9, 26, 9, 58, 2, tzinfo=UTC))
VALUES = {
    "fire_alarm_smoke_component": {"smoke_alarm": 1.0, "fault": 0.0},
    "uitd_mains_fault": {"generic_alarm": 0.0, "fault": 1.0, "battery_low": 0.0},
    "uitd_state_response": {"generic_alarm": 0.0, "fault": 1.0, "battery_low": 0.0},
}
NOTES = {
    "uitd_rollcall_answer": ("operator 1: roll-call answered",),
    "uitd_version": ("software 1.1",),
    "uitd_version_response": ("software 1.1",),
    "uitd_mains_fault": ("mains fault, bit 0: under test",),
    "uitd_state_response": ("mains fault, bit 0: under test",),
    "uitd_deny": ("denied what it was asked to do",),
}
TIMED = {
    "uitd_mains_fault",
    "uitd_state_response",
    "uitd_rollcall_answer",
    "uitd_time",
    "uitd_time_response",
}


def check_frame(entry: dict[str, Any]) -> str:
    """One frame: found, its checksum right, written again byte for byte, and understood."""
    raw = bytes.fromhex(entry["hex"])
    (frame,), end = frames(raw)
    assert isinstance(frame, Frame), frame
    assert (end, len(raw)) == (entry["length"],) * 2, end
    assert len(frame.body) == entry["app_len_field"], frame.body
    assert raw[-3] == entry["checksum_given"] == entry["checksum_computed"], raw[-3]
    assert write(frame.head, frame.body) == raw
    broken = raw[:5] + bytes((raw[5] ^ 1,)) + raw[6:]
    assert not [one for one in frames(broken)[0] if isinstance(one, Frame)]
    said = Gb26875(0).decode(topic_of(frame.head.source), raw, False)
    if entry["dir"] == "down":
        return _down(entry["name"], frame, said)
    assert isinstance(said, tuple), said
    _up(entry["name"], said)
    return ""


def _up(name: str, said: tuple[Decoded, ...]) -> None:
    first = said[0]
    sent = SENT + 3 * SECOND if name in ("uitd_confirm", "uitd_deny") else SENT
    assert {one.network_at for one in said} == {sent}, said
    assert all(one.message_id is None for one in said), "a clock of 2012 names no message"
    assert not any(one.test or one.backfill is True for one in said), said
    assert {point.quantity: point.value for point in first.points} == VALUES.get(name, {}), first.points
    assert first.notes == NOTES.get(name, first.notes if name.startswith("fire") else ()), first.notes
    if name.startswith("fire"):
        assert [one.address for one in said] == [f"{DEVICE}/1.1.40.10-2", DEVICE], said
        assert first.device_at == HAPPENED, first.device_at
        return
    assert [one.address for one in said] == [DEVICE], said
    assert first.device_at == (HAPPENED if name in TIMED else None), first.device_at


def _down(name: str, frame: Frame, said: object) -> str:
    """Ours to send: our writers make the same bytes."""
    head = frame.head
    ours = Head(1, (1, 1), head.time, bytes.fromhex(CENTRE), bytes.fromhex(DEVICE), head.command)
    asked = Head(1, (1, 1), head.time, bytes.fromhex(DEVICE), bytes.fromhex(CENTRE), Command.DATA)
    made = {
        "center_confirm": lambda: confirm(asked, head.time),
        "center_deny": lambda: deny(asked, head.time),
        "center_read_uitd_state": lambda: request(ours, 81),
        "center_read_uitd_version": lambda: request(ours, 85),
        "center_read_uitd_time": lambda: request(ours, 88),
        "center_init_uitd": lambda: write(ours, bytes((89, 1, 0))),
        "center_sync_time": lambda: set_clock(ours, write_time(HAPPENED)),
        "center_rollcall": lambda: roll_call(ours, 10),
    }[name]()
    assert made == frame.raw, made.hex(" ")
    if head.command in (Command.CONFIRM, Command.DENY):
        return "argued: the centre's own answer never arrives as a record; our writer makes the same bytes"
    assert isinstance(said, Ignored), said
    return ""


# Application data -------------------------------------------------------------------------------------------


def check_app(entry: dict[str, Any]) -> str:
    """One body: its objects field by field."""
    body, expect = bytes.fromhex(entry["app_hex"]), dict(entry["expect"])
    assert len(body) == entry["len"]
    found = objects.read(body)
    assert isinstance(found, objects.Objects), found
    assert found.odd == "", found.odd
    assert len(found.said) == body[1], found.said
    _check_time(found.said[-1])
    if "second" in expect:
        expect = expect["second"]
    got = _fields(found.said[-1])
    if expect.pop("len", None) is not None:
        assert body[4] == 30
    if expect.pop("meaning", None):
        assert got["names"] == ["mains fault"], got
    expect.pop("time", None)  # compared with all the others above
    assert {name: got.get(name) for name in expect} == expect, got
    return ""


def _check_time(said: objects.Said) -> None:
    if not isinstance(said, (objects.Version, objects.Configuration)):
        second = 5 if isinstance(said, objects.ComponentAnalogue) and said.kind == 2 else 4
        assert said.at is not None, said
        assert said.at.local == instant(datetime(2021, 7, 2, 9, 0, second, tzinfo=UTC)), said.at
        assert not said.at.bcd


def _fields(said: objects.Said) -> dict[str, Any]:
    """The fields of an object in the words of the labels."""
    match said:
        case objects.SystemState(place, state, _):
            return {**_place(place), "state": state}
        case objects.ComponentState(component, state, text, _):
            return {**_component(component), "state": state, "description": text}
        case objects.ComponentAnalogue(component, kind, raw, _):
            known = ANALOGUES[kind]
            value = f"{raw * known.scale:.{1 if kind == 3 else 2}f} {known.unit.replace('°C', 'degC')}"
            return {**_component(component), "analog_type": kind, "raw": raw, "value": value}
        case objects.Operation(_, flags, operator, _):
            return {"flags": flags, "operator": operator}
        case objects.Version(_, major, minor):
            return {"major": major, "minor": minor}
        case objects.Configuration(of, text):
            return {**(_component(of) if isinstance(of, objects.Component) else {}), "text": text}
        case objects.TransmitterState(state, _):
            names = [name for bit, name in enumerate(TRANSMITTER.names, 1) if state >> bit & 1]
            return {"flags": state, "names": names}
    return {}


def _place(place: objects.Place) -> dict[str, Any]:
    return {"system_type": place.system, "system_addr": place.address}


def _component(one: objects.Component) -> dict[str, Any]:
    address = f"0x{one.number:04x}{one.zone:04x}"
    return {**_place(one.place), "component_type": one.kind, "component_addr_le": address}
