"""ingest.sources.gb26875_peer: what may wait, and how a connection and a datagram become frames."""

from __future__ import annotations

import asyncio
from typing import Any

from ingest.dialects.gb26875_frame import BadFrame, Command, Fault, Found, Frame, Head, write
from ingest.sources.gb26875_peer import Limits, Peer, TcpPeer, UdpDoor, Waiting

BEAT = write(Head(1, (1, 1), bytes(6), bytes(6), bytes(6), Command.DATA))


class PlayedTransport(asyncio.Transport):
    """Stands in for a socket's."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[bytes] = []
        self.unread = 0
        self.reading = True
        self.closing = False

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 4000) if name == "peername" else default

    def write(self, data: Any) -> None:
        self.sent.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.unread

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def abort(self) -> None:
        self.closing = True


class PlayedOwner:
    def __init__(self) -> None:
        self.peers: set[TcpPeer] = set()
        self.found: list[Found] = []

    def opened(self, peer: TcpPeer) -> None:
        self.peers.add(peer)

    def heard(self, peer: Peer, found: list[Found]) -> None:
        self.found += found

    def closed(self, peer: TcpPeer) -> None:
        self.peers.discard(peer)


class Line:
    """A connection with a clock that the test turns."""

    def __init__(self, limits: Limits | None = None) -> None:
        self.now = 100.0
        self.owner = PlayedOwner()
        self.transport = PlayedTransport()
        self.peer = TcpPeer(self.owner, limits or Limits(), lambda: self.now)
        self.peer.connection_made(self.transport)

    def brings(self, data: bytes) -> None:
        self.peer.get_buffer(-1)[: len(data)] = data
        self.peer.buffer_updated(len(data))


# What may wait ----------------------------------------------------------------------------------------------


def test_waiting_is_full_at_its_limit_and_has_room_when_one_ends() -> None:
    waiting = Waiting(2, 10.0)
    first, _ = waiting.begin(0.0), waiting.begin(0.0)
    assert waiting.full(1.0)
    waiting.end(first)
    waiting.end(first)
    assert not waiting.full(1.0)


def test_who_waits_too_long_is_given_up() -> None:
    waiting = Waiting(2, 10.0)
    waiting.begin(0.0)
    late = waiting.begin(5.0)
    assert waiting.full(9.9)
    assert not waiting.full(10.0)
    waiting.begin(10.0)
    assert waiting.full(10.0)
    waiting.end(late)
    assert not waiting.full(10.0)


# A connection -----------------------------------------------------------------------------------------------


def test_connection_knows_who_it_is_and_tells_its_owner() -> None:
    line = Line()
    assert line.peer.remote == "127.0.0.1:4000"
    assert line.owner.peers == {line.peer}
    line.peer.connection_lost(None)
    assert line.owner.peers == set()
    assert line.peer.send(b"x") is False


def test_pieces_become_frames() -> None:
    line = Line()
    line.brings(BEAT[:10])
    assert line.owner.found == []
    line.brings(BEAT[10:] + BEAT)
    assert [one.raw for one in line.owner.found] == [BEAT, BEAT]
    assert line.peer.heard_at == 100.0


def test_connection_stops_reading_while_too_much_waits() -> None:
    line = Line(Limits(unconfirmed=1))
    number = line.peer.waiting.begin(line.now)
    line.brings(BEAT)
    assert not line.transport.reading
    line.peer.settle(number)
    assert line.transport.reading


def test_connection_stops_reading_while_nobody_reads_our_answers() -> None:
    line = Line()
    line.transport.unread = 100_000
    line.brings(BEAT)
    assert not line.transport.reading
    assert line.peer.overstayed() == "it does not read our answers"
    line.transport.unread = 0
    assert line.peer.overstayed() == ""
    assert line.transport.reading


def test_time_that_we_kept_it_waiting_is_not_held_against_a_frame() -> None:
    line = Line(Limits(unconfirmed=1))
    number = line.peer.waiting.begin(line.now)
    line.brings(BEAT + BEAT[:5])
    line.now += 39.0
    assert line.peer.overstayed() == ""
    line.peer.settle(number)
    assert line.peer.overstayed() == ""
    line.now += 31.0
    assert line.peer.overstayed() == "the rest of a frame did not come within 30 s"


def test_bytes_without_progress_do_not_renew_the_time_of_a_frame() -> None:
    line = Line()
    line.brings(BEAT)
    for byte in BEAT[:20]:
        line.brings(bytes((byte,)))
        line.now += 2.0
    assert "rest of a frame" in line.peer.overstayed()


def test_good_frame_forgives_the_bad_ones_before_it() -> None:
    bad = BEAT[:-1] + b"!"
    line = Line(Limits(bad_frames=3))
    line.brings(bad + bad + BEAT + bad + bad + BEAT)
    assert line.peer.overstayed() == ""
    line.brings(bad * 3 + BEAT[:1])
    assert line.peer.overstayed() == "3 bad frames in a row"
    assert not line.transport.reading


def test_hung_up_is_hung_up() -> None:
    line = Line()
    line.peer.hang_up()
    assert line.transport.closing
    assert line.peer.send(b"x") is False
    assert line.transport.sent == []


# Datagrams --------------------------------------------------------------------------------------------------


class PlayedDatagrams(asyncio.DatagramTransport):
    def __init__(self) -> None:
        super().__init__()
        self.sent: list[tuple[bytes, object]] = []
        self.closing = False

    def is_closing(self) -> bool:
        return self.closing

    def sendto(self, data: Any, addr: Any = None) -> None:
        self.sent.append((bytes(data), addr))


def test_rest_of_a_datagram_is_bad_and_not_kept() -> None:
    owner = PlayedOwner()
    door = UdpDoor(owner, Limits())
    door.connection_made(PlayedDatagrams())
    door.datagram_received(BEAT + BEAT[:9], ("127.0.0.1", 5))
    door.datagram_received(BEAT[9:], ("127.0.0.1", 5))
    assert [type(one) for one in owner.found] == [Frame, BadFrame, BadFrame]
    assert [one.fault for one in owner.found if isinstance(one, BadFrame)] == [Fault.CUT, Fault.GARBAGE]


def test_datagram_is_answered_where_it_came_from() -> None:
    peers: list[Peer] = []

    class Owner(PlayedOwner):
        def heard(self, peer: Peer, found: list[Found]) -> None:
            peers.append(peer)

    transport = PlayedDatagrams()
    door = UdpDoor(Owner(), Limits())
    door.connection_made(transport)
    door.datagram_received(BEAT, ("127.0.0.1", 5))
    (peer,) = peers
    assert peer.send(b"x") is True
    assert transport.sent == [(b"x", ("127.0.0.1", 5))]
    transport.closing = True
    assert peer.send(b"x") is False
