"""Application data of GB/T 26875.3: from the body of a frame to objects with their fields, whoever made it.

Makers write longer texts than the standard allows, wrong counts and last objects that are cut. None of that
may cost an alarm: what is there is read as far as it goes, and a remark says what was odd.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from devices.instant import Instant
from ingest.dialects.gb26875_time import LENGTH as TIME
from ingest.dialects.gb26875_time import REFERENCE, Tagged, read_time


class Place(NamedTuple):
    """A system of a building: its type and its address. The two together name it."""

    system: int
    address: int


class Component(NamedTuple):
    """A detector, button, pump or module of a system."""

    place: Place
    kind: int
    zone: int
    number: int


class SystemState(NamedTuple):
    place: Place
    state: int
    at: Tagged | None


class ComponentState(NamedTuple):
    component: Component
    state: int
    text: str
    at: Tagged | None


class ComponentAnalogue(NamedTuple):
    component: Component
    kind: int
    raw: int
    at: Tagged | None


class Operation(NamedTuple):
    """What a person did at a system, or at the transmission device itself (`place` None)."""

    place: Place | None
    flags: int
    operator: int
    at: Tagged | None


class TransmitterState(NamedTuple):
    state: int
    at: Tagged | None


class Version(NamedTuple):
    place: Place | None
    major: int
    minor: int


class Configuration(NamedTuple):
    """Of a system, a component, or the transmission device (None)."""

    of: Place | Component | None
    text: str


class ClockTime(NamedTuple):
    place: Place | None
    at: Tagged | None


Said: TypeAlias = (
    SystemState
    | ComponentState
    | ComponentAnalogue
    | Operation
    | TransmitterState
    | Version
    | Configuration
    | ClockTime
)


class Objects(NamedTuple):
    """The objects of one body, in order; `odd` tells what did not fit the standard, empty when all did."""

    kind: int
    said: tuple[Said, ...]
    odd: str = ""


class Unreadable(NamedTuple):
    """`known` tells a type of the standard from one that is not for us to read."""

    known: bool
    why: str


class _Form(NamedTuple):
    """`size` of one object; `least` is what must be there to say anything; `timed`: a time ends it."""

    size: int
    least: int
    timed: bool = True


_FORMS: Final = {
    1: _Form(10, 4),
    2: _Form(46, 9),
    3: _Form(16, 10),
    4: _Form(10, 4),
    5: _Form(4, 4, False),
    7: _Form(38, 7, False),
    8: _Form(8, 2),
    21: _Form(7, 1),
    24: _Form(8, 2),
    25: _Form(2, 2, False),
    28: _Form(6, 0),
}
_SYSTEM_TEXT: Final = 6
_DEVICE_TEXT: Final = 26
OUR_TYPES: Final = frozenset({*_FORMS, _SYSTEM_TEXT, _DEVICE_TEXT})


def read(body: bytes, reference: Instant = REFERENCE) -> Objects | Unreadable:
    """`reference`: a time (local) near which those of the objects are likely, to tell BCD from binary."""
    if len(body) < 2:
        return Unreadable(True, f"{len(body)} bytes; type and count of its objects were expected")
    kind, count = body[0], body[1]
    if kind in (_SYSTEM_TEXT, _DEVICE_TEXT):
        return _configurations(kind, count, body[2:])
    form = _FORMS.get(kind)
    if form is None:
        return Unreadable(False, f"type {kind} is none that we read")
    pieces, odd = _pieces(form, count, body[2:])
    if not pieces:
        return Unreadable(True, f"type {kind}: {len(body) - 2} bytes, an object has {form.size}")
    return Objects(kind, tuple([_object(kind, form, piece, reference) for piece in pieces]), odd)


# Taking apart -----------------------------------------------------------------------------------------------


def _pieces(form: _Form, count: int, rest: bytes) -> tuple[list[bytes], str]:
    """The bytes of each object, and what is odd about them."""
    size, length = form.size, len(rest)
    if length == count * size:
        return _cut(rest, size), ""
    odd = f"{length} bytes for {count} objects of {size}"
    if length % size == 0 and (not form.timed or all(_ends_in_time(one) for one in _cut(rest, size))):
        return _cut(rest, size), f"{odd}: there are {length // size}"
    each = length // count if count and length % count == 0 else 0
    timed = form.timed and each >= form.least + TIME and all(map(_ends_in_time, _cut(rest, each)))
    if each > size or timed:
        return _cut(rest, each), f"{odd}: each has {each}"
    pieces = [piece for piece in _cut(rest, size) if len(piece) >= form.least]
    return pieces, f"{odd}: {len(pieces)} could be read"


def _cut(rest: bytes, size: int) -> list[bytes]:
    return [rest[at : at + size] for at in range(0, len(rest), size)]


def _ends_in_time(piece: bytes) -> bool:
    return read_time(piece[-TIME:]) is not None


def _time(form: _Form, piece: bytes, reference: Instant) -> tuple[Tagged | None, int]:
    """The time and where it begins: at the end, or where the standard has it when padding comes after."""
    length = len(piece)
    if not form.timed or length < form.least + TIME:
        return None, length
    found = read_time(piece[-TIME:], reference)
    if found is not None or length < form.size:
        return found, length - TIME if found else length
    at = form.size - TIME
    return read_time(piece[at : form.size], reference), at


def text_of(raw: bytes) -> str:
    """GB18030, ended or padded by zeros or spaces."""
    return raw.lstrip(b"\0 ").partition(b"\0")[0].decode("gb18030", "replace").strip()


def _object(kind: int, form: _Form, piece: bytes, reference: Instant) -> Said:
    at, end = _time(form, piece, reference)
    if kind in (21, 24, 25, 28):
        return _of_transmitter(kind, piece, at)
    place = Place(piece[0], piece[1])
    if kind in (2, 3, 7):
        return _of_component(kind, piece, place, at, end)
    if kind == 1:
        return SystemState(place, _word(piece, 2), at)
    if kind == 4:
        return Operation(place, piece[2], piece[3], at)
    return Version(place, piece[2], piece[3]) if kind == 5 else ClockTime(place, at)


def _of_transmitter(kind: int, piece: bytes, at: Tagged | None) -> Said:
    if kind == 21:
        return TransmitterState(piece[0], at)
    if kind == 24:
        return Operation(None, piece[0], piece[1], at)
    return Version(None, piece[0], piece[1]) if kind == 25 else ClockTime(None, at)


def _of_component(kind: int, piece: bytes, place: Place, at: Tagged | None, end: int) -> Said:
    component = Component(place, piece[2], _word(piece, 3), _word(piece, 5))
    if kind == 3:
        return ComponentAnalogue(component, piece[7], int.from_bytes(piece[8:10], "little", signed=True), at)
    if kind == 7:
        return Configuration(component, text_of(piece[7:]))
    return ComponentState(component, _word(piece, 7), text_of(piece[9:end]), at)


def _word(piece: bytes, at: int) -> int:
    return int.from_bytes(piece[at : at + 2], "little")


def _configurations(kind: int, count: int, rest: bytes) -> Objects | Unreadable:
    """Texts with their lengths before them; the last one may be cut."""
    found: list[Said] = []
    front = 3 if kind == _SYSTEM_TEXT else 1
    at = 0
    while at + front <= len(rest) and len(found) < max(count, 1):
        end = at + front + rest[at + front - 1]
        place = Place(rest[at], rest[at + 1]) if front == 3 else None
        found.append(Configuration(place, text_of(rest[at + front : end])))
        at = end
    if not found:
        return Unreadable(True, f"type {kind}: {len(rest)} bytes are no text with its length")
    odd = "" if at == len(rest) and len(found) == count else f"{len(rest)} bytes for {count} texts"
    return Objects(kind, tuple(found), odd)
