"""Keeps the picture that people look at: incidents at every commit, devices once a second."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from alerts.broadcasts.reach import Told
from alerts.operations.operation import OperationHappened
from alerts.operations.operations import ABOUT
from alerts.troubles.events import TroubleHappened, WalkEnded, WalkStarted
from alerts.troubles.trouble import Stage
from anmin.codec import AnyEvent
from anmin.monitor import Effects, Monitor
from anmin.view import (
    DeliveryView,
    DeviceView,
    Happening,
    Health,
    IncidentView,
    StrangerView,
    TroubleView,
    View,
    WalkView,
)
from devices.device import Device
from devices.instant import SECOND, Instant
from devices.liveness import Liveness, liveness
from ingest.message import RecordKind
from ingest.strangers import named

REFRESH_FOR = 5 * SECOND
"""How often every device is looked at for silence."""


class Portrait:
    """Draws `view` from what the monitor holds; the web reads nothing else."""

    def __init__(
        self,
        view: View,
        monitor: Monitor,
        now: Callable[[], Instant],
        health: Callable[[], tuple[Health, ...]],
    ) -> None:
        self._view = view
        self._monitor = monitor
        self._now = now
        self._health = health
        self._timelines: dict[str, tuple[Happening, ...]] = {}
        self._touched: set[str] = set()
        self._walks: dict[str, WalkView] = {}
        self._refreshed_at: Instant = 0

    def recall(self, timelines: Mapping[str, Sequence[AnyEvent]]) -> None:
        """After a start: what happened before, from the ledger."""
        for name, events in timelines.items():
            self._timelines[name] = tuple(one for one in events if not isinstance(one, TroubleHappened))
        self._draw_incidents(self._monitor.desk.incidents)
        self._draw_all(self._monitor.house.inventory.devices)
        self._draw_troubles()
        self._view.publish()

    def show(self, effects: Sequence[Effects]) -> None:
        """After a commit: incidents at once, devices with the next second."""
        changed: dict[str, None] = {}
        touched = False
        for one in effects:
            for _, _, event in one.events:
                if isinstance(event, OperationHappened):
                    touched = True
                    self._touched.add(event.subject)
                    if event.incident_id.startswith(ABOUT):
                        continue
                if isinstance(event, TroubleHappened):
                    touched = True
                    self._walked(event)
                    continue
                known = self._timelines.get(event.incident_id, ())
                self._timelines[event.incident_id] = (*known, event)
                changed[event.incident_id] = None
            self._touched.update(heard.device_id for heard in one.heard)
        if any(one.record.kind is RecordKind.VERSION for one in effects):
            touched = True
            self._view.inventory = self._monitor.house.inventory
            self._draw_all(self._view.inventory.devices)
        if touched:
            self._draw_troubles()
        if changed:
            self._draw_incidents(changed)
        if changed or touched:
            self._view.publish()

    def _walked(self, event: TroubleHappened) -> None:
        """How a test on foot ended is remembered for whoever stands there, until the next one."""
        if isinstance(event, WalkStarted | WalkEnded):
            self._touched.add(event.incident_id)
        if isinstance(event, WalkEnded):
            self._walks[event.incident_id] = WalkView(event.at, event.at, event.passed)

    async def run(self) -> None:
        """Refresh once a second until cancelled."""
        while True:
            await asyncio.sleep(1.0)
            self.refresh()

    def refresh(self) -> None:
        """Who was heard, what the time is, how the parts are."""
        view, now = self._view, self._now()
        view.inventory = self._monitor.house.inventory
        devices = view.inventory.devices
        if now - self._refreshed_at >= REFRESH_FOR:
            self._refreshed_at = now
            self._draw_all(devices)
            self._draw_troubles()
        else:
            self._draw_devices(devices[name] for name in self._touched if name in devices)
        self._touched.clear()
        view.now = now
        view.health = self._health()
        view.publish()

    def _draw_incidents(self, names: Iterable[str]) -> None:
        desk = self._monitor.desk
        for name in names:
            incident = desk.incidents.get(name)
            if incident is not None:
                deliveries = tuple(_delivery(told) for told in desk.told(name))
                timeline = self._timelines.get(name, ())
                self._view.incidents[name] = IncidentView(incident, timeline, deliveries)
        if len(self._view.incidents) > len(desk.incidents):
            for gone in self._view.incidents.keys() - desk.incidents.keys():
                del self._view.incidents[gone]
                self._timelines.pop(gone, None)

    def _draw_troubles(self) -> None:
        """Those that count: also the explained, which their cause counts."""
        watched = self._monitor.supervision
        self._view.troubles = {
            name: TroubleView(trouble, watched.folded(name))
            for name, trouble in watched.troubles.items()
            if trouble.stage is not Stage.BEGINNING
        }

    def _draw_all(self, devices: Mapping[str, Device]) -> None:
        """Every device of now and no other, the strangers that admission remembers, the incidents at hand."""
        self._draw_devices(devices.values())
        for gone in self._view.devices.keys() - devices.keys():
            del self._view.devices[gone]
        heard = self._monitor.admission.inbox()
        self._view.inbox = {name: self._stranger(name, at) for name, at in heard.items() if at is not None}
        self._draw_incidents(())

    def _stranger(self, name: str, at: Instant) -> StrangerView:
        facts = self._monitor.admission.last(name)
        dialect, address = named(name) or (name.split(":")[1], "")
        return StrangerView(dialect, address, at, facts.values if facts else {})

    def _draw_devices(self, devices: Iterable[Device]) -> None:
        now = self._now()
        for device in devices:
            self._view.devices[device.id] = self._device(device, now)

    def _device(self, device: Device, now: Instant) -> DeviceView:
        watched = self._monitor.supervision
        proved_at = watched.proved_at(device.id)
        troubles = tuple(one.id for one in watched.counting(device.id))
        walk, orders = self._walk(device.id), self._monitor.operations.of(device.id)
        facts = self._monitor.admission.last(device.id)
        if facts is None:
            unheard = DeviceView(device, Liveness.UNKNOWN, None, proved_at=proved_at)
            return replace(unheard, troubles=troubles, walk=walk, operations=orders)
        standing = liveness(facts.heard_at, now, device.profile, facts.reports_every_for)
        seen = (facts.heard_at, facts.values, facts.online)
        return DeviceView(device, standing, *seen, proved_at, troubles, walk, orders)

    def _walk(self, device_id: str) -> WalkView | None:
        walk = self._monitor.supervision.walk_of(device_id)
        if walk is None:
            return self._walks.get(device_id)
        return WalkView(walk.until, None, walk.passed_at is not None)


def _delivery(told: Told) -> DeliveryView:
    return DeliveryView(told.recipient, told.version, told.state, told.detail, told.at)
