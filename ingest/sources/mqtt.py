"""The only MQTT consumer: hands on what arrives, acknowledges what was committed, comes back by itself."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from collections.abc import Callable, Sequence

import structlog

from devices.instant import Instant
from ingest.message import Lane, RawMessage
from ingest.ports import Deliver, Incoming, SourceDown
from ingest.sources.mqtt_endpoint import MqttEndpoint, Tls
from ingest.sources.mqtt_link import Link, LinkDown, Receipt

__all__ = ["MqttEndpoint", "MqttSource", "OverlappingTopics", "Tls", "overlapping"]

_log = structlog.get_logger("anmin.ingest")

_FIRST_WAIT_S = 0.2
_LONGEST_WAIT_S = 10.0
_STEADY_AFTER_S = 5.0  # a link that stood this long was a good one: back-off begins anew
_CAUGHT_UP_WITHIN_S = 5.0
_FENCE_LOST_AFTER_S = 60.0  # a backlog may take long, but live messages must not pass for old ones for ever
_LOOK_EVERY_S = 1.0

OnState = Callable[[bool, str], None]
"""connected or not, and why not"""


def full_jitter(longest_s: float) -> float:
    """A wait between nothing and `longest_s`, so that clients do not come back all at once."""
    return secrets.SystemRandom().uniform(0.0, longest_s)


class MqttSource:
    """`ingest.ports.Source` over one MQTT session that the broker keeps while we are away.

    QoS 1 at most (QoS 2 loses messages when a client restarts between its steps, paho issue 883). A message
    that is not acknowledged for `stuck_after_s` makes the source reconnect, because a broker sends again only
    then (MQTT-4.4.0-1). After a resume every message is `queued` until a fence comes back that the source
    publishes to itself on `anmin/-/fence/<client id>`; the fence is never delivered.
    """

    def __init__(
        self,
        name: str,
        lane: Lane,
        endpoint: MqttEndpoint,
        topics: Sequence[str],
        clock: Callable[[], Instant],
        *,
        on_state: OnState | None = None,
        stuck_after_s: float = 30.0,
        jitter: Callable[[float], float] = full_jitter,
    ) -> None:
        if pair := overlapping(topics):
            raise OverlappingTopics(name, *pair)
        self.name = name
        self.lane = lane
        self.connected = False
        self.trouble = "not connected yet"
        self._endpoint = endpoint
        self._topics = tuple(topics)
        self._clock = clock
        self._on_state = on_state
        self._stuck_after_s = stuck_after_s
        self._jitter = jitter
        self._fence_topic = f"anmin/-/fence/{endpoint.client_id}"
        self._fence = b""
        self._fence_until = 0.0
        self._caught_up = asyncio.Event()
        self._first = asyncio.Event()
        self._link: Link | None = None
        self._deliver: Deliver | None = None
        self._complained = False

    # --- the port ---

    async def run(self, deliver: Deliver) -> None:
        """Deliver until cancelled. Raises only what `deliver` raises: that is a bug and stops the process."""
        self._deliver = deliver
        loop = asyncio.get_running_loop()
        attempt = itertools.count()
        while True:
            began = loop.time()
            trouble = await self._one_connection()
            self._down(trouble)
            if loop.time() - began > _STEADY_AFTER_S:
                attempt = itertools.count()
            await asyncio.sleep(
                self._jitter(min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2.0 ** min(next(attempt), 9)))
            )

    async def publish(self, topic: str, payload: bytes, *, qos: int = 1, retain: bool = False) -> None:
        if not self.connected or self._link is None:
            raise SourceDown(f"{self.name}: {topic} not sent, no connection: {self.trouble}")
        try:
            await self._link.publish(topic, payload, min(qos, 1), retain)
        except LinkDown as error:
            raise SourceDown(f"{self.name}: {topic} not confirmed: {error}") from error

    async def caught_up(self) -> None:
        """Done when the fence is back on the present connection, after 5 s in any case."""
        try:
            async with asyncio.timeout(_CAUGHT_UP_WITHIN_S):
                await self._caught_up.wait()
        except TimeoutError:
            _log.warning(
                "mqtt.not_caught_up", source=self.name, connected=self.connected, trouble=self.trouble
            )

    async def first_connect(self, within_s: float) -> None:
        """Done at the first working connection. Raises SourceDown with the last reason after `within_s`."""
        try:
            async with asyncio.timeout(within_s):
                await self._first.wait()
        except TimeoutError:
            raise SourceDown(f"{self.name}: no broker within {within_s:.0f} s: {self.trouble}") from None

    @property
    def unacknowledged(self) -> int:
        """Messages delivered and not yet acknowledged."""
        return self._link.unacknowledged if self._link else 0

    # --- one connection ---

    async def _one_connection(self) -> str:
        """From CONNECT to its loss; the reason of the loss."""
        link = self._link = Link(self._endpoint, self._arrived)
        self._fence = secrets.token_hex(8).encode()
        self._caught_up.clear()
        try:
            await link.open()
            await self._begin(link)
            return await self._watch(link)
        except LinkDown as error:
            if link.bug is not None:
                raise link.bug from None
            return str(error)
        finally:
            self.connected = False
            self._link = None
            await link.close()

    async def _begin(self, link: Link) -> None:
        loop = asyncio.get_running_loop()
        self._fence_until = loop.time() + _FENCE_LOST_AFTER_S
        await link.subscribe([*self._topics, self._fence_topic])
        self._up(link)
        link.post(self._fence_topic, self._fence)

    async def _watch(self, link: Link) -> str:
        """Until the link is lost, or its oldest message has waited too long for its acknowledgement."""
        loop = asyncio.get_running_loop()
        oldest: Receipt | None = None
        since = loop.time()
        look_s = min(_LOOK_EVERY_S, self._stuck_after_s / 4)
        while (lost := await link.lost(look_s)) is None:
            now = loop.time()
            if link.oldest is not oldest:
                oldest, since = link.oldest, now
            if oldest is not None and now - since >= self._stuck_after_s:
                return (
                    f"a message was not acknowledged for {now - since:.0f} s ({link.unacknowledged} wait): "
                    "connecting anew, the broker sends them again"
                )
            if now >= self._fence_until and not self._caught_up.is_set():
                _log.warning("mqtt.fence_lost", source=self.name, topic=self._fence_topic, hint="see the ACL")
                self._caught_up.set()
        raise lost

    def _arrived(
        self, topic: str, payload: bytes, qos: int, retain: bool, dup: bool, receipt: Receipt | None
    ) -> None:
        link = self._link
        assert link is not None
        assert self._deliver is not None
        if topic == self._fence_topic:
            if payload == self._fence:
                self._caught_up.set()
            if receipt is not None:
                receipt()
            return
        queued = link.session_present and not self._caught_up.is_set()
        message = RawMessage(self.name, topic, payload, self._clock(), retain, dup, qos, queued)
        self._deliver(Incoming(message, receipt))

    # --- state, told once ---

    def _up(self, link: Link) -> None:
        self.connected = True
        self._first.set()
        _log.info(
            "mqtt.recovered" if self._complained else "mqtt.connected",
            source=self.name,
            broker=f"{self._endpoint.host}:{self._endpoint.port}",
            session_present=link.session_present,
        )
        self._complained = False
        self.trouble = ""
        if self._on_state:
            self._on_state(True, "")

    def _down(self, trouble: str) -> None:
        first = not self._complained
        self._complained = True
        self.trouble = trouble
        if first:
            _log.warning("mqtt.down", source=self.name, trouble=trouble)
            if self._on_state:
                self._on_state(False, trouble)


class OverlappingTopics(ValueError):
    """Two filters of one source match the same topic: every such message would arrive twice."""

    def __init__(self, source: str, one: str, other: str) -> None:
        super().__init__(source, one, other)
        self.source, self.one, self.other = source, one, other

    def __str__(self) -> str:
        return f"source {self.source!r}: topics {self.one!r} and {self.other!r} overlap; remove or narrow one"


def overlapping(topics: Sequence[str]) -> tuple[str, str] | None:
    """Two of these topic filters that some topic matches both, if there are any."""
    return next((pair for pair in itertools.combinations(topics, 2) if _overlap(*pair)), None)


def _overlap(one: str, other: str) -> bool:
    ours, theirs = one.split("/"), other.split("/")
    for a, b in zip(ours, theirs, strict=False):
        if "#" in (a, b):
            return True
        if a != b and "+" not in (a, b):
            return False
    longer = max(ours, theirs, key=len)[min(len(ours), len(theirs)) :]
    return longer in ([], ["#"])  # "a/#" matches "a" as well (MQTT 5, 4.7.1.2)
