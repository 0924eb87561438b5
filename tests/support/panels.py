"""Fire panels that a test plays over real sockets, a source at work, and the log's commit by the test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from devices.instant import HOUR, Instant
from ingest.dialects.gb26875_frame import Command, Frame, Head, frames, write
from ingest.dialects.gb26875_time import write_time
from ingest.ports import Incoming
from ingest.sources.gb26875 import Gb26875Source, Limits

NOW: Instant = 1_795_000_000_000_000
EAST_8 = 8 * HOUR
SOURCE, CENTRE = bytes.fromhex("790300000000"), bytes.fromhex("385b01000000")
PANEL = SOURCE.hex()
TIME = write_time(NOW + EAST_8)


def frame(serial: int = 1, body: bytes = b"", command: int = Command.DATA, time: bytes = TIME) -> bytes:
    return write(Head(serial, (1, 1), time, SOURCE, CENTRE, command), body)


FIRE = frame(5, bytes.fromhex("02010101280a0002000300") + b" " * 31 + TIME)
BROKEN = FIRE[:-3] + bytes((FIRE[-3] ^ 1,)) + FIRE[-2:]


class Running:
    """A source at work, and what it delivered; nothing is committed before the test says so."""

    def __init__(self, source: Gb26875Source) -> None:
        self.source = source
        self.delivered: list[Incoming] = []
        self.commits = False
        self.fails: Exception | None = None

    def deliver(self, incoming: Incoming) -> None:
        if self.fails is not None:
            raise self.fails
        self.delivered.append(incoming)
        if self.commits:
            self.commit(len(self.delivered) - 1)

    def commit(self, which: int = 0) -> None:
        receipt = self.delivered[which].acknowledge
        assert receipt is not None
        receipt()

    @property
    def payloads(self) -> list[bytes]:
        return [one.message.payload for one in self.delivered]

    async def until(self, count: int) -> None:
        await eventually(lambda: len(self.delivered) >= count)


class FarEnd:
    """The far end of a TCP connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._rest = b""

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def answer(self) -> Frame:
        async with asyncio.timeout(5):
            while True:
                found, _ = frames(self._rest)
                if found:
                    one = found[0]
                    assert isinstance(one, Frame)
                    self._rest = self._rest[len(one.raw) :]
                    return one
                got = await self.reader.read(4096)
                assert got, "hung up"
                self._rest += got

    async def hung_up(self) -> bool:
        try:
            async with asyncio.timeout(5):
                while await self.reader.read(4096):
                    pass
        except ConnectionError:
            pass
        return True

    async def hears_nothing(self) -> bool:
        try:
            async with asyncio.timeout(0.05):
                return not await self.reader.read(1)
        except TimeoutError:
            return True


class Datagrams(asyncio.DatagramProtocol):
    """The far end of UDP."""

    def __init__(self) -> None:
        self.got: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.got.put_nowait(data)


async def eventually(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not true():  # noqa: ASYNC110 - what is waited for has no event to wait on
            await asyncio.sleep(0.005)


@asynccontextmanager
async def running(limits: Limits | None = None, tcp: bool = True, udp: bool = True) -> AsyncIterator[Running]:
    source = Gb26875Source(
        "panels",
        "127.0.0.1",
        0,
        lambda: NOW,
        utc_offset_for=EAST_8,
        limits=limits,
        tcp=tcp,
        udp=udp,
        answer_within_s=0.1,
    )
    now = Running(source)
    task = asyncio.create_task(source.run(now.deliver))
    try:
        await source.first_connect(5)
        yield now
    finally:
        task.cancel()
        await asyncio.wait({task})
        if not task.cancelled() and now.fails is None:
            task.result()


@asynccontextmanager
async def connected(now: Running) -> AsyncIterator[FarEnd]:
    reader, writer = await asyncio.open_connection("127.0.0.1", now.source.port)
    try:
        yield FarEnd(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


@asynccontextmanager
async def datagrams(now: Running) -> AsyncIterator[tuple[asyncio.DatagramTransport, Datagrams]]:
    transport, far = await asyncio.get_running_loop().create_datagram_endpoint(
        Datagrams, remote_addr=("127.0.0.1", now.source.port)
    )
    try:
        yield transport, far
    finally:
        transport.abort()
        await asyncio.sleep(0)
