"""The last look before something leaves: live ways carry nothing but live sends, drill ways only drills.

The types say so already (`LiveSend`, `DrillSend`); this holds where types do not reach (promise P26).
"""

from __future__ import annotations

from typing import Final

from alerts.broadcasts.broadcast import DrillSend, LiveSend
from alerts.broadcasts.delivery import Refused

NOT_LIVE: Final = Refused("not a live send: nothing but a live send leaves by this channel")
NOT_A_DRILL: Final = Refused("not a drill: nothing but a drill leaves by this channel")


def is_live(send: object) -> bool:
    return isinstance(send, LiveSend)


def is_drill(send: object) -> bool:
    return isinstance(send, DrillSend)


def one_line(said: object, limit: int = 200) -> str:
    """What a far end said of itself, fit to be stored and shown: printable, on one line, cut."""
    return " ".join("".join(c if c.isprintable() else " " for c in str(said)).split())[:limit]
