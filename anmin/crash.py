"""Named points at which a test may have the process killed: `ANMIN_CRASH_AT=after_commit_before_ack:3`.

Does nothing unless the environment asks for it. The number is how often the point is passed first.
"""

from __future__ import annotations

import os
import signal
from typing import Final

POINTS: Final = (
    "after_commit_before_ack",
    "before_ledger",
    "after_ledger",
    "after_lease",
    "after_send",
    "before_snapshot",
    "after_snapshot",
    "recovering",
)
"""Every point there is; the crash loop walks them all."""

_AT, _, _COUNT = os.environ.get("ANMIN_CRASH_AT", "").partition(":")
_left = int(_COUNT or "0")


def point(name: str) -> None:
    """Die here, as by a power cut of the process, when the environment names this point."""
    if not _AT or name != _AT:
        return
    global _left
    if _left <= 0:
        os.kill(os.getpid(), signal.SIGKILL)
    _left -= 1
