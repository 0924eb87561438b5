"""Decoding of PUBLISH packets, and acknowledgements in arrival order."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from paho.mqtt.client import Client as Paho

from ingest.sources import mqtt_link
from ingest.sources.block_reader import BlockReader
from ingest.sources.mqtt_endpoint import MqttEndpoint
from ingest.sources.mqtt_link import Link, LinkDown, Receipt

Arrival = tuple[str, bytes, int, bool, bool, Receipt | None]


def _link(protocol: Literal["5", "3.1.1"] = "5") -> tuple[Link, list[Arrival], list[bytes]]:
    """A link without a socket: what arrived, and the acknowledgement packets it would send."""
    arrived: list[Arrival] = []
    sent: list[bytes] = []

    def packet_queue(_command: int, packet: bytes, _mid: int, _qos: int) -> None:
        sent.append(bytes(packet))

    link = Link(MqttEndpoint("h", 1, "me", protocol=protocol), lambda *message: arrived.append(message))
    link._client = SimpleNamespace(_client=SimpleNamespace(_packet_queue=packet_queue))  # type: ignore[assignment] # a played client
    return link, arrived, sent


def _publish(mid: int, properties: bytes = b"\x00", topic: bytes = b"a/b", payload: bytes = b"hi") -> bytes:
    return len(topic).to_bytes(2, "big") + topic + mid.to_bytes(2, "big") + properties + payload


def test_reads_topic_flags_and_payload() -> None:
    link, arrived, _ = _link()
    link._take(0x3B, _publish(7))
    assert [message[:5] for message in arrived] == [("a/b", b"hi", 1, True, True)]
    receipt = arrived[0][5]
    assert receipt is not None
    assert receipt.mid == 7


@pytest.mark.parametrize("length", [0, 5, 127, 128, 20_000])
def test_passes_over_the_properties_of_mqtt_5(length: int) -> None:
    head = bytearray()
    rest = length
    while True:  # MQTT 5, 1.5.5, written out by the test itself
        head.append(rest % 128 | (0x80 if rest >= 128 else 0))
        rest //= 128
        if not rest:
            break
    link, arrived, _ = _link()
    link._take(0x32, bytearray(_publish(1, bytes(head) + b"p" * length)))
    assert arrived[0][1] == b"hi"


def test_mqtt_3_has_no_properties() -> None:
    link, arrived, _ = _link("3.1.1")
    link._take(0x32, _publish(1, b""))
    assert arrived[0][1] == b"hi"


def test_qos_0_has_no_receipt_and_no_packet_id() -> None:
    link, arrived, _ = _link("3.1.1")
    link._take(0x30, b"\x00\x01a" + b"payload")
    assert arrived[0][:3] == ("a", b"payload", 0)
    assert arrived[0][5] is None


def test_a_topic_that_is_no_text_is_still_a_message() -> None:
    link, arrived, _ = _link("3.1.1")
    link._take(0x30, b"\x00\x02\xff\xfe" + b"x")
    assert arrived[0][0] == "\ufffd\ufffd"


@pytest.mark.parametrize(
    ("flags", "packet"),
    [
        (0x32, b""),
        (0x30, b"\x00\x09a"),
        (0x32, b"\x00\x01a\x00"),
        (0x30, b"\x00\x01a"),
        (0x30, b"\x00\x01a\x05xx"),
        (0x30, b"\x00\x01a" + b"\xff" * 9),
        (0x36, b"\x00\x01a\x00\x01\x00"),
    ],
)
def test_packet_that_is_no_publish_is_the_brokers_fault_and_delivers_nothing(
    flags: int, packet: bytes
) -> None:
    link, arrived, _ = _link()
    with pytest.raises(LinkDown, match="not MQTT"):
        link._take(flags, packet)
    assert arrived == []
    assert link.unacknowledged == 0


async def test_acknowledges_in_arrival_order_whatever_the_order_of_the_receipts() -> None:
    link, arrived, sent = _link()
    for mid in (1, 2, 3):
        link._take(0x32, _publish(mid))
    first, second, third = (message[5] for message in arrived)
    assert first
    assert second
    assert third
    third()
    second()
    await asyncio.sleep(0)
    assert sent == []
    assert link.oldest is first
    first()
    await asyncio.sleep(0)
    assert sent == [b"\x40\x02\x00\x01\x40\x02\x00\x02\x40\x02\x00\x03"]
    assert link.unacknowledged == 0


async def test_what_is_not_acknowledged_stays_so_when_its_elder_is() -> None:
    link, arrived, sent = _link()
    for mid in (1, 2):
        link._take(0x32, _publish(mid))
    first, second = arrived[0][5], arrived[1][5]
    assert first
    first()
    await asyncio.sleep(0)
    assert sent == [b"\x40\x02\x00\x01"]
    assert link.oldest is second


async def test_closing_sends_what_was_acknowledged_before_and_nothing_after() -> None:
    link, arrived, sent = _link()
    for mid in (1, 2):
        link._take(0x32, _publish(mid))
    first, second = arrived[0][5], arrived[1][5]
    assert first
    assert second
    hung_up: list[Any] = []

    async def hang_up(client: Any) -> None:
        hung_up.append(client)

    link._hang_up = hang_up  # type: ignore[method-assign] # played by the test
    first()
    await link.close()
    second()
    await asyncio.sleep(0)
    assert sent == [b"\x40\x02\x00\x01"]
    assert len(hung_up) == 1


def test_nothing_is_sent_before_the_connection() -> None:
    link = Link(MqttEndpoint("h", 1, "me"), lambda *_: None)
    with pytest.raises(LinkDown, match="not connected"):
        link.post("a", b"")


async def test_paho_would_acknowledge_nothing_by_itself() -> None:
    client = Link(MqttEndpoint("h", 1, "me"), lambda *_: None)._build()
    assert client._client._manual_ack is True


class Silent:
    """A server that takes connections and says nothing; counts what it heard and who left."""

    def __init__(self) -> None:
        self.heard = b""
        self.left = asyncio.Event()

    async def __aenter__(self) -> Silent:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.endpoint = MqttEndpoint("127.0.0.1", self._server.sockets[0].getsockname()[1], "me")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.heard = await reader.read()
        self.left.set()
        writer.close()


async def test_a_broker_that_says_nothing_is_left_with_the_socket_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mqtt_link, "_ANSWER_WITHIN_S", 0.1)
    async with Silent() as server:
        link = Link(server.endpoint, lambda *_: None)
        with pytest.raises(LinkDown):
            await link.open()
        await link.close()
        await asyncio.wait_for(server.left.wait(), 1)
        assert server.heard.startswith(b"\x10")  # CONNECT


async def test_a_connection_given_up_while_it_is_made_does_not_appear_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin, made = threading.Event(), threading.Event()
    create = Paho._create_socket

    def slowly(paho: Paho) -> Any:
        begin.set()
        time.sleep(0.2)
        try:
            return create(paho)
        finally:
            made.set()

    monkeypatch.setattr(Paho, "_create_socket", slowly)
    async with Silent() as server:
        link = Link(server.endpoint, lambda *_: None)
        opening = asyncio.create_task(link.open())
        await asyncio.to_thread(begin.wait)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await link.close()
        assert not made.is_set()
        await asyncio.wait_for(server.left.wait(), 2)
        assert server.heard == b""


async def test_a_socket_closed_before_its_turn_to_write_is_left_alone() -> None:
    errors: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: errors.append(context))
    paho = Link(MqttEndpoint("h", 1, "me"), lambda *_: None)._build()._client
    with socket.create_server(("127.0.0.1", 0)) as server:
        paho._sock = BlockReader(socket.create_connection(server.getsockname()))  # type: ignore[assignment] # as the link does
        paho._call_socket_register_write()
        paho._sock_close()
        await asyncio.sleep(0)
    assert errors == []
