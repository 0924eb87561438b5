"""What the readers of all makers share: the parts of a frame, and how a named field becomes a quantity.

Every maker's bytes become the fields that its own published decoder names, and one table says what those
mean. So what a network server decoded and what we read of the bytes are understood by the same table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple, TypeAlias

from devices.instant import Instant
from ingest.dialects.fields import take_bit, take_number
from ingest.strict_json import shown
from ingest.understood import Understood, measure, truth


class Body(NamedTuple):
    """What one part of a frame says: the present, or one record of history (`backfill`) with its own time."""

    understood: Understood
    device_at: Instant | None = None
    backfill: bool = False
    is_event: bool = False


Reader: TypeAlias = Callable[[int | None, bytes], tuple[Body, ...] | str]
"""Reads a body that came on a port (None: not told); a text says why it cannot be read."""
Take: TypeAlias = Callable[[Understood, str, object], None]
"""Reads one field (name, value) into what is understood."""
Field: TypeAlias = tuple[str, object]
Table: TypeAlias = Mapping[str, Take]


def understand(fields: Iterable[Field], table: Table) -> Understood:
    """Fields that are none of our concern are passed over. A field may come twice."""
    said, find = Understood(), table.get
    for name, value in fields:
        take = find(name)
        if take is not None:
            take(said, name, value)
    return said


def present(fields: Iterable[Field], table: Table) -> tuple[Body, ...]:
    said = understand(fields, table)
    return (Body(said, is_event=said.sos),)


def nothing(note: str) -> tuple[Body, ...]:
    """The device was heard, and what it says is no measurement."""
    return (Body(Understood(notes=[note])),)


def unexpected(what: str, length: int, expected: str) -> str:
    return f"{what}: a body of {length} bytes, expected {expected}; check the model of the device"


# Takes ------------------------------------------------------------------------------------------------------

_NO: Final = frozenset(
    {
        "no alarm",
        "noalarm",
        "noleak",
        "no leak",
        "threshold alarm release",
        "temperature threshold alarm release",
    }
)
_YES: Final = frozenset({"threshold alarm", "temperature threshold alarm", "pushed", "tilt"})


def plain(value: object) -> object:
    """A word of any decoder in one spelling, True or False where it is one of those; else what it was."""
    if not isinstance(value, str):
        return value
    word = value.strip().lower().replace("_", " ")
    return True if word in _YES else False if word in _NO else word


def bit(quantity: str) -> Take:
    def take(said: Understood, name: str, value: object) -> None:
        if value is True or value is False:  # what every reader of bytes makes of a bit
            said.bit(quantity, float(value))
        else:
            take_bit(said, quantity, name, plain(value))

    return take


def number(quantity: str, scale: float = 1.0) -> Take:
    def take(said: Understood, name: str, value: object) -> None:
        take_number(said, quantity, name, value, scale)

    return take


def volts(said: Understood, name: str, value: object) -> None:
    """Of a battery. Decoders of one model tell V or mV by the same name; none runs on 100 V or on 100 mV."""
    read = measure(value)
    take_number(said, "battery_mv", name, value, 1.0 if read is not None and read >= 100 else 1000.0)


def press(said: Understood, name: str, value: object) -> None:
    """A button: pressed is a call for help, released is not."""
    read = truth(plain(value))
    said.sos = said.sos or read == 1.0
    take_bit(said, "sos_alarm", name, plain(value))


def distance(said: Understood, name: str, value: object) -> None:
    """From the sensor down to the water: how deep it is depends on where the sensor hangs."""
    take_number(said, "distance_mm", name, value)


def remark(said: Understood, name: str, value: object) -> None:
    """Worth a person's eye, and no quantity."""
    word = {0: "off", 1: "on"}.get(value, value) if isinstance(value, int) else value
    said.notes.append(f"{name.removesuffix('_status').replace('_', ' ')} {shown(word)}")
