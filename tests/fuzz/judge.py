"""What counts as a finding: an exception, an answer that nobody can store, too much time, too much memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import isfinite
from time import process_time
from typing import Any, Final, TypeAlias

from devices.quantity import QUANTITIES, QuantityKind
from ingest.generic import GENERIC, UNSURE
from ingest.message import Decoded, Ignored, Point, Rejected

LIMIT_S_PER_KB: Final = 0.050
"""Of the process's own time, as the coverage counters leave it; an input of less than 1 kB counts as one."""
TRIES: Final = 3
"""An input is too slow only when it is so every time: the machine may be busy."""
_GENERIC: Final = (GENERIC, UNSURE)
"""Admission makes quantities of them."""
_STORED: Final = 1 << 63
"""Times are stored in 64 bits with a sign."""

Run: TypeAlias = Callable[[bytes], None]


class Finding(AssertionError):
    """What is wrong with an answer."""


def judge(run: Run, data: bytes) -> None:
    """Raises whatever `run` raises, and Finding when it took too long."""
    limit_s = LIMIT_S_PER_KB * max(1.0, len(data) / 1024)
    took_s = []
    for _ in range(TRIES):
        began = process_time()
        run(data)
        took_s.append(process_time() - began)
        if took_s[-1] <= limit_s:
            return
    raise Finding(
        f"{min(took_s) * 1000:.0f} ms for {len(data)} bytes, {TRIES} times; at most {limit_s * 1000:.0f}"
    )


def check_answer(said: object) -> None:
    """An answer is what the port says, and everything in it can be stored and shown."""
    if isinstance(said, tuple):
        for one in said:
            _check_decoded(one)
    elif isinstance(said, Rejected):
        _storable(said.detail, said.address, said.dialect, said.event_id)
    elif isinstance(said, Ignored):
        _storable(said.why)
    else:
        raise Finding(f"{type(said).__name__} is no answer")


def _check_decoded(one: object) -> None:
    if not isinstance(one, Decoded):
        raise Finding(f"{type(one).__name__} among what was decoded")
    check_points(one.points)
    _storable(one.address, one.event_id, one.message_id, *one.notes, *(topic for topic, _ in one.asks))
    for at in (one.device_at, one.network_at, one.boot, one.device_sequence, one.reports_every_for):
        if at is not None and not (type(at) is int and -_STORED <= at < _STORED):
            raise Finding(f"{at!r} cannot be stored as a time or number")


def check_points(points: tuple[Point, ...]) -> None:
    for quantity, value in points:
        if quantity not in _GENERIC and quantity not in QUANTITIES:
            raise Finding(f"{quantity!r} is no quantity")
        if value is None:
            continue
        is_bit = quantity in _GENERIC or QUANTITIES[quantity].kind is not QuantityKind.NUMBER
        if not isinstance(value, (int, float)) or not isfinite(value) or (is_bit and value not in (0, 1)):
            raise Finding(f"{quantity}: {value!r} is no value of it")


def _storable(*texts: str | None) -> None:
    for text in texts:
        if text is not None:
            text.encode("utf-8")  # half of a surrogate pair raises


Kept: TypeAlias = Mapping[str, Any]


def check_cap(name: str, kept: Kept, caps: Mapping[str, int]) -> None:
    """What a dialect remembers, against its own bounds (as they are set for fuzzing)."""
    if name == "home_assistant":
        entities = sum(one.entity is not None for one in kept.values())
        _within("entities", entities, caps["MAX_ENTITIES"])
        _within("words of presence", len(kept) - entities, 4 * caps["MAX_ENTITIES"])
    elif name == "sparkplug":
        _within("edge nodes", sum(one.session is not None for one in kept.values()), caps["MAX_NODES"])
        births = sum(one.birth is not None for one in kept.values())
        _within("births", births, caps["MAX_NODES"] + caps["MAX_DEVICES"])
    else:
        _within("entries", len(kept), caps.get("", 1000))


def _within(what: str, count: int, cap: int) -> None:
    if count > cap:
        raise Finding(f"{count} {what} are remembered; at most {cap}")
