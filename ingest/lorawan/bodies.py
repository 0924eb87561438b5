"""The bytes of LoRaWAN devices by model: the networks around them bring a model, a port and a body."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from itertools import islice
from typing import Final

from devices.quantity import QUANTITIES, QuantityKind
from ingest.lorawan import browan, dragino, mclimate, milesight, milesight_models, netvox, tg563a, yobiiq
from ingest.lorawan.body import Body, Reader, Table, nothing, understand
from ingest.strict_json import shown
from ingest.understood import Understood

__all__ = ["MODELS", "Body", "agree", "model_of", "read", "read_object"]

_LONGEST: Final = 242
_NETVOX: Final = ("RA02A", "RA02C", "RB02I", "R718WA2")
_KNOWN: Final[Mapping[str, tuple[Reader, Table]]] = {
    **{
        f"milesight-{name.lower()}": (milesight.reader(model), model.fields)
        for name, model in milesight_models.MODELS.items()
    },
    **{f"netvox-{name.lower()}": (netvox.reader(name), netvox.FIELDS) for name in _NETVOX},
    "tg563a": (tg563a.read, tg563a.FIELDS),
    "mclimate-flood-sensor": (mclimate.read, mclimate.FIELDS),
    "dragino-ldds75": (dragino.read_ldds75, dragino.DISTANCE),
    "dragino-lwl02": (dragino.read_lwl02, dragino.LEAK),
    "browan-tbwl100": (browan.read, browan.FIELDS),
    "yobiiq-sd-1001": (yobiiq.read, yobiiq.FIELDS),
}
MODELS: Final[Mapping[str, Reader]] = {name: reader for name, (reader, _) in _KNOWN.items()}


def read(model: str, f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
    """Everything the body says, the present first; a text says why it cannot be read.

    Parts without values are a sign of life: a start, an answer to a command, an empty frame.
    """
    reader = MODELS.get(model)
    if reader is None:
        return f"no reader for the model {shown(model)!r}"
    if len(body) > _LONGEST:
        return f"{len(body)} bytes; no LoRaWAN frame holds more than {_LONGEST}"
    if not body or f_port == 0:
        return nothing("an empty frame, or one of the radio network itself")
    return reader(f_port, body)


def read_object(model: str, f_port: int | None, fields: Mapping[str, object]) -> Understood | None:
    """What the network server's own decoder made of the body; None when it says nothing that we read.

    History in it is passed over: `read` gives it with its times.
    """
    if model not in _KNOWN:
        return None
    table = _KNOWN[model][1]
    told = [(name, fields[name]) for name in table if name in fields]
    return understand(told, table) if told else None


# Which model ------------------------------------------------------------------------------------------------

_NAMES: Final = 32
_NAME: Final = 120
_NO_SIGN: Final = re.compile("[^a-z0-9]+")
_OTHER: Final = "v2"
"""Behind a model's name it is another product with another body."""

_PHRASES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    **{
        name: ((name.partition("-")[2],),)
        for name in MODELS
        if name.startswith(("milesight", "netvox", "dragino"))
    },
    "tg563a": (("tg563a",),),
    "yobiiq-sd-1001": (("sd-1001",),),
    "mclimate-flood-sensor": (("mclimate", "flood"),),
    "browan-tbwl100": (
        ("tbwl100",),
        ("browan", "waterleaksensor"),
        ("browan", "water-leak"),
        ("tabs", "water-leak"),
    ),
}
"""What must be named: any of the lists, the whole of it; words joined by `-` may also be written as one."""


def model_of(names: Iterable[str]) -> str | None:
    """The one model that a network server's names tell (profile, tags, brand and model, device).

    None when they tell none, or several that differ: a wrong reader would invent values.
    """
    return _model(tuple([name[:_NAME] for name in islice(names, _NAMES)]))


@lru_cache(maxsize=1024)
def _model(names: tuple[str, ...]) -> str | None:
    text = "--".join(_NO_SIGN.sub("-", name.lower()).strip("-") for name in names)
    found = [model for model, lists in _PHRASES.items() if any(_named(f"-{text}-", every) for every in lists)]
    return found[0] if len(found) == 1 else None


def _named(text: str, phrases: tuple[str, ...]) -> bool:
    return all(_has(text, phrase) or _has(text, phrase.replace("-", "")) for phrase in phrases)


def _has(text: str, phrase: str) -> bool:
    return f"-{phrase}-" in text and f"-{phrase}-{_OTHER}-" not in text


# Bytes against the decoded object ---------------------------------------------------------------------------


def agree(raw: Understood, decoded: Understood) -> tuple[str, ...]:
    """Notes where the two contradict; `raw` is left with what counts.

    An alarm in either is one. Otherwise the bytes count, also where they leave something unknown. What only
    the object tells is taken, but for a clear: decoders fill in what a frame did not say.
    """
    notes = []
    for quantity, value in decoded.values.items():
        known = raw.values.get(quantity)
        if known is not None and value is not None and not _same(quantity, known, value):
            notes.append(f"{quantity}: {known:g} by the bytes, {value:g} by the network server's decoder")
        if value == 1.0 and _is_bit(quantity):
            raw.bit(quantity, value)
        elif quantity not in raw.values and value is not None and not _is_bit(quantity):
            raw.values[quantity] = value
    raw.sos = raw.sos or decoded.sos
    raw.reports_every_for = raw.reports_every_for or decoded.reports_every_for
    return tuple(notes)


def _is_bit(quantity: str) -> bool:
    return QUANTITIES[quantity].kind is not QuantityKind.NUMBER


def _same(quantity: str, one: float, other: float) -> bool:
    """Decoders round: a volt to a tenth, a degree to a whole."""
    return one == other if _is_bit(quantity) else math.isclose(one, other, rel_tol=0.04, abs_tol=0.6)
