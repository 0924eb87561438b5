"""What one message says of the devices whose announced entities lie on its topic."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from devices.quantity import QUANTITIES
from ingest.dialects.home_assistant_config import NAME, SOS, Availability
from ingest.dialects.home_assistant_memory import Household
from ingest.dialects.home_assistant_path import MISSING, UNKNOWN, evaluate, number, rendered
from ingest.dialects.home_assistant_reader import Reader, Watcher
from ingest.evidence import EDGES
from ingest.message import Decoded, Ignored, Reason, Rejected
from ingest.strict_json import MAX_BYTES, NotStrict, parse, shown, too_large
from ingest.understood import Understood

Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored


class Message:
    """One message on a topic that something was announced for; for one use."""

    def __init__(self, house: Household, payload: bytes, retain: bool) -> None:
        self._house = house
        self._payload = payload
        self._retain = retain
        self._text = ""
        self._legible = False
        self._body: object = MISSING
        self._devices: dict[str, Understood] = {}
        self._momentary: set[str] = set()

    def said(self, readers: Sequence[Reader], watchers: Sequence[Watcher]) -> Said:
        in_json = any(one.in_json for one in readers) or any(one.in_json for one in watchers)
        broken = self._broken(in_json)
        if broken is not None and not self._legible:
            return _refused(broken, readers, watchers)
        self._read(readers)
        if self._house.crowded:
            self._together()
        present, word = self._presence(watchers) if watchers else ({}, False)
        addresses = sorted({*self._devices, *present}) if present else sorted(self._devices)
        if addresses:
            return tuple([self._decoded(one, present.get(one), cached=in_json) for one in addresses])
        if broken is not None:
            return _refused(broken, readers, watchers)
        return self._nothing(readers, watchers, word)

    def _broken(self, in_json: bool) -> NotStrict | None:
        """Takes in text and JSON; what is wrong with them."""
        if len(self._payload) > MAX_BYTES:
            return too_large(self._payload)
        try:
            self._text = self._payload.decode("utf-8").strip()
            self._legible = True
            if in_json and self._text:
                self._body = parse(self._payload)
        except UnicodeDecodeError as error:
            return NotStrict(Reason.MALFORMED, f"not UTF-8: byte {error.start} cannot be read")
        except NotStrict as odd:
            return odd
        return None

    # Values -----------------------------------------------------------------------------------------------

    def _read(self, readers: Sequence[Reader]) -> None:
        body = self._body if isinstance(self._body, dict) else {}
        for reader in readers:
            entity = reader.entity
            if reader.field is not None:
                value = body.get(reader.field, MISSING)
            else:
                template = reader.template
                value = None if template is None else evaluate(template, self._text, self._body)
            if value is MISSING:
                continue
            device = self._devices.get(entity.address)
            if device is None:
                device = self._devices[entity.address] = Understood()
            if entity.component == "binary_sensor":
                self._bit(device, reader, value)
            elif entity.component == "sensor":
                self._number(device, reader, value)
            else:
                self._event(device, reader, value)

    def _bit(self, device: Understood, reader: Reader, value: object) -> None:
        entity = reader.entity
        read = None if value is None else reader.bits.get(rendered(value))
        if read is None and not _admits(value):
            known = f"{shown(entity.on)!r} nor {shown(entity.off)!r}"
            device.notes.append(f"{entity.quantity}: {shown(value)!r} is neither {known}")
        if entity.momentary and read == 1.0:
            self._momentary.add(entity.address)
        self._house.hear(reader, read, self._retain)
        device.bit(entity.quantity, read)

    def _number(self, device: Understood, reader: Reader, value: object) -> None:
        entity = reader.entity
        if entity.address in self._house.crowded and not self._house.first(reader.key, entity):
            return
        if type(value) is float or type(value) is int:
            read: float | None = value * entity.factor + entity.offset
        else:
            read = None if isinstance(value, bool) else number(value)
            read = None if read is None else read * entity.factor + entity.offset
        if read is not None and QUANTITIES[entity.quantity].plausible(read):
            device.number(entity.quantity, read)
            return
        device.number(entity.quantity, None)
        if not _admits(value):
            device.notes.append(
                f"{entity.quantity}: {shown(value)!r} is outside of what a working sensor says"
            )

    def _event(self, device: Understood, reader: Reader, value: object) -> None:
        """Another way to press a button is no word about the person."""
        if value is None:
            device.bit(reader.entity.quantity, None)
        elif isinstance(value, str) and value.lower() in SOS:
            device.sos = True
            device.bit(reader.entity.quantity, 1.0)

    def _together(self) -> None:
        """Where several parts of a device say the same, one that is clear does not speak for the others."""
        for address in self._devices.keys() & self._house.crowded:
            device = self._devices[address]
            for quantity in [one for one, value in device.values.items() if value != 1.0 and one in EDGES]:
                several, standing = self._house.standing(address, quantity)
                if several and standing == 1.0:
                    del device.values[quantity]
                elif several:
                    device.values[quantity] = standing

    # Presence ---------------------------------------------------------------------------------------------

    def _presence(self, watchers: Sequence[Watcher]) -> tuple[dict[str, bool], bool]:
        """Who is there or not, and whether the message has a word for it at all."""
        spoken: dict[Availability, bool] = {}
        concerned = set()
        for watcher in watchers:
            for source, template, words in watcher.sources:
                if source not in spoken:
                    said = words.get(rendered(evaluate(template, self._text, self._body)))
                    spoken[source] = said is not None
                    if said is not None:
                        self._house.say(source, said == 1.0)
                if spoken[source]:
                    concerned.add(watcher.address)
        told = {address: self._house.online(address) for address in concerned}
        return {address: online for address, online in told.items() if online is not None}, bool(concerned)

    # Answers ----------------------------------------------------------------------------------------------

    def _decoded(self, address: str, online: bool | None, *, cached: bool) -> Decoded:
        said = self._devices.get(address)
        if said is None:
            return Decoded(NAME, address, online=online)
        is_event = said.sos or address in self._momentary
        notes = tuple(said.notes[:8])
        return Decoded(  # by place: naming them takes as long again
            NAME,
            address,
            said.points(),
            None,
            None,
            None,
            None,
            is_event,
            False,
            False,
            False,
            online,
            None,
            notes,
            None,
            None,
            (),
            cached,
        )

    def _nothing(self, readers: Sequence[Reader], watchers: Sequence[Watcher], word: bool) -> Said:
        if not self._payload:
            return Ignored("a retained message was taken away")
        if word:
            return Ignored("the other topics of its availability have not spoken yet")
        if readers:
            return Ignored("nothing in it is what was announced")
        source, *_ = watchers[0].sources[0]
        known = f"{shown(source.available)!r} nor {shown(source.not_available)!r}"
        detail = f"{shown(self._text)!r} is neither {known}"
        return Rejected(Reason.MALFORMED, detail, NAME, watchers[0].address)


def _refused(odd: NotStrict, readers: Sequence[Reader], watchers: Sequence[Watcher]) -> Rejected:
    address = readers[0].entity.address if readers else watchers[0].address
    return Rejected(odd.reason, odd.detail, NAME, address)


def _admits(value: object) -> bool:
    """Whether it says by itself that it is unknown."""
    return value is None or (isinstance(value, str) and value.strip().lower() in UNKNOWN)
