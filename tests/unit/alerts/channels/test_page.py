from __future__ import annotations

from alerts.broadcasts.delivery import Retry, Sent
from alerts.channels.page import PageChannel
from tests.support.broadcast import send, to


async def test_open_page_is_proof_that_it_arrived() -> None:
    channel = PageChannel({"duty"}.__contains__)
    assert await channel.send(send("crew")) == Sent(confirmed=True)


async def test_closed_page_is_tried_again_until_it_opens() -> None:
    present: set[str] = set()
    channel = PageChannel(present.__contains__)
    assert await channel.send(send("crew")) == Retry("no crew page is open")
    present.add("duty")
    assert await channel.send(send("crew")) == Sent(confirmed=True)


async def test_page_of_somebody_else_proves_nothing() -> None:
    channel = PageChannel({"duty"}.__contains__)
    assert await channel.send(to(send("crew"), id="other")) == Retry("no crew page is open")
