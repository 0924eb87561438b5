"""What a replay would have sent counts as sent, and goes nowhere."""

from __future__ import annotations

from typing import Any

from alerts.broadcasts.delivery import Sent
from alerts.channels.gate import NOT_LIVE
from alerts.channels.shut import ShutChannel
from tests.support.ledger import send


async def test_a_send_counts_as_handed_off_and_proves_nothing() -> None:
    live: Any = send()
    assert await ShutChannel("webhook").send(live) == Sent("shut", confirmed=False)


async def test_a_drill_is_refused_here_too() -> None:
    drill: Any = send(drill=True)
    assert await ShutChannel("webhook").send(drill) is NOT_LIVE
