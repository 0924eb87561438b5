"""What a service tells of itself becomes what the world sees. Real wires: test_simulated_town.py."""

from __future__ import annotations

import asyncio
from typing import Any

from devices.instant import SECOND, rfc3339
from simulator.device import BrokerAddress
from simulator.onair import OnAir, Service
from simulator.score import Notice
from simulator.voice import Said

NOW = 1_800_000_000 * SECOND
AIR = Service(BrokerAddress("127.0.0.1", 1), lambda: NOW, speed=10.0, secret=b"key")


def seen(version: int, **more: Any) -> dict[str, Any]:
    who = {"audience": "resident", "id": "wang", "channel": "webhook", "household_id": "h1"}
    return {
        "id": "inc-1",
        "drill": False,
        "timeline": [
            {"kind": "announced", "version": 1, "purpose": "alert"},
            {"kind": "announced", "version": 2, "purpose": "all_clear"},
            {"kind": "delivered", "recipient": "wang", "channel": "webhook", "key": "k1"},
        ],
        "deliveries": [{"recipient": who, "version": version, "at": rfc3339(NOW + SECOND)}],
    } | more


def test_each_version_to_each_recipient_is_a_notice_once() -> None:
    air = OnAir(AIR)
    (one,) = air._new(seen(1))
    assert (one.purpose, one.key, one.household, one.at) == ("alert", "k1", "h1", NOW + 10 * SECOND)
    assert list(air._new(seen(1))) == []
    (two,) = air._new(seen(2))
    assert two.purpose == "all_clear"


def test_a_device_stamps_what_it_says_with_the_time_of_the_wall() -> None:
    air = OnAir(AIR)
    assert air.clock(NOW + 100 * SECOND) == NOW + 10 * SECOND


async def test_one_topic_rides_on_one_connection_and_what_was_kept_is_retained() -> None:
    air = OnAir(AIR)
    air._queues = [asyncio.Queue() for _ in range(4)]
    for number in range(8):
        air.hear(Said("anmin/xfl/a/reading", b"%d" % number), kept=number == 0)
    (used,) = [queue for queue in air._queues if queue.qsize()]
    messages = [used.get_nowait() for _ in range(8)]
    assert [one.payload for one in messages] == [b"%d" % number for number in range(8)]
    assert [one.retained for one in messages] == [True] + [False] * 7


async def test_phones_send_receipts_only_of_what_the_provider_carried() -> None:
    air = OnAir(AIR)
    notice = Notice(NOW, "k1", "inc-1", 1, "alert", "resident", "wang", "webhook", "h1", False)
    air.receipt(notice, "seen")
    air.receipt(notice, "failed")
    air.receipt(notice._replace(key=""), "seen")
    air.receipt(notice._replace(channel="crew"), "seen")
    assert air._calls.qsize() == 1
    path, headers, body = air._calls.get_nowait()
    assert (path, b"k1" in body) == ("/api/v1/receipts", True)
    assert headers["webhook-signature"].startswith("v1,")
