"""What lies below the dialects: LoRaWAN bodies, frames, templates, JSON and times, each a target."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from bench.messages import BODIES, TALKS
from ingest.device_time import device_time
from ingest.dialects.gb26875 import Gb26875, topic_of
from ingest.dialects.gb26875_frame import LONGEST, LONGEST_BODY, Frame, Head, frames, write
from ingest.dialects.home_assistant_path import evaluate, number, read, rendered
from ingest.lorawan import bodies
from ingest.lorawan.fields import understand
from ingest.strict_json import NotStrict, parse
from ingest.understood import Understood
from tests.fuzz.judge import Finding, check_answer, check_points

_MODELS: Final = tuple(bodies.MODELS)
_NO_PORT: Final = 255
_OBJECT: Final = 0x80


def lorawan(data: bytes) -> None:
    """Model, port, body; or a model and what a network server's decoder made of a body."""
    if len(data) < 2:
        return
    model, port = _MODELS[(data[0] & ~_OBJECT) % len(_MODELS)], None if data[1] == _NO_PORT else data[1]
    if data[0] & _OBJECT:
        _decoded(model, port, data[2:])
        return
    found = bodies.read(model, port, data[2:])
    for part in found if isinstance(found, tuple) else ():
        _understood(part.understood)


def _decoded(model: str, port: int | None, text: bytes) -> None:
    try:
        fields = parse(text)
    except NotStrict:
        return
    if isinstance(fields, dict):
        plain, own = understand(fields), bodies.read_object(model, port, fields)
        bodies.agree(plain, own or Understood())
        _understood(plain)


def _understood(said: Understood) -> None:
    check_points(said.points())
    "".join(said.notes).encode("utf-8")


def lorawan_seeds() -> Iterable[bytes]:
    for model, port, body in BODIES:
        yield bytes((_MODELS.index(model), port)) + body
    yield bytes((_OBJECT, 6)) + b'{"Volt":3,"FireAlarm":"Alarm","Temp":21,"data":{"leak_2":1,"battery":3.6}}'
    yield bytes((_OBJECT | 1, 6)) + b'{"messages":[{"type":"smoke","measurementValue":"on"}],"co":12}'


def gb26875_frames(data: bytes) -> None:
    """A stream: what is found can be written again, and what is kept for later is bounded."""
    found, end = frames(data)
    if not 0 <= end <= len(data) or len(data) - end >= LONGEST:
        raise Finding(f"dealt with {end} of {len(data)} bytes")
    for one in found:
        if isinstance(one, Frame) and write(one.head, one.body) != one.raw:
            raise Finding(f"{one.raw.hex()} is written as {write(one.head, one.body).hex()}")


def gb26875_bodies(data: bytes) -> None:
    """Command, time of the head, body, in a frame with a right checksum."""
    if len(data) < 7:
        return
    source = bytes.fromhex("790300000000")
    head = Head(1, (1, 1), data[1:7], source, bytes(6), data[0])
    frame = write(head, data[7 : 7 + LONGEST_BODY])
    for believes_test in (False, True):
        check_answer(Gb26875(28_800_000_000, believes_test).decode(topic_of(source), frame, False))


def _whole_frames() -> list[Frame]:
    every = (frames(one.payload)[0][0] for one in TALKS["gb26875"].said)
    return [one for one in every if isinstance(one, Frame)]


def frame_seeds() -> Iterable[bytes]:
    whole = _whole_frames()
    yield from (one.raw for one in whole)
    yield b"@@@" + whole[0].raw + b"##" + whole[1].raw[:40] + whole[2].raw


def body_seeds() -> Iterable[bytes]:
    for one in _whole_frames():
        yield bytes((one.head.command,)) + one.head.time + one.body
    for kind, size in (
        (4, 10),
        (5, 4),
        (6, 30),
        (7, 38),
        (8, 8),
        (21, 7),
        (24, 8),
        (25, 2),
        (26, 9),
        (28, 6),
    ):
        yield b"\2" + bytes.fromhex("023a11170b1a") + bytes((kind, 1)) + bytes(range(1, size + 1))


def template(data: bytes) -> None:
    """A template of Home Assistant discovery, a line end, and the message that it reads."""
    line, _, text = data.decode("utf-8", "replace").partition("\n")
    found = read(line)
    try:
        body = parse(text.encode())
    except NotStrict:
        body = text
    if found is not None:
        value = evaluate(found, text.strip(), body)
        rendered(value).encode("utf-8")
        number(value)


def template_seeds() -> Iterable[bytes]:
    message = b'\n{"a":{"b":[1,"ON",null,2.5]},"smoke":true,"t":"21.5"}'
    yield from (
        text + message
        for text in (
            b"{{ value }}",
            b"{{ value_json.a['b'][0] | float(0) | round(1) }}",
            b"{{ 'ON' if value_json.smoke == true else 'OFF' }}",
            b"{{ iif(value_json.a.b[1] != 'OFF', 'ON', 'OFF') }}",
            b"{{- value_json.t | default('x', true) | lower | trim > 20 -}}",
        )
    )


def strict_json(data: bytes) -> None:
    """What is taken means the same to every parser, and can be written."""
    try:
        value = parse(data)
    except NotStrict as odd:
        odd.detail.encode("utf-8")
        return
    if json.loads(data) != value:
        raise Finding(f"{value!r} is not what json.loads says")
    json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8")
    device_time(value)


def json_seeds() -> Iterable[bytes]:
    yield from (one.payload for talk in TALKS.values() for one in talk.said if one.payload[:1] == b"{")
    yield from (
        b'{"a":1,"a":2}',
        b'"\\ud800"',
        b"[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]",
        b"1e999",
        b"-0",
        b"NaN",
    )


def times(data: bytes) -> None:
    at = device_time(data.decode("utf-8", "replace"))
    if at is not None and not -(1 << 63) <= at < 1 << 63:
        raise Finding(f"{at} cannot be stored as a time")


def time_seeds() -> Iterable[bytes]:
    yield from (
        b"2026-11-23T09:58:02.123456789+08:00",
        b"2026-02-29T24:00:60Z",
        b"1790000000000",
        b"0001-01-01T00:00Z",
    )
