"""One MQTT connection, made fast: aiomqtt keeps it alive, publishes are read without its per-message work.

Per message aiomqtt and paho make a task, an event-loop turn, three system calls and several locks, which
limits them to 7-19 thousand messages/s; read in blocks and decoded here it is 150 thousand and more. What is
private of aiomqtt 2.5.1 and paho 2.2.0 is used in this file only and held by `tests/contract/test_source.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any

import aiomqtt
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY, ConnectFlags
from paho.mqtt.client import Client as Paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.sources.block_reader import BlockReader
from ingest.sources.mqtt_endpoint import MqttEndpoint, describe, tls_context

_PUBACK = 0x40
_CONNECT_WITHIN_S = 3.0
_ANSWER_WITHIN_S = 5.0
_SUBSCRIBED_WITHIN_S = 30.0  # the broker's answer may stand behind a long backlog
_CLOSE_WITHIN_S = 1.0


class LinkDown(ConnectionError):
    """The connection could not be made or is gone; the text says why and what to do."""


class Receipt:
    """The way to acknowledge one message, on the connection that delivered it."""

    __slots__ = ("_link", "given", "mid")

    def __init__(self, link: Link, mid: int) -> None:
        self._link = link
        self.mid = mid
        self.given = False

    def __call__(self) -> None:
        self.given = True
        self._link.settle()


Arrived = Callable[[str, bytes, int, bool, bool, "Receipt | None"], None]
"""topic, payload, qos, retain, dup, receipt (None for QoS 0)"""


class Link:
    """One connection from CONNECT to its loss. `arrived` is called for each message, on the event loop."""

    def __init__(self, endpoint: MqttEndpoint, arrived: Arrived) -> None:
        self._endpoint = endpoint
        self._arrived = arrived
        self._five = endpoint.protocol == "5"
        self._unacknowledged: deque[Receipt] = deque()
        self._publishing: dict[int, asyncio.Future[None]] = {}
        self._flush_due = False
        self._closed = False
        self._lost: asyncio.Task[LinkDown] | None = None
        self._client: aiomqtt.Client | None = None
        self.session_present = False
        self.bug: Exception | None = None

    # --- life ---

    async def open(self) -> None:
        """Connect. Raises LinkDown."""
        try:
            client = self._client = self._build()
        except OSError as error:  # a certificate file that is missing or broken
            raise LinkDown(describe(error, self._endpoint)) from error
        connecting = asyncio.ensure_future(client.__aenter__())
        try:
            await asyncio.shield(connecting)
        except asyncio.CancelledError:
            connecting.cancel()
            await asyncio.gather(connecting, return_exceptions=True)
            raise
        except (aiomqtt.MqttError, UnicodeError) as error:  # a host that cannot be a name is a UnicodeError
            raise LinkDown(describe(error, self._endpoint)) from error
        self._lost = asyncio.ensure_future(self._wait_lost(client))

    async def lost(self, within_s: float) -> LinkDown | None:
        """Why the connection went, as soon as it does; None when it still stands after `within_s`."""
        assert self._lost is not None
        await asyncio.wait({self._lost}, timeout=within_s)
        return self._lost.result() if self._lost.done() else None

    async def close(self) -> None:
        """Send the acknowledgements that are due, say goodbye, leave nothing behind."""
        self._flush()
        self._closed = True
        self._unacknowledged.clear()
        self._fail_publishing()
        if self._client is not None:
            await self._hang_up(self._client)

    def _fail_publishing(self) -> None:
        for answer in self._publishing.values():
            if not answer.done():
                answer.set_exception(LinkDown("the connection was lost before the broker's answer"))

    async def _hang_up(self, client: aiomqtt.Client) -> None:
        try:
            if client._connected.done() and client._connected.exception() is None:
                with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                    async with asyncio.timeout(_CLOSE_WITHIN_S):
                        await client.__aexit__(None, None, None)
        finally:
            client._client._sock_close()  # aiomqtt leaves it open after a failed read
            if client._disconnected.done() and not client._disconnected.cancelled():
                client._disconnected.exception()  # marks it as seen
            leftovers = [task for task in (client._misc_task, self._lost) if task is not None]
            for task in leftovers:
                task.cancel()
            await asyncio.gather(*leftovers, return_exceptions=True)

    async def _wait_lost(self, client: aiomqtt.Client) -> LinkDown:
        # Messages never enter aiomqtt's queue, so its iterator ends with the connection and not before.
        try:
            await anext(client.messages)
        except aiomqtt.MqttError as error:
            self._fail_publishing()
            return LinkDown(describe(error.__cause__ or error, self._endpoint))
        raise AssertionError("aiomqtt delivered a message past the fast path")

    # --- out ---

    async def subscribe(self, filters: Iterable[str]) -> None:
        """Subscribe at QoS 1. Raises LinkDown, also when the broker refuses one of the filters."""
        wanted = list(filters)
        assert self._client is not None
        assert self._lost is not None
        asking = asyncio.ensure_future(
            self._client.subscribe([(topic, 1) for topic in wanted], timeout=_SUBSCRIBED_WITHIN_S)
        )
        try:
            await asyncio.wait({asking, self._lost}, return_when=asyncio.FIRST_COMPLETED)
            if not asking.done():
                raise self._lost.result()
            granted = asking.result()
        except aiomqtt.MqttError as error:
            raise LinkDown(describe(error, self._endpoint)) from error
        finally:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
        for topic, code in zip(wanted, granted, strict=True):
            if isinstance(code, ReasonCode) and code.is_failure:
                who = self._endpoint.username or "anonymous"
                raise LinkDown(
                    f"the broker refuses user {who!r} the topic {topic!r} ({code}): extend its ACL"
                )

    async def publish(self, topic: str, payload: bytes, qos: int, retain: bool) -> None:
        """Send; for QoS 1 wait for the PUBACK. Raises LinkDown."""
        mid = self.post(topic, payload, qos, retain)
        if qos == 0:
            return
        answer = self._publishing[mid] = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                await answer
        except TimeoutError:
            raise LinkDown(f"no answer from the broker within {_ANSWER_WITHIN_S:.0f} s") from None
        finally:
            self._publishing.pop(mid, None)

    def post(self, topic: str, payload: bytes, qos: int = 1, retain: bool = False) -> int:
        """Send without waiting for an answer; the packet id. Raises LinkDown."""
        if self._closed or self._client is None:
            raise LinkDown("not connected")
        info = self._client._client.publish(topic, payload, qos, retain)
        if info.rc is not MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise LinkDown(f"not sent: {info.rc.name}")
        return info.mid

    def _on_publish(self, _client: Paho, _data: Any, mid: int, code: ReasonCode, _properties: Any) -> None:
        answer = self._publishing.get(mid)
        if answer is None or answer.done():
            return
        if code.is_failure:
            answer.set_exception(LinkDown(f"the broker refuses to take the message ({code}): see its ACL"))
        else:
            answer.set_result(None)

    # --- acknowledgements: in arrival order, many in one packet ---

    @property
    def oldest(self) -> Receipt | None:
        """The message that waits longest for its acknowledgement."""
        return self._unacknowledged[0] if self._unacknowledged else None

    @property
    def unacknowledged(self) -> int:
        """Delivered and not acknowledged; those that only wait for their turn do not count."""
        return sum(not receipt.given for receipt in self._unacknowledged)

    def settle(self) -> None:
        """Send what is acknowledged at the head, once per turn of the event loop."""
        waiting = self._unacknowledged
        if waiting and waiting[0].given and not self._flush_due:
            self._flush_due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flush_due = False
        waiting = self._unacknowledged  # empty once the connection is closed: nothing is sent on another one
        packets = bytearray()
        while waiting and waiting[0].given:
            packets += b"\x40\x02" + waiting.popleft().mid.to_bytes(2, "big")
        if packets and self._client is not None:
            self._client._client._packet_queue(_PUBACK, packets, 0, 1)

    # --- in ---

    def _take(self, flags: int, body: bytes | bytearray) -> None:
        """One PUBLISH packet (3.3 of both versions): flags of its first byte, body after the length."""
        qos = (flags & 0x06) >> 1
        named = 2 + int.from_bytes(body[:2], "big")
        end = named + 2 if qos else named
        if self._five:
            end = _past_properties(body, end)
        if end > len(body) or qos == 3:
            raise LinkDown("what came is not MQTT: see that a broker, and nothing else, answers there")
        topic = body[2:named].decode("utf-8", "replace")
        receipt = None
        if qos:
            receipt = Receipt(self, int.from_bytes(body[named : named + 2], "big"))
            self._unacknowledged.append(receipt)
        self._arrived(topic, bytes(memoryview(body)[end:]), qos, bool(flags & 1), bool(flags & 8), receipt)

    # --- building ---

    def _build(self) -> aiomqtt.Client:
        at, five = self._endpoint, self._five
        client = aiomqtt.Client(
            at.host,
            at.port,
            username=at.username,
            password=at.password,
            identifier=at.client_id,
            protocol=aiomqtt.ProtocolVersion.V5 if five else aiomqtt.ProtocolVersion.V311,
            clean_session=None if five else False,
            clean_start=False if five else MQTT_CLEAN_START_FIRST_ONLY,  # which paho asks of 3.1.1
            properties=_connect_properties(at) if five else None,
            keepalive=at.keepalive,
            timeout=_ANSWER_WITHIN_S,
            tls_context=tls_context(at.tls) if at.tls else None,
        )
        self._wire(client, client._client)
        return client

    def _wire(self, client: aiomqtt.Client, paho: Paho) -> None:
        """Put our own reader, decoder and acknowledgements under aiomqtt's connection."""
        loop = asyncio.get_running_loop()
        opened: Callable[..., None] | None = paho.on_socket_open
        connected: Callable[..., None] | None = paho.on_connect
        assert opened is not None
        assert connected is not None

        def on_socket_open(_: Paho, data: Any, sock: Any) -> None:
            if self._closed:  # the thread that connects cannot be cancelled, but it can be told
                sock.close()
                raise ConnectionAbortedError("closed while connecting")
            paho._sock = BlockReader(sock)  # type: ignore[assignment] # has what paho uses of a socket
            opened(paho, data, sock)

        def on_connect(_: Paho, data: Any, flags: ConnectFlags, code: Any, properties: Any) -> None:
            self.session_present = flags.session_present
            connected(paho, data, flags, code, properties)

        def on_register_write(_: Paho, _data: Any, sock: Any) -> None:
            loop.call_soon_threadsafe(write_when_ready, sock)

        def write_when_ready(sock: Any) -> None:
            # aiomqtt does not look: a socket closed meanwhile is a bad descriptor, or somebody else's.
            handle: int = sock.fileno()
            if paho._sock is sock:
                loop.add_writer(handle, write)

        def write() -> None:
            try:
                paho.loop_write()
            except Exception as error:
                if not client._disconnected.done():
                    client._disconnected.set_exception(error)

        def on_publish_packet() -> MQTTErrorCode:
            if self._closed:  # what is still in the pipe comes again on the next connection
                return MQTTErrorCode.MQTT_ERR_SUCCESS
            packet = paho._in_packet
            try:
                self._take(packet["command"], packet["packet"])
            except LinkDown:
                raise
            except Exception as error:
                self.bug = error
                raise
            return MQTTErrorCode.MQTT_ERR_SUCCESS

        paho.connect_timeout = _CONNECT_WITHIN_S
        paho.manual_ack_set(True)  # should paho ever see a message, it acknowledges nothing
        paho.disable_logger()
        paho.on_socket_open = on_socket_open
        paho.on_connect = on_connect
        paho.on_socket_register_write = on_register_write
        paho.on_publish = self._on_publish
        paho._handle_publish = on_publish_packet  # type: ignore[method-assign] # paho has no door for this


def _past_properties(body: bytes | bytearray, at: int) -> int:
    """Where the payload begins: the length of the properties is a variable byte integer (MQTT 5, 1.5.5).

    Beyond the body when there is no such length.
    """
    length = 0
    for shift in (0, 7, 14, 21):
        if at >= len(body):
            break
        byte = body[at]
        at += 1
        length |= (byte & 0x7F) << shift
        if not byte & 0x80:
            return at + length
    return len(body) + 1


def _connect_properties(at: MqttEndpoint) -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call] # paho's is untyped
    properties.SessionExpiryInterval = at.session_expiry
    properties.ReceiveMaximum = at.receive_maximum
    return properties
