"""The name of an incident, derived from what opened it, so that a replay finds the same one."""

from __future__ import annotations

import hashlib

from devices.instant import Instant
from devices.level import Hazard

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def incident_id(at: Instant, sequence: int, hazard: Hazard, subject: str) -> str:
    """`inc_` and a ULID: 48 bits of milliseconds, 80 bits of the hash of what opened it."""
    facts = "\x1f".join((str(sequence), hazard.value, subject)).encode()
    number = (at // 1000) << 80 | int.from_bytes(hashlib.sha256(facts).digest()[:10])
    return "inc_" + "".join(_CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))
