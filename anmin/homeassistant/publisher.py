"""Tells Home Assistant what there is and how it stands: best effort, beside the alarms, never in their way.

A connection of its own, for the broker must say for us that we are gone. What was retained is noted on disk
before it is sent, so that whatever leaves the inventory, or the whole of it, can be taken away again later.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import aiomqtt
import structlog

from anmin.backends.broker_roles import write_private
from anmin.homeassistant.announcements import Card, Terms, availability_topic, cards
from anmin.homeassistant.states import community_state, device_state
from anmin.settings import Settings
from anmin.sideline import Sideline, together
from anmin.view import DeviceView, View
from devices.inventory import Inventory
from ingest.sources.mqtt_endpoint import MqttEndpoint

_log = structlog.get_logger("anmin.homeassistant")

EVERY_S: Final = 1.0
"""Nothing says more than one thing within this time; what changes meanwhile is said as it is then."""
_GOODBYE_S: Final = 1.0
_TURN: Final = 200
_CARDS: Final = 20
"""States, and announcements, between two turns of the loop: about a millisecond."""


def publisher(
    settings: Settings, view: View, secret: bytes, endpoint: MqttEndpoint, folder: Path
) -> Publisher:
    """As the settings want it; `folder` is that of all data."""
    ours = settings.homeassistant
    terms = Terms(ours.prefix, ours.state_topic, settings.site.language, secret)
    return Publisher(view, terms, endpoint, folder / "homeassistant.json", wanted=ours.publish)


class Publisher:
    """`wanted` False takes away what an earlier run had announced, and ends."""

    def __init__(
        self, view: View, terms: Terms, endpoint: MqttEndpoint, kept: Path, *, wanted: bool = True
    ) -> None:
        self._view = view
        self._terms = terms
        self._kept = kept
        self._wanted = wanted
        self._inventory: Inventory | None = None
        self._cards: tuple[Card, ...] = ()
        self._drawn: dict[str, DeviceView] = {}
        self._said: dict[str, bytes] = {}
        self._anew = False
        self._line = Sideline("homeassistant", endpoint, self._will)

    async def run(self) -> None:
        """Until cancelled; at once when there is nothing to show and nothing to take away."""
        if self._wanted or self._kept.exists():
            await self._line.run(self._one_connection)

    async def _one_connection(self, client: aiomqtt.Client) -> bool:
        """True when there is nothing more to do."""
        if not self._wanted:
            await self._withdraw(client, self._noted())
            self._kept.unlink()
            _log.info("homeassistant.withdrawn")
            return True
        await client.subscribe(f"{self._terms.prefix}/status", qos=1)
        self._anew = True
        try:
            await together(self._listen(client), self._speak(client))
        finally:
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError):
                async with asyncio.timeout(_GOODBYE_S):
                    await client.publish(self._status, b"offline", qos=1, retain=True)
        return False

    def _will(self) -> aiomqtt.Will:
        return aiomqtt.Will(self._status, b"offline", qos=1, retain=True)

    @property
    def _status(self) -> str:
        return availability_topic(self._terms, self._view.inventory.community_id)

    async def _listen(self, client: aiomqtt.Client) -> None:
        """Home Assistant says `online` when it starts, and knows nothing then that was not retained."""
        async for message in client.messages:
            if message.payload == b"online" and not message.retain:
                self._anew = True

    async def _speak(self, client: aiomqtt.Client) -> None:
        first, seen = True, -1
        while True:
            if seen == self._view.revision and not self._anew:
                await asyncio.sleep(EVERY_S)
                continue
            seen = self._view.revision
            if self._anew:
                self._anew = False
                self._said.clear()
                self._drawn.clear()
                self._inventory = None
            await self._announce(client)
            await self._tell(client)
            if first:  # only now is there something behind it
                await self._say(client, self._status, b"online")
                first = False
                self._line.well()
                _log.info("homeassistant.announced", devices=len(self._cards))
            await asyncio.sleep(EVERY_S)

    # What there is ----------------------------------------------------------------------------------------

    async def _announce(self, client: aiomqtt.Client) -> None:
        inventory = self._view.inventory
        if inventory is self._inventory:
            return
        made: list[Card] = []
        for card in cards(inventory, self._terms):  # 0.05 ms each
            made.append(card)
            if len(made) % _CARDS == 0:
                await asyncio.sleep(0)
        self._cards = tuple(made)
        topics = {topic for card in self._cards for topic in (card.config_topic, card.state_topic)}
        topics.add(availability_topic(self._terms, inventory.community_id))
        noted = await asyncio.to_thread(self._noted)
        if not topics <= noted:
            await asyncio.to_thread(self._note, topics | noted)
        for number, card in enumerate(self._cards):
            await self._say(client, card.config_topic, card.config)
            if number % _TURN == 0:
                await asyncio.sleep(0)
        if gone := noted - topics:
            await self._withdraw(client, gone)
            await asyncio.to_thread(self._note, topics)
        self._inventory = inventory

    async def _withdraw(self, client: aiomqtt.Client, topics: set[str]) -> None:
        for topic in sorted(topics, key=lambda name: (not name.endswith("/config"), name)):
            await client.publish(topic, b"", qos=1, retain=True)
            self._said.pop(topic, None)

    def _noted(self) -> set[str]:
        """What was ever retained and not taken away; a file that cannot be read is as none."""
        try:
            noted = json.loads(self._kept.read_text("utf-8"))
        except (OSError, ValueError):
            return set()
        return {one for one in noted if isinstance(one, str)} if isinstance(noted, list) else set()

    def _note(self, topics: set[str]) -> None:
        write_private(self._kept, json.dumps(sorted(topics), indent=0) + "\n")

    # How it stands ----------------------------------------------------------------------------------------

    async def _tell(self, client: aiomqtt.Client) -> None:
        """What is said now and was not, the community first."""
        devices: Mapping[str, DeviceView] = self._view.devices
        for number, card in enumerate(self._cards):
            if card.device_id is None:
                await self._say(client, card.state_topic, community_state(self._view, self._terms.language))
                continue
            seen = devices.get(card.device_id)
            if seen is None or self._drawn.get(card.device_id) is not seen:
                await self._say(client, card.state_topic, device_state(seen))
                if seen is not None:
                    self._drawn[card.device_id] = seen
            if number % _TURN == 0:
                await asyncio.sleep(0)

    async def _say(self, client: aiomqtt.Client, topic: str, payload: bytes) -> None:
        if self._said.get(topic) != payload:
            await client.publish(topic, payload, qos=1, retain=True)
            self._said[topic] = payload
