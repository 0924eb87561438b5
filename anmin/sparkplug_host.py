"""Says by Sparkplug's STATE topic whether we listen: edge nodes that wait for their host keep what they have
until then.

Sparkplug 3.0, host application: birth and death are retained at quality 1 on `spBv1.0/STATE/<host>`, and the
birth has the time of the last will that it was connected with.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable
from typing import Final

import aiomqtt

from anmin.sideline import Sideline, together
from devices.instant import Instant
from ingest.sources.mqtt_endpoint import MqttEndpoint

LOOK_EVERY_S: Final = 1.0
_GOODBYE_S: Final = 1.0


class SparkplugHost:
    """`listens`: whether what edge nodes say would reach us now. Online is said only while it would."""

    def __init__(
        self, host: str, endpoint: MqttEndpoint, listens: Callable[[], bool], now: Callable[[], Instant]
    ) -> None:
        self.topic = f"spBv1.0/STATE/{host}"
        self._listens = listens
        self._now = now
        self._since_ms = 0
        self._said: bool | None = None
        self._line = Sideline("sparkplug host", endpoint, self._will)

    async def run(self) -> None:
        await self._line.run(self._one_connection)

    def _will(self) -> aiomqtt.Will:
        self._since_ms = self._now() // 1000
        return aiomqtt.Will(self.topic, self._state(online=False), qos=1, retain=True)

    def _state(self, *, online: bool) -> bytes:
        return json.dumps({"online": online, "timestamp": self._since_ms}).encode()

    async def _one_connection(self, client: aiomqtt.Client) -> bool:
        self._said = None
        await client.subscribe(self.topic, qos=1)
        try:
            await together(self._listen(client), self._speak(client))
        finally:
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await client.publish(self.topic, self._state(online=False), qos=1, retain=True)
        return False

    async def _speak(self, client: aiomqtt.Client) -> None:
        while True:
            online = self._listens()
            if online != self._said:
                await client.publish(self.topic, self._state(online=online), qos=1, retain=True)
                self._said = online
                self._line.well()
            await asyncio.sleep(LOOK_EVERY_S)

    async def _listen(self, client: aiomqtt.Client) -> None:
        """Somebody else, or an earlier will of ours, says that we are gone: we say it anew."""
        async for message in client.messages:
            if bytes(message.payload) != self._state(online=self._said is True):
                self._said = None
