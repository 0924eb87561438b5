"""All commands to devices: asked for, sent through the outbox like everything else, ended by its outcomes.

Pure. A command has an id (its send's key), an expiry and the device's own result. What repeats, comes late or
is another device's changes nothing: the outcome of a send can only end the command under way that it names.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from alerts.broadcasts.broadcast import Audience, Broadcast, LiveSend, Purpose, Recipient, send_key
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import Answer, Declined, Done
from alerts.incidents.state import Incident
from alerts.operations.action import SPEAKS, Action, Automatic, action_of
from alerts.operations.command import Operate
from alerts.operations.operation import (
    ENDS,
    Operation,
    OperationAsked,
    OperationEnded,
    OperationEvent,
    Progress,
)
from devices.device import Device, DeviceKind, DeviceMode
from devices.instant import Instant
from devices.inventory import Inventory
from devices.level import Level
from devices.place import PlaceKind

KEPT: Final = 8
"""Commands that are remembered of each device, newest last."""
ABOUT: Final = "device "
"""Begins what a send names as its incident: a newer command to the same device replaces a waiting one."""
_WIDE: Final = frozenset({DeviceKind.LIFT, DeviceKind.DOOR, DeviceKind.FAN, DeviceKind.SIREN})
"""Moved in the whole building; a valve only where the incident is."""

Stamp = Callable[[], str]


class Memory(NamedTuple):
    """All that is kept of one device. `ran`: incidents in which a plan moved it already."""

    newest: tuple[Operation, ...] = ()
    ran: tuple[str, ...] = ()


@dataclass(slots=True)
class Ordered:
    """What came of it."""

    events: list[OperationEvent] = field(default_factory=list)
    broadcasts: list[Broadcast] = field(default_factory=list)
    answer: Answer | None = None


class Operations:
    """`plan` is what the community lets run by itself; nothing dangerous does unless it is there."""

    def __init__(self, inventory: Inventory, plan: Sequence[Automatic] = ()) -> None:
        self._inventory = inventory
        self._plan = tuple(plan)
        self._memories: dict[str, Memory] = {}
        self._dirty: dict[str, None] = {}

    def of(self, device_id: str) -> tuple[Operation, ...]:
        """Newest last."""
        return self._memories.get(device_id, Memory()).newest

    # What comes in ----------------------------------------------------------------------------------------

    def command(self, command: Operate, at: Instant, stamp: Stamp) -> Ordered:
        """The same action while it is under way is the same operation; another one replaces it."""
        said = Ordered()
        device = self._inventory.devices.get(command.device_id)
        if device is None:
            said.answer = Declined("no_such_device", f"no device {command.device_id}")
            return said
        action = action_of(device.kind, command.action)
        if action is None or device.dialect not in SPEAKS:
            said.answer = Declined("no_such_action", f"{device.id} cannot be told to {command.action}")
        elif action.dangerous and not command.confirmed:
            said.answer = Declined("needs_confirmation", f"{action.word} is dangerous: a person must agree")
        else:
            operation = self._ask(device, action, command.by, command.incident_id, at, stamp, said)
            said.answer = Done(operation.id, operation.progress.value)
        return said

    def follow(self, incident: Incident, at: Instant, stamp: Stamp) -> Ordered:
        """What the plan lets run by itself, once per incident. A drill moves nothing; nothing moves a device
        under test."""
        said = Ordered()
        if incident.drill or not incident.is_open or incident.peak < Level.ALARM:
            return said
        for each in self._plan:
            if each.hazard is incident.hazard and (incident.confirmed_by is not None or not each.confirmed):
                for device in self._reach(each.kind, incident.place_id):
                    self._run(device, each.action, incident.id, at, stamp, said)
        return said

    def outcome(self, outcome: SendOutcome, at: Instant, stamp: Stamp) -> Ordered:
        """What became of a send. Only the newest command of a device that is under way can end by it."""
        said = Ordered()
        progress = ENDS.get(outcome.state)
        if progress is None or not outcome.incident_id.startswith(ABOUT):
            return said
        memory = self._memories.get(outcome.recipient, Memory())
        for operation in memory.newest:
            if operation.id == outcome.key and operation.progress is Progress.ASKED:
                ended = replace(operation, progress=progress, ended_at=at, detail=outcome.detail)
                self._put(memory, ended)
                said.events.append(
                    OperationEnded(
                        id=stamp(),
                        incident_id=ended.incident_id or f"{ABOUT}{ended.device_id}",
                        at=at,
                        operation_id=ended.id,
                        subject=ended.device_id,
                        action=ended.action,
                        progress=progress,
                        detail=outcome.detail,
                    )
                )
        return said

    # How it is done ---------------------------------------------------------------------------------------

    def _reach(self, kind: DeviceKind, place_id: str) -> tuple[Device, ...]:
        tree = self._inventory.tree
        around = tree.scope(place_id)
        if kind in _WIDE:
            around = tree.enclosing(place_id, PlaceKind.BUILDING) or around
        return self._inventory.of_kind(kind, around.id)

    def _run(
        self, device: Device, word: str, incident_id: str, at: Instant, stamp: Stamp, said: Ordered
    ) -> None:
        memory = self._memories.get(device.id, Memory())
        action = action_of(device.kind, word)
        mark = f"{incident_id} {word}"
        if action is None or device.mode is DeviceMode.TEST or device.dialect not in SPEAKS:
            return
        if mark not in memory.ran:
            self._memories[device.id] = memory._replace(ran=(*memory.ran[1 - KEPT :], mark))
            self._dirty[device.id] = None
            self._ask(device, action, "system", incident_id, at, stamp, said)

    def _ask(
        self,
        device: Device,
        action: Action,
        by: str,
        incident_id: str,
        at: Instant,
        stamp: Stamp,
        said: Ordered,
    ) -> Operation:
        memory = self._memories.get(device.id, Memory())
        last = memory.newest[-1] if memory.newest else None
        under_way = last is not None and last.progress is Progress.ASKED and at < last.expires_at
        if last is not None and under_way and last.action == action.word:
            return last
        version = last.version + 1 if last is not None else 1
        about, expires_at = f"{ABOUT}{device.id}", at + action.within_for
        key = send_key(f"{about} {at}", version, device.id, device.kind.value)
        operation = Operation(key, device.id, version, action.word, by, incident_id, at, expires_at)
        self._put(memory, operation)
        said.events.append(
            OperationAsked(
                id=stamp(),
                incident_id=incident_id or about,
                at=at,
                operation_id=key,
                subject=device.id,
                action=action.word,
                by=by,
                expires_at=expires_at,
            )
        )
        said.broadcasts.append(_broadcast(device, action, operation, about))
        return operation

    def _put(self, memory: Memory, operation: Operation) -> None:
        """In the place of the same, else at the end."""
        others = tuple(one for one in memory.newest if one.id != operation.id)
        newest = (*others, operation) if len(others) == len(memory.newest) else _in_place(memory, operation)
        known = self._memories.get(operation.device_id, memory)
        self._memories[operation.device_id] = known._replace(newest=newest[-KEPT:])
        self._dirty[operation.device_id] = None

    # What is kept -----------------------------------------------------------------------------------------

    def adopt(self, inventory: Inventory, plan: Sequence[Automatic]) -> None:
        self._inventory, self._plan = inventory, tuple(plan)
        for gone in self._memories.keys() - inventory.devices.keys():
            del self._memories[gone]
            self._dirty[gone] = None

    def drain(self) -> list[tuple[str, Memory | None]]:
        """What changed since the last drain, by device; None is gone."""
        changed, self._dirty = self._dirty, {}
        return [(name, self._memories.get(name)) for name in changed]

    def restore(self, entries: Iterable[tuple[str, Memory]]) -> None:
        self._memories = dict(entries)

    @property
    def known(self) -> Mapping[str, Memory]:
        return self._memories


def _in_place(memory: Memory, operation: Operation) -> tuple[Operation, ...]:
    return tuple(operation if one.id == operation.id else one for one in memory.newest)


def _broadcast(device: Device, action: Action, operation: Operation, about: str) -> Broadcast:
    who = Recipient(device.id, Audience.DEVICE, device.kind.value, device.address)
    pattern = {"pattern": "evacuate"} if action.word == "sound" else {}
    data = json.dumps({"action": action.word, **pattern}, separators=(",", ":"))
    send = LiveSend(
        key=operation.id,
        incident_id=about,
        version=operation.version,
        purpose=Purpose.OPERATE,
        recipient=who,
        title=f"{action.zh} / {action.en}",
        text=f"{device.zh} / {device.en}",
        data=data,
        created_at=operation.asked_at,
        deadline_at=operation.expires_at,
        urgent=True,
    )
    return Broadcast(about, operation.version, Purpose.OPERATE, False, (send,))
