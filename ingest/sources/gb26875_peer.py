"""The far ends of a GB/T 26875.3 line, by TCP and by UDP: bytes in, frames out, at a bounded cost."""

from __future__ import annotations

import asyncio
import socket
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, Protocol, cast

from ingest.dialects.gb26875_frame import BadFrame, Fault, Found, Frame, frames

_READ: Final = 4096  # at most so much at once, so that one talker does not keep the event loop
_UNREAD: Final = 16 * 1024  # of our answers, beyond what the system holds: this far end never reads


class Limits(NamedTuple):
    """What the far ends may cost. Times in seconds.

    `connections`: beyond it whoever was silent for longest is hung up on, those who never said anything
    first. `devices`: source addresses that can be asked something. `unconfirmed`: frames of one connection
    (of all UDP together 16 times that) that wait for the log; then nothing more is read, and those that wait
    longer than `patience_s` are given up, because the device sends them again. `bad_frames`: in a row.
    """

    connections: int = 512
    devices: int = 4096
    unconfirmed: int = 64
    patience_s: float = 40.0
    first_frame_s: float = 30.0
    rest_of_frame_s: float = 30.0
    silent_s: float = 7800.0
    bad_frames: int = 16


class Waiting:
    """Frames that were handed on and are not yet in the log."""

    def __init__(self, most: int, patience_s: float) -> None:
        self._most = most
        self._patience_s = patience_s
        self._since: OrderedDict[int, float] = OrderedDict()
        self._next = 0

    def begin(self, now: float) -> int:
        self._next += 1
        self._since[self._next] = now
        return self._next

    def end(self, number: int) -> None:
        self._since.pop(number, None)

    def full(self, now: float) -> bool:
        while self._since and now - next(iter(self._since.values())) >= self._patience_s:
            self._since.popitem(last=False)
        return len(self._since) >= self._most


class Peer(Protocol):
    """One far end: who it is for people, and how it is answered."""

    remote: str
    waiting: Waiting

    def send(self, raw: bytes) -> bool:
        """False when it is gone, which is told to nobody: the device asks again."""

    def settle(self, number: int) -> None:
        """A frame is in the log."""


class Owner(Protocol):
    """Whoever the far ends report to. Nothing of it raises."""

    def opened(self, peer: TcpPeer) -> None: ...
    def heard(self, peer: Peer, found: list[Found]) -> None: ...
    def closed(self, peer: TcpPeer) -> None: ...


class TcpPeer(asyncio.BufferedProtocol):
    """One connection. Its buffer holds less than one frame between two reads."""

    def __init__(self, owner: Owner, limits: Limits, now: Callable[[], float]) -> None:
        self.remote = ""
        self.waiting = Waiting(limits.unconfirmed, limits.patience_s)
        self.heard_at: float | None = None
        self.opened_at = now()
        self._owner = owner
        self._limits = limits
        self._now = now
        self._space = bytearray(_READ)
        self._rest = b""
        self._rest_since = 0.0
        self._bad_in_a_row = 0
        self._paused = False
        self._transport: asyncio.Transport | None = None

    # --- what asyncio calls ---

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        host, port, *_ = transport.get_extra_info("peername") or ("?", 0)
        self.remote = f"{host}:{port}"
        line = transport.get_extra_info("socket")
        if line is not None:
            line.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        self._owner.opened(self)

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        whole = self._rest + self._space[:nbytes]
        found, used = frames(whole)
        if used or not self._rest:
            self._rest_since = self._now()
        self._rest = whole[used:]
        if found:
            self._note(found)
            self._owner.heard(self, found)
            self._pause_or_go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._owner.closed(self)

    # --- what the owner calls ---

    def send(self, raw: bytes) -> bool:
        if self._transport is None or self._transport.is_closing():
            return False
        self._transport.write(raw)
        return True

    def settle(self, number: int) -> None:
        self.waiting.end(number)
        self._pause_or_go_on()

    def hang_up(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def overstayed(self) -> str:
        """Why this connection should not go on, empty when it may. Also lets a stopped one go on."""
        now, limits = self._now(), self._limits
        self._pause_or_go_on()
        if self._transport is not None and self._transport.get_write_buffer_size() > _UNREAD:
            return "it does not read our answers"
        if self._bad_in_a_row >= limits.bad_frames:
            return f"{self._bad_in_a_row} bad frames in a row"
        if self._rest and not self._paused and now - self._rest_since > limits.rest_of_frame_s:
            return f"the rest of a frame did not come within {limits.rest_of_frame_s:.0f} s"
        if self.heard_at is None and now - self.opened_at > limits.first_frame_s:
            return f"no frame within {limits.first_frame_s:.0f} s"
        if self.heard_at is not None and now - self.heard_at > limits.silent_s:
            return f"silent for {limits.silent_s:.0f} s"
        return ""

    def _note(self, found: list[Found]) -> None:
        for one in found:
            if isinstance(one, Frame):
                self.heard_at = self._now()
                self._bad_in_a_row = 0
            elif one.fault is not Fault.GARBAGE:
                self._bad_in_a_row += 1

    def _pause_or_go_on(self) -> None:
        if self._transport is None or self._transport.is_closing():
            return
        unread = self._transport.get_write_buffer_size() > _UNREAD
        stop = unread or self.waiting.full(self._now()) or self._bad_in_a_row >= self._limits.bad_frames
        if stop and not self._paused:
            self._transport.pause_reading()
        elif self._paused and not stop:
            self._transport.resume_reading()
            self._rest_since = self._now()  # we were the ones who kept it waiting
        self._paused = stop


class UdpPeer:
    """Where one datagram came from. All of them share what may wait."""

    def __init__(
        self, transport: asyncio.DatagramTransport, address: tuple[str, int], waiting: Waiting
    ) -> None:
        self.remote = f"{address[0]}:{address[1]}"
        self.waiting = waiting
        self._transport = transport
        self._address = address

    def send(self, raw: bytes) -> bool:
        if self._transport.is_closing():
            return False
        self._transport.sendto(raw, self._address)
        return True

    def settle(self, number: int) -> None:
        self.waiting.end(number)


class UdpDoor(asyncio.DatagramProtocol):
    """Every datagram holds whole frames; what is over at its end is bad."""

    def __init__(self, owner: Owner, limits: Limits) -> None:
        self._owner = owner
        self._waiting = Waiting(16 * limits.unconfirmed, limits.patience_s)
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)  # on Python 3.11 it is one only by name

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        assert self._transport is not None
        found, used = frames(data)
        if used < len(data):
            found.append(BadFrame(Fault.CUT, None, data[used:]))
        self._owner.heard(UdpPeer(self._transport, addr, self._waiting), found)
