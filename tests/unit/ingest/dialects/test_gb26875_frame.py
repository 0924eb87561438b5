"""ingest.dialects.gb26875_frame: frames in a stream that holds other things too, and frames of ours."""

from __future__ import annotations

import random
from collections.abc import Iterable

import pytest

from ingest.dialects.gb26875_frame import (
    LONGEST,
    LONGEST_BODY,
    BadFrame,
    Command,
    Fault,
    Found,
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

DEVICE, CENTRE = bytes.fromhex("790300000000"), bytes.fromhex("385b01000000")
TIME = bytes.fromhex("203a091a090c")
HEAD = Head(7, (1, 1), TIME, DEVICE, CENTRE, Command.DATA)
FIRE = write(HEAD, bytes.fromhex("0201010128") + bytes(43))
BEAT = write(HEAD._replace(serial=8))


def good(found: Iterable[Found]) -> list[bytes]:
    return [one.raw for one in found if isinstance(one, Frame)]


def faults(found: Iterable[Found]) -> list[Fault]:
    return [one.fault for one in found if isinstance(one, BadFrame)]


def streamed(pieces: Iterable[bytes]) -> list[Found]:
    rest, found = b"", []
    for piece in pieces:
        some, used = frames(rest + piece)
        rest = (rest + piece)[used:]
        assert len(rest) < LONGEST
        found += some
    return found


def broken(raw: bytes, at: int) -> bytes:
    return raw[:at] + bytes((raw[at] ^ 0x55,)) + raw[at + 1 :]


# Reading ----------------------------------------------------------------------------------------------------


def test_frame_has_its_fields() -> None:
    (one,), used = frames(FIRE)
    assert isinstance(one, Frame)
    assert one == Frame(HEAD, FIRE[27:-3], FIRE)
    assert used == len(FIRE)


def test_two_frames_in_one_piece_are_two() -> None:
    assert good(frames(FIRE + BEAT)[0]) == [FIRE, BEAT]


@pytest.mark.parametrize("at", range(1, len(FIRE)))
def test_frame_cut_at_every_byte_waits_for_its_rest(at: int) -> None:
    assert frames(FIRE[:at]) == ([], 0)
    assert streamed((FIRE[:at], FIRE[at:])) == frames(FIRE)[0]


def test_frame_byte_by_byte_is_one_frame() -> None:
    stream = FIRE + BEAT
    assert good(streamed(stream[at : at + 1] for at in range(len(stream)))) == [FIRE, BEAT]


@pytest.mark.parametrize("before", [b"\0", b"@", b"@@", b"@@@", b"##", b"ping\r\n", bytes(2000), FIRE[5:]])
def test_what_comes_before_a_frame_does_not_hide_it(before: bytes) -> None:
    assert good(streamed((before, FIRE, BEAT))) == [FIRE, BEAT]


def test_garbage_is_told_and_is_not_kept() -> None:
    found, used = frames(b"hello@")
    assert faults(found) == [Fault.GARBAGE]
    assert used == 5


@pytest.mark.parametrize("at", range(len(FIRE)))
def test_one_wrong_byte_anywhere_loses_that_frame_only(at: int) -> None:
    found = streamed((broken(FIRE, at), BEAT, BEAT, BEAT * 40))
    assert good(found) == [BEAT] * 42
    assert faults(found)


def test_bad_checksum_keeps_its_head_for_the_denial() -> None:
    (one,), used = frames(broken(FIRE, -3))
    assert isinstance(one, BadFrame)
    assert (one.fault, one.head, used) == (Fault.CHECKSUM, HEAD, len(FIRE))


def test_body_over_the_limit_is_told_at_its_head() -> None:
    longest = write(HEAD, bytes(LONGEST_BODY))
    assert good(frames(longest)[0]) == [longest]
    over = longest[:24] + (LONGEST_BODY + 1).to_bytes(2, "little") + longest[26:27]
    (one,), used = frames(over)
    assert isinstance(one, BadFrame)
    assert (one.fault, one.head, used) == (Fault.LENGTH, HEAD, 27)


def test_wrong_end_is_told() -> None:
    (one,), _ = frames(broken(FIRE, len(FIRE) - 1))
    assert isinstance(one, BadFrame)
    assert one.fault is Fault.END


@pytest.mark.parametrize("at", range(27, len(FIRE)))
def test_frame_that_never_ended_does_not_hold_the_next_one_up(at: int) -> None:
    """The alarm must not wait until as many bytes came as a dead frame had promised."""
    promising = write(HEAD, bytes(LONGEST_BODY))[:at]
    found, used = frames(promising + FIRE)
    assert good(found) == [FIRE]
    assert faults(found) == [Fault.CUT]
    assert used == len(promising + FIRE)


def test_what_lies_inside_of_a_bad_frame_is_not_told_again() -> None:
    inner = broken(BEAT, -3)
    outer = broken(write(HEAD, inner + bytes(20) + inner), -3)
    assert faults(frames(outer + FIRE)[0]) == [Fault.CHECKSUM]
    assert good(frames(outer + FIRE)[0]) == [FIRE]


def test_good_frame_inside_of_a_bad_one_is_found() -> None:
    """The length of the first was wrong: it must not take the alarm behind it along."""
    swallowing = BEAT[:24] + len(FIRE).to_bytes(2, "little") + BEAT[26:-3] + FIRE + BEAT[-3:]
    assert good(frames(swallowing)[0]) == [FIRE]


def test_random_bytes_never_raise_and_never_pile_up() -> None:
    chance = random.Random(1)
    for _ in range(300):
        pieces = [
            bytes(
                chance.choice((0x40, 0x23, 0, 1, chance.randrange(256))) for _ in range(chance.randrange(200))
            )
            for _ in range(8)
        ]
        streamed(pieces)


def test_no_byte_costs_much_however_hostile() -> None:
    """Starts without end behind an unfinished frame: each look is bounded."""
    stuck = write(HEAD, bytes(LONGEST_BODY))[:27] + b"@" * 1020
    for at in range(27, len(stuck)):
        assert frames(stuck[:at]) == ([], 0)


# Writing ----------------------------------------------------------------------------------------------------


def test_answers_repeat_the_serial_and_go_back() -> None:
    for made, command in ((confirm(HEAD, TIME), Command.CONFIRM), (deny(HEAD, TIME), Command.DENY)):
        (one,), _ = frames(made)
        assert isinstance(one, Frame)
        assert one.head == Head(7, (1, 1), TIME, CENTRE, DEVICE, command)
        assert one.body == b""


@pytest.mark.parametrize(
    ("made", "command", "body"),
    [
        (set_clock(HEAD, TIME), Command.CONTROL, "5a01" + TIME.hex()),
        (roll_call(HEAD, 10), Command.CONTROL, "5b010a"),
        (request(HEAD, 81), Command.REQUEST, "510100"),
        (request(HEAD, 61, b"\1\2"), Command.REQUEST, "3d010102"),
    ],
)
def test_wishes_are_frames(made: bytes, command: Command, body: str) -> None:
    (one,), _ = frames(made)
    assert isinstance(one, Frame)
    assert (one.head.command, one.body.hex()) == (command, body)


def test_what_does_not_fit_is_not_written() -> None:
    with pytest.raises(ValueError, match="1025 bytes"):
        write(HEAD, bytes(1025))
    with pytest.raises(ValueError, match="6 bytes each"):
        write(HEAD._replace(time=b""))
