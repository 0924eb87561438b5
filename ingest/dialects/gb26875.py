"""GB/T 26875.3: fire panels behind user information transmission devices, whose word is the law's own alarm.

A record is one whole frame on the topic `gb26875/<source address, 12 hex digits>`.
docs/dialects/gb26875.md says what is read.
"""

from __future__ import annotations

from binascii import crc32
from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from devices.instant import SECOND, Instant, Micros
from devices.quantity import QUANTITIES
from ingest.device_time import UNREADABLE
from ingest.dialects import gb26875_objects as objects
from ingest.dialects.gb26875_frame import Command, Fault, Frame, frames
from ingest.dialects.gb26875_tables import (
    ANALOGUES,
    CLEARED,
    COMPONENT,
    DEVICE_OPERATIONS,
    DISABLED,
    FIRE,
    MANUAL,
    NORMAL,
    OPERATIONS,
    SYSTEM,
    TRANSMITTER,
    Word,
    alarm_of,
    quantity_of,
)
from ingest.dialects.gb26875_time import REFERENCE, Tagged, read_time
from ingest.generic import GENERIC
from ingest.message import Decoded, Ignored, Point, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import shown

NAME: Final = "gb26875"
PREFIX: Final = "gb26875/"
NEVER_SET: Final[Instant] = 1_577_836_800 * SECOND
"""2020: a clock before that was never set, and starts from the same time whenever power comes back."""
_NOTES: Final = 8

Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored


def topic_of(source: bytes) -> str:
    """The topic of what a source address sends."""
    return PREFIX + source.hex()


class Gb26875:
    """Addresses: the transmission device is its own address in hex, bytes as on the wire (`790300000000`); a
    system of a building `<device>/<type>.<address>`; a component of it
    `<device>/<type>.<address>.<component type>.<zone>-<number>`, all decimal: `790300000000/1.1.40.10-2`.

    `utc_offset_for`: how far the devices' clocks are ahead of UTC, for frames name no zone. `believes_test`:
    whether bit 0 of a state word means what the standard says. Many devices leave it 0 even when they report
    a fire, and a `clear` under test clears nothing, so by default it is only remarked.
    """

    name = NAME

    def __init__(self, utc_offset_for: Micros, believes_test: bool = False) -> None:
        self._offset_for = utc_offset_for
        self._believes_test = believes_test

    def subscriptions(self) -> tuple[Subscription, ...]:
        """None: frames come by a source of their own, not through a broker."""
        return ()

    def claims(self, topic: str) -> bool:
        return topic.startswith(PREFIX)

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        frame = _only(payload)
        if isinstance(frame, Rejected):
            return frame
        source = frame.head.source.hex()
        if topic != PREFIX + source:
            return Rejected(Reason.TOPIC_MISMATCH, f"a frame of {source} on {shown(topic)!r}", NAME, source)
        command = frame.head.command
        if command in (Command.DATA, Command.RESPONSE):
            return self._data(source, frame)
        if command in (Command.CONFIRM, Command.DENY):
            notes = ("denied what it was asked to do",) if command == Command.DENY else ()
            return (self._heard(source, read_time(frame.head.time), notes),)
        if command in (Command.CONTROL, Command.REQUEST):
            return Ignored(f"command {command} is a centre's wish, not a device's word")
        detail = f"command {command} is none of the standard; look up what the maker means by it"
        return Rejected(Reason.UNSUPPORTED, detail, NAME, source)

    def _data(self, source: str, frame: Frame) -> Said:
        sent = read_time(frame.head.time)
        if not frame.body:
            return (self._heard(source, sent),)
        near = sent.local if sent and sent.local >= NEVER_SET else REFERENCE
        found = objects.read(frame.body, near)
        if isinstance(found, objects.Unreadable):
            if not found.known:
                return Ignored(found.why)
            return Rejected(Reason.MALFORMED, found.why, NAME, source)
        told = tuple(self._told(source, frame, sent, found))
        heard = any(one.address == source for one in told)
        return told if heard else (*told, self._heard(source, sent))

    def _told(
        self, source: str, frame: Frame, sent: Tagged | None, found: objects.Objects
    ) -> Iterator[Decoded]:
        """Each object by itself and in their order: what one component says twice is said twice."""
        message_id = _message_id(source, frame, sent)
        history = frame.head.command == Command.RESPONSE  # operations that were asked for are old ones
        odd = (found.odd,) if found.odd else ()
        for one in found.said:
            said = self._one(source, one)
            backfill = history and isinstance(one, objects.Operation)
            notes = (*said.notes, *odd)[:_NOTES]
            yield Decoded(*said[:10], backfill, *said[11:13], notes, self._utc(sent), message_id)

    def _one(self, source: str, one: objects.Said) -> Decoded:
        match one:
            case objects.ComponentState(component, state, text, at):
                address = _component(source, component)
                return self._state(address, COMPONENT, state, alarm_of(component.kind), at, text)
            case objects.SystemState(place, state, at):
                return self._state(_system(source, place), SYSTEM, state, GENERIC, at)
            case objects.TransmitterState(state, at):
                return self._state(source, TRANSMITTER, state, GENERIC, at)
            case objects.ComponentAnalogue(component, kind, raw, at):
                points, note = _measured(component.kind, kind, raw)
                return Decoded(
                    NAME, _component(source, component), points, self._device_at(at), notes=(note,)
                )
            case objects.Operation(place, flags, operator, at):
                return self._operation(source, place, flags, operator, at)
            case objects.Version(place, major, minor):
                return Decoded(NAME, _system(source, place), notes=(f"software {major}.{minor}",))
            case objects.ClockTime(place, at):
                return Decoded(NAME, _system(source, place), device_at=self._device_at(at))
            case objects.Configuration(of, text):
                address = _component(source, of) if isinstance(of, objects.Component) else _system(source, of)
                return Decoded(NAME, address, notes=(shown(text),) if text else ())

    def _state(
        self, address: str, word: Word, state: int, alarm: str, at: Tagged | None, text: str = ""
    ) -> Decoded:
        """The test bit never takes anything from an alarm or a fault: the words that say either are live."""
        fire = bool(state & FIRE)
        blind = word is COMPONENT and bool(state & DISABLED)
        points = [Point(alarm, 1.0 if fire else None if blind else 0.0)]
        points.append(Point("fault", float(bool(state & word.fault))))
        if word.battery:
            points.append(Point("battery_low", float(bool(state & word.battery))))
        names = _names(word.names, state >> 1)
        quiet = not state & (FIRE | word.fault | word.battery)
        if not state & NORMAL:
            names.append("bit 0: under test")
        notes = (*((shown(text),) if text else ()), *((", ".join(names),) if names else ()))
        test = self._believes_test and quiet and not state & NORMAL
        return Decoded(NAME, address, tuple(points), self._device_at(at), test=test, notes=notes)

    def _operation(
        self, source: str, place: objects.Place | None, flags: int, operator: int, at: Tagged | None
    ) -> Decoded:
        """Somebody pressed something. A manual alarm is one, whatever else was pressed with it."""
        pressed = bool(flags & MANUAL)
        points = (Point("manual_alarm", float(pressed)),) if flags & (MANUAL | CLEARED) else ()
        names = _names(DEVICE_OPERATIONS if place is None else OPERATIONS, flags)
        note = f"operator {operator}: {', '.join(names) or 'nothing'}"
        return Decoded(
            NAME, _system(source, place), points, self._device_at(at), is_event=bool(points), notes=(note,)
        )

    def _heard(self, source: str, sent: Tagged | None, notes: tuple[str, ...] = ()) -> Decoded:
        """The device itself spoke, which is all that is said."""
        return Decoded(NAME, source, notes=notes, network_at=self._utc(sent))

    def _device_at(self, at: Tagged | None) -> Instant:
        return UNREADABLE if at is None else at.local - self._offset_for

    def _utc(self, sent: Tagged | None) -> Instant | None:
        return None if sent is None else sent.local - self._offset_for


def _only(payload: bytes) -> Frame | Rejected:
    found, end = frames(payload)
    if len(found) == 1 and isinstance(found[0], Frame) and end == len(payload):
        return found[0]
    faults = [one.fault for one in found if not isinstance(one, Frame)]
    what = faults[0] if faults else Fault.CUT if len(found) < 2 else "more than one frame"
    return Rejected(Reason.MALFORMED, f"{len(payload)} bytes are not one whole frame: {what}", NAME)


def _message_id(source: str, frame: Frame, sent: Tagged | None) -> str | None:
    """Serial and time name a message only when the clock goes: without one both begin anew at every start,
    and a fire would pass for the one before it."""
    if sent is None or sent.local < NEVER_SET:
        return None
    return f"{source}/{frame.head.serial}/{frame.head.time.hex()}/{crc32(frame.body):08x}"


def _system(source: str, place: objects.Place | None) -> str:
    return source if place is None else f"{source}/{place.system}.{place.address}"


def _component(source: str, one: objects.Component) -> str:
    return f"{_system(source, one.place)}.{one.kind}.{one.zone}-{one.number}"


def _names(names: Iterable[str], bits: int) -> list[str]:
    return [name for bit, name in enumerate(names) if bits >> bit & 1 and name]


def _measured(component: int, kind: int, raw: int) -> tuple[tuple[Point, ...], str]:
    """The value as one of our quantities, where it is one, and in words."""
    known = ANALOGUES.get(kind)
    words = f"{known.name} {raw * known.scale:g} {known.unit}" if known else f"analogue type {kind}: {raw}"
    meant = quantity_of(kind, component)
    if meant is None:
        return (), words.rstrip()
    quantity, scale = meant
    value = round(raw * scale, 1)
    if QUANTITIES[quantity].plausible(value):
        return (Point(quantity, value),), words
    return (Point(quantity, None),), f"{words}: outside of what a working sensor says"
