"""ingest.dialects.gb26875_objects: every type, and what makers do to them."""

from __future__ import annotations

import random
from datetime import UTC, datetime

import pytest

from devices.instant import instant
from ingest.dialects.gb26875_objects import (
    OUR_TYPES,
    ClockTime,
    Component,
    ComponentAnalogue,
    ComponentState,
    Configuration,
    Objects,
    Operation,
    Place,
    Said,
    SystemState,
    TransmitterState,
    Unreadable,
    Version,
    read,
    text_of,
)
from ingest.dialects.gb26875_time import Tagged

TIME = bytes.fromhex("023a09170b1a")
AT = Tagged(instant(datetime(2026, 11, 23, 9, 58, 2, tzinfo=UTC)), False)
SMOKE = Component(Place(1, 1), 40, 10, 2)
NAME = "7楼02室烟感".encode("gb18030")


def state(word: int = 2, number: int = 2, text: bytes = b"", length: int = 31, time: bytes = TIME) -> bytes:
    front = bytes((1, 1, 40, 10, 0, number, 0)) + word.to_bytes(2, "little")
    return front + text.ljust(length, b"\0") + time


def said(kind: int, objects: bytes, count: int = 1) -> tuple[Said, ...]:
    found = read(bytes((kind, count)) + objects)
    assert isinstance(found, Objects), found
    return found.said


def states(objects: bytes, count: int) -> list[tuple[int, int]]:
    """(number, word) of component states."""
    return [
        (one.component.number, one.state)
        for one in said(2, objects, count)
        if isinstance(one, ComponentState)
    ]


@pytest.mark.parametrize(
    ("kind", "piece", "meant"),
    [
        (1, b"\1\2\4\2" + TIME, SystemState(Place(1, 2), 516, AT)),
        (2, state(2, 2, NAME), ComponentState(SMOKE, 2, "7楼02室烟感", AT)),
        (3, state()[:7] + b"\3\xf6\xff" + TIME, ComponentAnalogue(SMOKE, 3, -10, AT)),
        (4, b"\1\2\4\xfa" + TIME, Operation(Place(1, 2), 4, 250, AT)),
        (5, b"\1\2\3\4", Version(Place(1, 2), 3, 4)),
        (6, b"\1\2\3abc", Configuration(Place(1, 2), "abc")),
        (7, state()[:7] + NAME.ljust(31, b" "), Configuration(SMOKE, "7楼02室烟感")),
        (8, b"\1\2" + TIME, ClockTime(Place(1, 2), AT)),
        (21, b"\x08" + TIME, TransmitterState(8, AT)),
        (24, b"\x20\1" + TIME, Operation(None, 32, 1, AT)),
        (25, b"\1\2", Version(None, 1, 2)),
        (26, b"\3abc", Configuration(None, "abc")),
        (28, TIME, ClockTime(None, AT)),
    ],
)
def test_object_of_every_type(kind: int, piece: bytes, meant: Said) -> None:
    assert said(kind, piece) == (meant,)
    assert kind in OUR_TYPES
    if kind not in (25, 26, 28):
        assert said(kind, piece + piece, 2) == (meant, meant)


def test_bcd_time_is_read() -> None:
    (one,) = said(21, bytes.fromhex("01025809231126"))
    assert one == TransmitterState(1, Tagged(AT.local, True))


# What makers do ---------------------------------------------------------------------------------------------


def test_object_longer_than_the_standard_is_split_evenly() -> None:
    long = state(2, 2, NAME * 3, 60) + state(4, 3, NAME, 60)
    found = read(bytes((2, 2)) + long)
    assert isinstance(found, Objects)
    assert states(long, 2) == [(2, 2), (3, 4)]
    assert all(isinstance(one, ComponentState) and one.at == AT for one in found.said)
    assert [one.text for one in found.said if isinstance(one, ComponentState)] == [
        "7楼02室烟感" * 3,
        "7楼02室烟感",
    ]
    assert "each has 75" in found.odd


def test_padding_behind_an_object_does_not_hide_its_time() -> None:
    (one,) = said(2, state(2, 2, NAME) + bytes(10))
    assert one == ComponentState(SMOKE, 2, "7楼02室烟感", AT)


def test_wrong_count_costs_no_alarm() -> None:
    three = state(2, 1) + state(0, 2) + state(2, 3)
    for count in (0, 1, 2, 5, 255):
        assert states(three, count) == [(1, 2), (2, 0), (3, 2)], count


def test_objects_shorter_than_the_standard_are_split_by_their_times() -> None:
    short = state(2, 1, length=20) + state(1, 2, length=20)
    assert states(short, 2) == [(1, 2), (2, 1)]


@pytest.mark.parametrize("length", range(9, 46))
def test_cut_object_still_says_its_state(length: int) -> None:
    assert states(state(2, 7)[:length], 1) == [(7, 2)]
    assert states((state(1, 6) + state(2, 7))[: 46 + length], 2)[-1] == (7, 2)


def test_time_that_is_none_is_none() -> None:
    (one,) = said(1, b"\1\2\2\0" + bytes(6))
    assert one == SystemState(Place(1, 2), 2, None)


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"   \0\0", ""),
        (NAME + b"  \0\0", "7楼02室烟感"),
        (b"\0\0" + NAME, "7楼02室烟感"),
        (b"a\0rest of what was there before", "a"),
        ("㐀".encode("gb18030"), "㐀"),
        (b"\x81", "\ufffd"),
    ],
)
def test_text_is_gb18030_without_its_padding(raw: bytes, text: str) -> None:
    assert text_of(raw) == text


def test_text_shorter_than_its_length_is_read() -> None:
    found = read(b"\x1a\1\xffab")
    assert isinstance(found, Objects)
    assert (found.said, found.odd) == ((Configuration(None, "ab"),), "3 bytes for 1 texts")


# What cannot be read ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body", [b"", b"\2", b"\2\1", b"\2\0", b"\2\1\1\1\1", b"\1\1\1", b"\x19\1\1", b"\6\1\1", b"\x1a\1"]
)
def test_too_little_is_unreadable(body: bytes) -> None:
    found = read(body)
    assert isinstance(found, Unreadable)
    assert found.known


@pytest.mark.parametrize("kind", sorted(set(range(256)) - OUR_TYPES))
def test_type_that_is_none_of_ours_is_told_apart(kind: int) -> None:
    assert read(bytes((kind, 1)) + bytes(50)) == Unreadable(False, f"type {kind} is none that we read")


def test_random_bytes_and_every_truncation_never_raise() -> None:
    chance = random.Random(2)
    for kind in OUR_TYPES:
        for length in range(200):
            body = bytes((kind, chance.randrange(5))) + chance.randbytes(length)
            for end in (length + 2, chance.randrange(length + 2)):
                assert isinstance(read(body[:end]), (Objects, Unreadable))
