"""One field of a foreign message into one quantity: what is not understood is unknown, and a note says so."""

from __future__ import annotations

from devices.quantity import QUANTITIES
from ingest.strict_json import shown
from ingest.understood import Understood, measure, truth


def take_bit(said: Understood, quantity: str, name: str, value: object) -> None:
    """An alarm or condition; `name` is the field's, for the remark."""
    read = truth(value)
    said.bit(quantity, read)
    if read is None and value not in (None, ""):
        said.notes.append(f"{name}: {shown(value)!r} is neither true nor false")


def take_number(said: Understood, quantity: str, name: str, value: object, scale: float = 1.0) -> None:
    """A number, `scale` times which is in the unit of the quantity."""
    read = measure(value)
    if read is not None and QUANTITIES[quantity].plausible(scaled := float(read * scale)):
        said.number(quantity, scaled)
        return
    said.number(quantity, None)
    if value not in (None, ""):
        said.notes.append(f"{name}: {shown(value)!r} is outside of what a working sensor says")
