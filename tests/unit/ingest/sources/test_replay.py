"""A recording is heard again in its order, with its pauses, and nothing can be sent into it."""

from __future__ import annotations

import asyncio
import json

import pytest

from anmin.clock import VirtualClock
from devices.instant import SECOND, parse_rfc3339
from ingest.ports import Incoming, SourceDown
from ingest.sources.replay import NotRecorded, Recorded, ReplaySource, read

AT = parse_rfc3339("2026-11-23T05:48:19.093418Z")


def line(**more: object) -> str:
    said = {"tst": "2026-11-23T05:48:19.093418Z+0000", "topic": "a/b", "payload": '{"x":1}'}
    return json.dumps(said | more)


def test_lines_of_mosquitto_sub_are_read_with_text_and_with_json_as_payload() -> None:
    found = read([line(), "\n", line(payload={"烟": 1.5}, retain=1), line(payload="hello")])
    assert found == [
        Recorded(AT, "a/b", b'{"x":1}'),
        Recorded(AT, "a/b", '{"烟": 1.5}'.encode(), True),
        Recorded(AT, "a/b", b"hello"),
    ]


@pytest.mark.parametrize("zone", ["Z", "+00:00", "+0000", "Z+0000"])
def test_every_way_to_write_the_zone_is_understood(zone: str) -> None:
    (found,) = read([line(tst=f"2026-11-23T05:48:19.093418{zone}")])
    assert found.at == AT


@pytest.mark.parametrize(
    "bad",
    ["{", "[]", "7", '{"topic":"a"}', line(tst="yesterday"), line(tst="2026-11-23T05:48:19"), line(topic=7)],
)
def test_a_line_that_is_no_message_is_named(bad: str) -> None:
    with pytest.raises(NotRecorded) as raised:
        read([line(), bad])
    assert raised.value.line == 2
    assert "mosquitto_sub" in str(raised.value)


def test_a_recording_out_of_order_is_refused() -> None:
    with pytest.raises(NotRecorded, match="line 2"):
        read([line(), line(tst="2026-11-23T05:48:18Z")])


async def test_messages_come_in_their_order_with_their_pauses() -> None:
    clock = VirtualClock(AT)
    recording = [Recorded(AT + n * SECOND, f"t/{n}", b"x", n == 2) for n in range(3)]
    source = ReplaySource(recording, clock)
    source.begin.set()
    heard: list[Incoming] = []
    running = asyncio.create_task(source.run(heard.append))
    seen = []
    for _ in range(3):
        for _ in range(5):
            await asyncio.sleep(0)
        seen.append(len(heard))
        await clock.advance(SECOND)
    assert seen == [1, 2, 3]
    await asyncio.wait_for(source.ended.wait(), 5)
    assert [(one.message.topic, one.message.retain) for one in heard] == [
        ("t/0", False),
        ("t/1", False),
        ("t/2", True),
    ]
    assert not running.done()
    running.cancel()


async def test_nothing_can_be_sent_into_a_recording() -> None:
    source = ReplaySource([], VirtualClock())
    with pytest.raises(SourceDown):
        await source.publish("anmin/c/siren/command", b"{}")
