"""Frames of GB/T 26875.3 as bytes: found in a stream whatever came before them, checked, and written.

Little-endian: `40 40`, serial (2), version (2), time (6), source (6), destination (6), length of the body
(2), command (1), body, checksum (low byte of the sum from the serial to the end of the body), `23 23`.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple, TypeAlias

START: Final = b"@@"
END: Final = b"##"
LONGEST_BODY: Final = 1024
SHORTEST: Final = 30
LONGEST: Final = SHORTEST + LONGEST_BODY
_HEAD: Final = 27
_LENGTH_AT: Final = 24
_LOOKS_AHEAD: Final = 16
"""Starts tried behind an unfinished frame per call: an honest stream needs one, a hostile one gets few."""

SET_CLOCK: Final = 90
ROLL_CALL: Final = 91


class Command(IntEnum):
    CONTROL = 1
    DATA = 2
    CONFIRM = 3
    REQUEST = 4
    RESPONSE = 5
    DENY = 6


class Fault(StrEnum):
    """What is wrong with bytes that are no frame."""

    GARBAGE = "garbage"  # no start
    LENGTH = "length"  # says that its body is over the limit
    END = "end"  # no end where its length says
    CHECKSUM = "checksum"
    CUT = "cut"  # another frame began before its end


class Head(NamedTuple):
    """The fields before the body. `version` is main and minor; addresses are the bytes of the wire."""

    serial: int
    version: tuple[int, int]
    time: bytes
    source: bytes
    destination: bytes
    command: int


class Frame(NamedTuple):
    head: Head
    body: bytes
    raw: bytes


class BadFrame(NamedTuple):
    """`head` as far as it can be believed: enough to deny; None where nothing began. `raw` is an excerpt."""

    fault: Fault
    head: Head | None
    raw: bytes


Found: TypeAlias = Frame | BadFrame


def frames(buffer: bytes) -> tuple[list[Found], int]:
    """What a stream holds so far, in order, and how many bytes are dealt with; keep the rest for next time.

    The rest is always shorter than one frame. After bad bytes the search goes on right behind their start, so
    that a wrong length swallows nothing; what lies inside of a bad frame is not told as bad again.
    """
    found: list[Found] = []
    at = told = 0
    while True:
        start = buffer.find(START, at)
        if start < 0:
            rest = len(buffer) - buffer.endswith(START[:1])
            if at < rest:
                _garbage(found, buffer[max(at, told) : rest])
            return found, max(rest, at)
        if at < start:
            _garbage(found, buffer[max(at, told) : start])
        one = _frame(buffer, start)
        if one is None:
            ahead = _next_whole(buffer, start + 1)
            if ahead is None:
                return found, start
            if start >= told:
                found.append(BadFrame(Fault.CUT, _head(buffer, start), buffer[start:ahead][:LONGEST]))
            at = told = ahead
        elif isinstance(one, Frame):
            found.append(one)
            at = told = start + len(one.raw)
        else:
            if start >= told:
                found.append(one)
                told = start + len(one.raw)
            at = start + 1


def _garbage(found: list[Found], between: bytes) -> None:
    if between:
        found.append(BadFrame(Fault.GARBAGE, None, between[:LONGEST]))


def _frame(buffer: bytes, start: int) -> Found | None:
    """The frame that begins here; None while it is not all there."""
    if len(buffer) < start + _HEAD:
        return None
    length = int.from_bytes(buffer[start + _LENGTH_AT : start + _LENGTH_AT + 2], "little")
    if length > LONGEST_BODY:
        return BadFrame(Fault.LENGTH, _head(buffer, start), buffer[start : start + _HEAD])
    end = start + SHORTEST + length
    if len(buffer) < end:
        return None
    raw = buffer[start:end]
    head = _head(raw, 0)
    assert head is not None
    if not raw.endswith(END):
        return BadFrame(Fault.END, head, raw)
    if sum(raw[2:-3]) & 255 != raw[-3]:
        return BadFrame(Fault.CHECKSUM, head, raw)
    return Frame(head, raw[_HEAD:-3], raw)


def _next_whole(buffer: bytes, at: int) -> int | None:
    """Where a whole good frame begins behind an unfinished one, which therefore is none."""
    for _ in range(_LOOKS_AHEAD):
        at = buffer.find(START, at)
        if at < 0 or isinstance(_frame(buffer, at), Frame):
            return at if at >= 0 else None
        at += 1
    return None


def _head(buffer: bytes, start: int) -> Head | None:
    if len(buffer) < start + _HEAD:
        return None
    part = buffer[start : start + _HEAD]
    serial = int.from_bytes(part[2:4], "little")
    return Head(serial, (part[4], part[5]), part[6:12], part[12:18], part[18:24], part[26])


# Writing ----------------------------------------------------------------------------------------------------


def write(head: Head, body: bytes = b"") -> bytes:
    """One frame. Raises ValueError for a body over the limit or a field that does not fit."""
    if len(body) > LONGEST_BODY:
        raise ValueError(f"a body of {len(body)} bytes; at most {LONGEST_BODY} fit into a frame")
    fields = (head.time, head.source, head.destination)
    if any(len(field) != 6 for field in fields):
        raise ValueError("time, source and destination of a frame have 6 bytes each")
    middle = b"".join(
        (
            head.serial.to_bytes(2, "little"),
            bytes(head.version),
            *fields,
            len(body).to_bytes(2, "little"),
            bytes((head.command,)),
            body,
        )
    )
    return START + middle + bytes((sum(middle) & 255,)) + END


def confirm(asked: Head, time: bytes) -> bytes:
    """`time`: when it is answered, as the six bytes of `gb26875_time.write_time`."""
    return write(_answer(asked, Command.CONFIRM, time))


def deny(asked: Head, time: bytes) -> bytes:
    return write(_answer(asked, Command.DENY, time))


def set_clock(head: Head, clock: bytes) -> bytes:
    """Sets the clock of the device to these six bytes; `head` is one of ours, its command is filled in."""
    return write(head._replace(command=Command.CONTROL), bytes((SET_CLOCK, 1)) + clock)


def roll_call(head: Head, minutes: int) -> bytes:
    """Asks whether somebody is on duty. `minutes` to answer (vendors' use of a reserved byte), 0 to 255."""
    return write(head._replace(command=Command.CONTROL), bytes((ROLL_CALL, 1, minutes)))


def request(head: Head, what: int, objects: bytes = b"\0", count: int = 1) -> bytes:
    """Reads something: a type of 61 to 68 or 81 to 88 with its objects (81, 85, 86, 88: a reserved byte)."""
    return write(head._replace(command=Command.REQUEST), bytes((what, count)) + objects)


def _answer(asked: Head, command: Command, time: bytes) -> Head:
    return Head(asked.serial, asked.version, time, asked.destination, asked.source, command)
