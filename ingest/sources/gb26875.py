"""Fire panels' transmission devices call us by TCP and UDP; what they say is confirmed once it is in the log.

The protocol knows no passwords: whoever reaches the port may say anything in any name. Keep it on a network
of its own.
"""

from __future__ import annotations

import asyncio
from binascii import crc32
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from devices.instant import Instant, Micros
from ingest.dialects.gb26875 import PREFIX, topic_of
from ingest.dialects.gb26875_frame import (
    Command,
    Fault,
    Found,
    Frame,
    Head,
    confirm,
    deny,
    roll_call,
    set_clock,
)
from ingest.dialects.gb26875_time import read_time, write_time
from ingest.message import Lane, RawMessage
from ingest.ports import Deliver, Incoming, SourceDown
from ingest.sources.gb26875_peer import Limits, Peer, TcpPeer, UdpDoor
from ingest.strict_json import shown

__all__ = ["Gb26875Source", "Limits", "NoAnswer"]

_log = structlog.get_logger("anmin.ingest")

ANSWER_WITHIN_S: Final = 10.0
TRIES: Final = 3
"""Both recommended by the standard, 6.5.4 and 6.5.5."""
_LOOK_EVERY_S: Final = 1.0
_TRY_AGAIN_S: Final = 2.0
_TOLD: Final = 256  # troubles remembered so that each is told once
_BELIEVED: Final = (Command.DATA, Command.RESPONSE, Command.CONFIRM, Command.DENY)
"""What a device may send; anything else is denied."""

OnState = Callable[[bool, str], None]
"""listening or not, and why not"""


class NoAnswer(TimeoutError):
    """The device was asked as often as the standard says and did not answer."""


@dataclass(slots=True)
class _Device:
    """Where a source address was heard last, and how it speaks; `ours` is what it calls us."""

    peer: Peer
    ours: bytes
    version: tuple[int, int]
    bcd: bool
    last: int = -1
    last_at: float = 0.0
    serial: int = -1


class Gb26875Source:
    """`ingest.ports.Source` on one port, for TCP and UDP.

    Data (command 2) is confirmed with its serial by its receipt, so never before the commit; a frame with a
    bad checksum, a bad end, too long or with a command that no device may give is denied at once. What the
    device sends again within the standard's time is delivered again, marked `dup`. `utc_offset_for`: how
    far the devices' clocks are to be ahead of UTC. `counts`: frames, bad, denied, hung_up, shed.
    """

    def __init__(
        self,
        name: str,
        host: str,
        port: int,
        clock: Callable[[], Instant],
        *,
        utc_offset_for: Micros = 0,
        tcp: bool = True,
        udp: bool = True,
        limits: Limits | None = None,
        on_state: OnState | None = None,
        answer_within_s: float = ANSWER_WITHIN_S,
    ) -> None:
        self.name = name
        self.lane = Lane.ALARM
        self.connected = False
        self.trouble = "not listening yet"
        self.port = port
        self.counts: Counter[str] = Counter()
        self._host = host
        self._wanted_port = port
        self._tcp, self._udp = tcp, udp
        self._clock = clock
        self._offset_for = utc_offset_for
        self._limits = limits or Limits()
        self._on_state = on_state
        self._answer_within_s = answer_within_s
        self._listening = asyncio.Event()
        self._deliver: Deliver | None = None
        self._bug: Exception | None = None
        self._woken = asyncio.Event()
        self._peers: set[TcpPeer] = set()
        self._devices: OrderedDict[bytes, _Device] = OrderedDict()
        self._asked: dict[tuple[bytes, int], asyncio.Future[Frame]] = {}
        self._told: set[tuple[str, str]] = set()
        self._complained = False

    # --- the port ---

    async def run(self, deliver: Deliver) -> None:
        """Listen until cancelled. Raises only what `deliver` raises: that is a bug and stops the process."""
        self._deliver = deliver
        while True:
            try:
                async with self._doors():
                    self._up()
                    await self._watch()
            except OSError as error:
                if error is self._bug:
                    raise
                self._down(f"cannot listen on {self._host}:{self._wanted_port}: {error}")
            await asyncio.sleep(_TRY_AGAIN_S)

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        """Send one whole frame to the device whose topic it is. Raises SourceDown when it is not there."""
        if not self._device(topic.removeprefix(PREFIX)).peer.send(payload):
            raise SourceDown(f"{self.name}: {topic} not sent, the device hung up")

    async def caught_up(self) -> None:
        """At once: what the devices kept for us they send when nobody confirms it."""

    async def first_connect(self, within_s: float) -> None:
        """Done when the port is open. Raises SourceDown with the reason after `within_s`."""
        try:
            async with asyncio.timeout(within_s):
                await self._listening.wait()
        except TimeoutError:
            raise SourceDown(f"{self.name}: not listening within {within_s:.0f} s: {self.trouble}") from None

    # --- what we ask of a device ---

    async def rollcall(self, source_address: str, minutes: int = 10) -> Frame:
        """Ask whether somebody is on duty. The answer is the device's confirmation or denial; the person's
        own comes later, as a message of the device. Raises SourceDown or NoAnswer."""
        return await self._ask(source_address, lambda head, _: roll_call(head, minutes))

    async def set_clock(self, source_address: str) -> Frame:
        """Set its clock to ours, in its own encoding; confirmed or denied. Raises SourceDown or NoAnswer."""
        return await self._ask(source_address, set_clock)

    async def _ask(self, source_address: str, frame: Callable[[Head, bytes], bytes]) -> Frame:
        device = self._device(source_address)
        source = bytes.fromhex(source_address)
        serial = device.serial = (device.serial + 1) & 0xFFFF
        answer: asyncio.Future[Frame] = asyncio.get_running_loop().create_future()
        self._asked[source, serial] = answer
        try:
            for _ in range(TRIES):
                device = self._device(source_address)
                time = self._time(device.bcd)
                head = Head(serial, device.version, time, device.ours, source, Command.CONTROL)
                device.peer.send(frame(head, time))
                await asyncio.wait({answer}, timeout=self._answer_within_s)
                if answer.done():
                    return answer.result()
        finally:
            self._asked.pop((source, serial), None)
        raise NoAnswer(f"{source_address}: no answer to {TRIES} frames, {self._answer_within_s:g} s each")

    def _device(self, address: str) -> _Device:
        try:
            return self._devices[bytes.fromhex(address)]
        except (ValueError, KeyError):
            raise SourceDown(f"{self.name}: no device {shown(address)!r} was heard since the start") from None

    # --- what the far ends report ---

    def opened(self, peer: TcpPeer) -> None:
        self._peers.add(peer)
        if len(self._peers) > self._limits.connections:
            others = self._peers - {peer}
            self._hang_up(min(others, key=_worth), f"more than {self._limits.connections} connections")

    def closed(self, peer: TcpPeer) -> None:
        self._peers.discard(peer)

    def heard(self, peer: Peer, found: list[Found]) -> None:
        """A bug in what comes behind us must stop the process, not only this connection."""
        try:
            for one in found if self._bug is None else ():
                self._frame(peer, one)
        except Exception as bug:
            self._bug = bug
            self._woken.set()

    def _frame(self, peer: Peer, one: Found) -> None:
        if not isinstance(one, Frame):
            self._refuse(peer, one.fault, one.head)
        elif one.head.command not in _BELIEVED:
            self._refuse(peer, f"command {one.head.command}", one.head)
        else:
            self.counts["frames"] += 1
            self._take(peer, one)

    def _refuse(self, peer: Peer, why: str, head: Head | None) -> None:
        self.counts["bad"] += 1
        self._tell("gb26875.bad_frame", peer.remote, why=str(why))
        if head is not None and why != Fault.CUT:
            self.counts["denied"] += 1
            peer.send(deny(head, self._time(self._speaks_bcd(head))))

    def _take(self, peer: Peer, frame: Frame) -> None:
        now = asyncio.get_running_loop().time()
        if peer.waiting.full(now) and not isinstance(peer, TcpPeer):
            self.counts["shed"] += 1  # neither confirmed nor denied: it comes again
            return
        assert self._deliver is not None
        again = self._remember(peer, frame, now)
        receipt = self._receipt(peer, frame.head, now) if frame.head.command == Command.DATA else None
        topic = topic_of(frame.head.source)
        message = RawMessage(self.name, topic, frame.raw, self._clock(), dup=again)
        self._deliver(Incoming(message, receipt))
        answer = self._asked.get((frame.head.source, frame.head.serial))
        if answer is not None and not answer.done() and frame.head.command in (Command.CONFIRM, Command.DENY):
            answer.set_result(frame)

    def _receipt(self, peer: Peer, head: Head, now: float) -> Callable[[], None]:
        number = peer.waiting.begin(now)

        def confirmed() -> None:
            peer.send(confirm(head, self._time(self._speaks_bcd(head))))
            peer.settle(number)

        return confirmed

    def _remember(self, peer: Peer, frame: Frame, now: float) -> bool:
        """Where this device is, and whether the frame is its last one once more."""
        head, digest = frame.head, crc32(frame.raw)
        device = self._devices.get(head.source)
        if device is None:
            device = self._devices[head.source] = _Device(peer, b"", (1, 1), False)
            if len(self._devices) > self._limits.devices:
                self._devices.popitem(last=False)
        self._devices.move_to_end(head.source)
        again = device.last == digest and now - device.last_at < TRIES * ANSWER_WITHIN_S
        if not again:
            device.last, device.last_at = digest, now
        device.peer, device.ours, device.version = peer, head.destination, head.version
        device.bcd = self._speaks_bcd(head)
        return again

    def _speaks_bcd(self, head: Head) -> bool:
        said = read_time(head.time, self._clock() + self._offset_for)
        return said is not None and said.bcd

    def _time(self, bcd: bool) -> bytes:
        return write_time(self._clock() + self._offset_for, bcd)

    # --- listening ---

    @asynccontextmanager
    async def _doors(self) -> AsyncIterator[None]:
        """Both ports open; at the end everything is closed at once."""
        loop = asyncio.get_running_loop()
        port = self._wanted_port
        async with AsyncExitStack() as stack:
            stack.callback(self._close)
            if self._tcp:
                server = await loop.create_server(
                    lambda: TcpPeer(self, self._limits, loop.time), self._host, port
                )
                stack.callback(server.close)
                port = server.sockets[0].getsockname()[1]
            if self._udp:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: UdpDoor(self, self._limits), (self._host, port)
                )
                stack.callback(transport.abort)
                port = transport.get_extra_info("sockname")[1]
            self.port = port
            yield

    async def _watch(self) -> None:
        """Look after the connections; raises what `deliver` raised."""
        while True:
            try:
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._woken.wait()
            except TimeoutError:
                pass
            if self._bug is not None:
                raise self._bug
            for peer in tuple(self._peers):
                why = peer.overstayed()
                if why:
                    self._hang_up(peer, why)

    def _hang_up(self, peer: TcpPeer, why: str) -> None:
        self.counts["hung_up"] += 1
        self._tell("gb26875.hung_up", peer.remote, why=why)
        self._peers.discard(peer)
        peer.hang_up()

    def _close(self) -> None:
        self.connected = False
        for peer in tuple(self._peers):
            peer.hang_up()
        self._peers.clear()

    # --- told once ---

    def _tell(self, event: str, remote: str, **what: str) -> None:
        """Of one host each kind of trouble once; when many have some, the memory begins anew."""
        key = (event, remote.rpartition(":")[0])
        if key in self._told:
            return
        if len(self._told) >= _TOLD:
            self._told.clear()
        self._told.add(key)
        _log.warning(event, source=self.name, remote=remote, **what)

    def _up(self) -> None:
        self.connected = True
        self.trouble = ""
        self._listening.set()
        event = "gb26875.recovered" if self._complained else "gb26875.listening"
        _log.info(event, source=self.name, address=f"{self._host}:{self.port}")
        self._complained = False
        if self._on_state:
            self._on_state(True, "")

    def _down(self, trouble: str) -> None:
        first, self._complained = not self._complained, True
        self.trouble = trouble
        if first:
            _log.warning("gb26875.down", source=self.name, trouble=trouble)
            if self._on_state:
                self._on_state(False, trouble)


def _worth(peer: TcpPeer) -> tuple[bool, float]:
    """Whom to keep: whoever said something before whoever did not, and then by how lately."""
    return (True, peer.heard_at) if peer.heard_at is not None else (False, peer.opened_at)
