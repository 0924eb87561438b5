"""What people look at: one in-memory picture, replaced after each commit, never read from the database."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from alerts.broadcasts.broadcast import Recipient
from alerts.broadcasts.delivery import State
from alerts.incidents.events import Event
from alerts.incidents.state import Incident
from alerts.operations.operation import Operation, OperationEvent
from alerts.troubles.trouble import Trouble
from devices.device import Device
from devices.instant import Instant
from devices.inventory import Inventory
from devices.liveness import Liveness

Happening: TypeAlias = Event | OperationEvent
"""What the timeline of an incident shows."""


class WalkView(NamedTuple):
    """The newest test on foot. `ended_at` None: it is under way. `passed`: its button was heard."""

    until: Instant
    ended_at: Instant | None
    passed: bool


@dataclass(frozen=True, slots=True)
class DeviceView:
    """`latest`: by quantity, its newest value (None is unknown) and when that was. `proved_at`: when its way
    to us was last seen to work, by a test or an alarm; `troubles`: ids of those that stand."""

    device: Device
    liveness: Liveness
    heard_at: Instant | None
    latest: Mapping[str, tuple[float | None, Instant]] = field(default_factory=dict)
    online: bool | None = None
    proved_at: Instant | None = None
    troubles: tuple[str, ...] = ()
    walk: WalkView | None = None
    operations: tuple[Operation, ...] = ()


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One recipient's newest state within an incident."""

    recipient: Recipient
    version: int
    state: State
    detail: str
    at: Instant


@dataclass(frozen=True, slots=True)
class IncidentView:
    incident: Incident
    timeline: tuple[Happening, ...]
    deliveries: tuple[DeliveryView, ...]


@dataclass(frozen=True, slots=True)
class TroubleView:
    """`folded`: how many devices it stands for beside its own."""

    trouble: Trouble
    folded: int


class StrangerView(NamedTuple):
    """A device that nobody registered. `address` is "" where it was too long to be kept."""

    dialect: str
    address: str
    heard_at: Instant
    latest: Mapping[str, tuple[float | None, Instant]]


class Health(NamedTuple):
    """One line of the health strip: `ok` None means that it is not known."""

    name: str
    ok: bool | None
    detail: str


class View:
    """Published by the pipeline after commit, read by the web and by nobody else.

    `revision` counts publications; `changed(after)` waits until it is higher.
    """

    def __init__(self, inventory: Inventory) -> None:
        self.inventory = inventory
        self.incidents: dict[str, IncidentView] = {}
        self.devices: dict[str, DeviceView] = {}
        self.troubles: dict[str, TroubleView] = {}
        self.inbox: dict[str, StrangerView] = {}
        self.health: tuple[Health, ...] = ()
        self.demo_grade = ""
        self.now: Instant = 0
        self.revision = 0
        self._turn = asyncio.Event()

    def publish(self) -> None:
        """Say that something changed; wakes everybody who waits."""
        self.revision += 1
        turn, self._turn = self._turn, asyncio.Event()
        turn.set()

    async def changed(self, after: int) -> int:
        """The revision, once it is beyond `after`."""
        while self.revision <= after:
            await self._turn.wait()
        return self.revision
