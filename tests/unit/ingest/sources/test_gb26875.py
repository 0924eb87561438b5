"""ingest.sources.gb26875: real sockets on loopback, played devices, and the log's commit by the test."""

from __future__ import annotations

import asyncio

import pytest

from ingest.dialects.gb26875 import Gb26875
from ingest.dialects.gb26875_frame import Command, Frame, Head, frames, write
from ingest.dialects.gb26875_time import read_time, write_time
from ingest.message import Lane
from ingest.ports import Source, SourceDown
from ingest.sources.gb26875 import Gb26875Source, Limits, NoAnswer
from tests.support.panels import (
    BROKEN,
    CENTRE,
    EAST_8,
    FIRE,
    NOW,
    PANEL,
    SOURCE,
    TIME,
    FarEnd,
    Running,
    connected,
    datagrams,
    eventually,
    frame,
    running,
)

# What arrives, and when it is confirmed ---------------------------------------------------------------------


async def test_frame_is_delivered_on_the_topic_of_its_source() -> None:
    async with running() as now, connected(now) as device:
        source: Source = now.source
        assert (source.name, source.lane) == ("panels", Lane.ALARM)
        await source.caught_up()
        await device.send(FIRE)
        await now.until(1)
        message = now.delivered[0].message
        assert (message.source, message.topic, message.payload) == ("panels", f"gb26875/{PANEL}", FIRE)
        assert (message.received_at, message.retain, message.dup) == (NOW, False, False)
        assert isinstance(Gb26875(EAST_8).decode(message.topic, message.payload, False), tuple)


async def test_nothing_is_confirmed_before_the_commit() -> None:
    async with running() as now, connected(now) as device:
        await device.send(FIRE)
        await now.until(1)
        assert await device.hears_nothing()
        now.commit()
        answer = await device.answer()
        assert answer.head == Head(5, (1, 1), TIME, CENTRE, SOURCE, Command.CONFIRM)
        assert answer.body == b""


async def test_frame_split_at_every_byte_is_one_frame() -> None:
    async with running(udp=False) as now, connected(now) as device:
        now.commits = True
        for at in range(1, len(FIRE)):
            await device.send(FIRE[:at])
            await asyncio.sleep(0.002)
            await device.send(FIRE[at:] + frame(6))
            assert [(await device.answer()).head.serial for _ in range(2)] == [5, 6], at
        assert now.payloads == [FIRE, frame(6)] * (len(FIRE) - 1)
        assert now.source.counts["bad"] == 0


async def test_two_frames_in_one_packet_are_two() -> None:
    async with running() as now, connected(now) as device:
        await device.send(FIRE + frame(6))
        await now.until(2)
        assert now.payloads == [FIRE, frame(6)]
        now.commit(0)
        now.commit(1)
        assert [(await device.answer()).head.serial for _ in range(2)] == [5, 6]


async def test_datagrams_are_frames_and_are_confirmed_where_they_came_from() -> None:
    async with running(tcp=False) as now, datagrams(now) as (transport, far), datagrams(now) as (_, other):
        transport.sendto(FIRE + frame(6))
        transport.sendto(FIRE[:20])
        await now.until(2)
        assert far.got.empty()
        now.commit(0)
        async with asyncio.timeout(5):
            (answer,), _ = frames(await far.got.get())
        assert isinstance(answer, Frame)
        assert (answer.head.serial, answer.head.command) == (5, Command.CONFIRM)
        await eventually(lambda: now.source.counts["bad"] == 1)
        assert other.got.empty()


async def test_clock_in_bcd_is_answered_in_bcd() -> None:
    async with running() as now, connected(now) as device:
        now.commits = True
        await device.send(frame(1, time=write_time(NOW + EAST_8, bcd=True)))
        assert (await device.answer()).head.time == write_time(NOW + EAST_8, bcd=True)


async def test_frame_sent_again_is_delivered_and_confirmed_again() -> None:
    async with running() as now, connected(now) as device:
        now.commits = True
        for _ in range(2):
            await device.send(FIRE)
            assert (await device.answer()).head.serial == 5
        await device.send(frame(6))
        await now.until(3)
        assert [one.message.dup for one in now.delivered] == [False, True, False]


async def test_responses_and_answers_are_delivered_and_not_confirmed() -> None:
    async with running() as now, connected(now) as device:
        for serial, command in enumerate((Command.RESPONSE, Command.CONFIRM, Command.DENY)):
            await device.send(frame(serial, b"\x19\1\1\1" if command == Command.RESPONSE else b"", command))
        await now.until(3)
        assert [one.acknowledge for one in now.delivered] == [None] * 3
        assert await device.hears_nothing()


async def test_receipt_after_the_device_hung_up_is_no_error() -> None:
    async with running() as now:
        async with connected(now) as device:
            await device.send(FIRE)
            await now.until(1)
        await asyncio.sleep(0.02)
        now.commit()


# What is denied ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "serial"),
    [
        (BROKEN, 5),
        (FIRE[:24] + b"\1\4" + FIRE[26:], 5),
        (FIRE[:-1] + b"!", 5),
        (frame(9, b"", 7), 9),
        (frame(9, b"", 200), 9),
        (frame(9, b"\x5b\1\n", Command.CONTROL), 9),
    ],
    ids=["checksum", "too long", "end", "reserved", "maker's", "centre's"],
)
async def test_bad_frame_is_denied_at_once_and_not_delivered(raw: bytes, serial: int) -> None:
    async with running() as now, connected(now) as device:
        await device.send(raw)
        answer = await device.answer()
        assert (answer.head.serial, answer.head.command) == (serial, Command.DENY)
        assert (answer.head.source, answer.head.destination) == (CENTRE, SOURCE)
        assert now.delivered == []
        await device.send(frame(10))
        await now.until(1)
        assert now.source.counts["denied"] == 1


async def test_garbage_is_not_answered() -> None:
    async with running() as now, connected(now) as device:
        await device.send(b"GET / HTTP/1.1\r\n\r\n")
        assert await device.hears_nothing()
        await device.send(FIRE)
        await now.until(1)


async def test_fire_behind_a_frame_that_never_ended_is_delivered_at_once() -> None:
    async with running() as now, connected(now) as device:
        await device.send(frame(1, bytes(1024))[:500])
        await asyncio.sleep(0.01)
        await device.send(FIRE)
        await now.until(1)
        assert now.payloads == [FIRE]


# What we ask ------------------------------------------------------------------------------------------------


async def answered(now: Running, device: FarEnd, command: Command) -> Frame:
    """Asks for a roll-call, which the device answers."""
    await device.send(frame())
    await now.until(1)
    asking = asyncio.create_task(now.source.rollcall(PANEL))
    wish = await device.answer()
    assert (wish.head.source, wish.head.destination) == (CENTRE, SOURCE)
    assert (wish.head.command, wish.body) == (Command.CONTROL, b"\x5b\1\n")
    await device.send(frame(wish.head.serial, b"", command))
    return await asking


@pytest.mark.parametrize("command", [Command.CONFIRM, Command.DENY])
async def test_roll_call_returns_the_answer(command: Command) -> None:
    async with running() as now, connected(now) as device:
        assert (await answered(now, device, command)).head.command == command


async def test_clock_is_set_to_ours_in_the_encoding_of_the_device() -> None:
    async with running() as now, connected(now) as device:
        await device.send(frame(1, time=write_time(NOW + EAST_8, bcd=True)))
        await now.until(1)
        asking = asyncio.create_task(now.source.set_clock(PANEL))
        wish = await device.answer()
        assert wish.body[:2] == b"\x5a\1"
        clock = read_time(wish.body[2:], NOW)
        assert clock is not None
        assert (clock.bcd, clock.local // 1_000_000) == (True, (NOW + EAST_8) // 1_000_000)
        await device.send(frame(wish.head.serial, b"", Command.CONFIRM))
        await asking


async def test_device_that_does_not_answer_is_asked_three_times_with_one_serial() -> None:
    async with running() as now, connected(now) as device:
        await device.send(frame())
        await now.until(1)
        asking = asyncio.create_task(now.source.rollcall(PANEL))
        wishes = [await device.answer() for _ in range(3)]
        assert len({one.head.serial for one in wishes}) == 1
        await device.send(frame(wishes[0].head.serial + 1, b"", Command.CONFIRM))
        with pytest.raises(NoAnswer, match="no answer to 3 frames"):
            await asking


async def test_every_wish_has_a_serial_of_its_own() -> None:
    async with running() as now, connected(now) as device:
        await device.send(frame())
        await now.until(1)
        both = [asyncio.create_task(one) for one in (now.source.rollcall(PANEL), now.source.set_clock(PANEL))]
        wishes = [await device.answer() for _ in range(2)]
        assert [one.head.serial for one in wishes] == [0, 1]
        for serial, command in ((1, Command.DENY), (0, Command.CONFIRM)):
            await device.send(frame(serial, b"", command))
        assert [one.head.command for one in await asyncio.gather(*both)] == [Command.CONFIRM, Command.DENY]


@pytest.mark.parametrize("address", ["000000000001", "no address", ""])
async def test_device_that_was_never_heard_cannot_be_asked(address: str) -> None:
    async with running() as now:
        with pytest.raises(SourceDown, match="heard since the start"):
            await now.source.rollcall(address)
        with pytest.raises(SourceDown, match="heard since the start"):
            await now.source.publish(f"gb26875/{address}", b"")


async def test_published_frame_goes_to_the_device_of_the_topic() -> None:
    async with running() as now:
        async with connected(now) as device:
            await device.send(frame())
            await now.until(1)
            wish = write(Head(3, (1, 1), TIME, CENTRE, SOURCE, Command.REQUEST), b"\x51\1\0")
            await now.source.publish(f"gb26875/{PANEL}", wish)
            assert (await device.answer()).raw == wish
        await asyncio.sleep(0.02)
        with pytest.raises(SourceDown, match="hung up"):
            await now.source.publish(f"gb26875/{PANEL}", wish)


# What the far ends may cost ---------------------------------------------------------------------------------


async def test_nothing_more_is_read_while_too_much_waits_for_the_log() -> None:
    async with running(Limits(unconfirmed=4)) as now, connected(now) as device:
        for serial in range(4):
            await device.send(frame(serial))
        await now.until(4)
        await device.send(frame(4))
        await asyncio.sleep(0.05)
        assert len(now.delivered) == 4
        now.commit(0)
        await now.until(5)


async def test_what_the_log_refused_does_not_stop_a_device_for_ever() -> None:
    async with running(Limits(unconfirmed=1, patience_s=0.2)) as now, connected(now) as device:
        await device.send(frame(0))
        await now.until(1)
        await device.send(frame(0))
        await now.until(2)
        assert now.delivered[1].message.dup


async def test_datagrams_beyond_what_may_wait_are_shed_without_an_answer() -> None:
    async with running(Limits(unconfirmed=1), tcp=False) as now, datagrams(now) as (transport, far):
        for serial in range(20):
            transport.sendto(frame(serial))
        await eventually(lambda: now.source.counts["shed"] == 4)
        assert len(now.delivered) == 16
        assert far.got.empty()


async def test_device_that_never_reads_is_hung_up_on() -> None:
    """Its answers would fill our memory."""
    async with running() as now, connected(now) as device:
        now.commits = True
        device.writer.transport.pause_reading()  # type: ignore[attr-defined] # of a socket's transport
        serial = 0
        async with asyncio.timeout(30):
            while now.source.counts["hung_up"] == 0:
                serial += 100
                device.writer.write(b"".join(frame((serial + n) & 0xFFFF) for n in range(100)))
                await asyncio.sleep(0)
        assert now.source.trouble == ""


@pytest.mark.parametrize(
    ("limits", "raw"),
    [
        (Limits(first_frame_s=0.1), b""),
        (Limits(first_frame_s=0.1), b"noise"),
        (Limits(rest_of_frame_s=0.1), frame() + FIRE[:40]),
        (Limits(silent_s=0.1), frame()),
        (Limits(bad_frames=3), BROKEN * 3),
    ],
    ids=["says nothing", "says no frame", "slow", "silent", "bad"],
)
async def test_connection_that_leads_nowhere_is_ended(limits: Limits, raw: bytes) -> None:
    async with running(limits) as now, connected(now) as device:
        await device.send(raw)
        assert await device.hung_up()
        assert now.source.counts["hung_up"] == 1


async def test_drop_by_drop_does_not_keep_a_connection() -> None:
    async with running(Limits(rest_of_frame_s=0.3)) as now, connected(now) as device:
        await device.send(frame())
        for byte in frame(2, bytes(1024)):
            device.writer.write(bytes((byte,)))
            await asyncio.sleep(0.02)
            if now.source.counts["hung_up"]:
                break
        assert await device.hung_up()


@pytest.mark.parametrize("mute_comes_first", [False, True])
async def test_one_connection_too_many_ends_the_one_that_never_spoke(mute_comes_first: bool) -> None:
    async with running(Limits(connections=2)) as now, connected(now) as one, connected(now) as other:
        mute, speaks = (one, other) if mute_comes_first else (other, one)
        await speaks.send(frame())
        await now.until(1)
        async with connected(now) as third:
            assert await mute.hung_up()
            await third.send(frame(2))
            await speaks.send(frame(3))
            await now.until(3)


async def test_places_for_devices_are_limited() -> None:
    async with running(Limits(devices=2)) as now, connected(now) as device:
        for n in range(3):
            head = Head(1, (1, 1), TIME, bytes((n, *SOURCE[1:])), CENTRE, Command.DATA)
            await device.send(write(head))
        await now.until(3)
        with pytest.raises(SourceDown):
            await now.source.rollcall(bytes((0, *SOURCE[1:])).hex())
        with pytest.raises(NoAnswer):
            await now.source.rollcall(bytes((2, *SOURCE[1:])).hex())


# Listening --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [ValueError("a bug"), OSError("the log broke")])
async def test_what_deliver_raises_ends_the_source(error: Exception) -> None:
    source = Gb26875Source("panels", "127.0.0.1", 0, lambda: NOW, udp=False)
    now = Running(source)
    now.fails = error
    task = asyncio.create_task(source.run(now.deliver))
    await source.first_connect(5)
    async with connected(now) as device:
        await device.send(FIRE)
        with pytest.raises(type(error)) as raised:
            await task
        assert raised.value is error


async def test_port_that_is_taken_is_told_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.sources.gb26875._TRY_AGAIN_S", 0.02)
    states: list[tuple[bool, str]] = []
    async with running(udp=False) as taken:
        source = Gb26875Source(
            "second",
            "127.0.0.1",
            taken.source.port,
            lambda: NOW,
            udp=False,
            on_state=lambda up, why: states.append((up, why)),
        )
        task = asyncio.create_task(source.run(taken.deliver))
        with pytest.raises(SourceDown, match="not listening"):
            await source.first_connect(0.1)
        assert states[0][0] is False
    await source.first_connect(5)
    assert source.connected
    task.cancel()
    await asyncio.wait({task})
    assert [up for up, _ in states] == [False, True]
    assert "cannot listen on 127.0.0.1" in states[0][1]


async def test_stop_hangs_up_on_everybody() -> None:
    async with running() as now:
        reader, writer = await asyncio.open_connection("127.0.0.1", now.source.port)
        device = FarEnd(reader, writer)
        await device.send(FIRE)
        await now.until(1)
    assert await device.hung_up()
    writer.transport.abort()
    await asyncio.sleep(0)
