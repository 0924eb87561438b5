"""The troubles that have begun and are not over, and which of them explain which."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Final

from alerts.broadcasts.broadcast import Broadcast
from alerts.incidents.command import Answer
from alerts.troubles import events as e
from alerts.troubles.area import Areas
from alerts.troubles.kind import TroubleKind, begins_for
from alerts.troubles.trouble import Stage, Trigger, Trouble, step
from alerts.troubles.watch import Sign
from devices.device import Device
from devices.instant import MINUTE, Instant, Micros
from devices.inventory import Inventory
from devices.reading import Reading

UNFOLD_FOR: Final[Micros] = 5 * MINUTE
"""After its cause is gone a device may take so long, or one interval of its own, to come back."""

Stamp = Callable[[], str]


@dataclass(slots=True)
class Upkeep:
    """What came of one input. `released`: readings that a test on foot had kept from the rules."""

    at: Instant
    stamp: Stamp
    events: list[e.TroubleEvent] = field(default_factory=list)
    broadcasts: list[Broadcast] = field(default_factory=list)
    released: tuple[Reading, ...] = ()
    answer: Answer | None = None


class Standing:
    """One trouble per subject and kind. `over` gathers told ones that ended, until somebody takes them."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._troubles: dict[str, Trouble] = {}
        self._of: dict[str, dict[TroubleKind, str]] = {}
        self._folded: dict[str, dict[str, None]] = {}
        self._due: list[tuple[Instant, str]] = []
        self.dirty: dict[str, None] = {}
        self.over: list[Trouble] = []
        self.adopt(inventory)

    @property
    def troubles(self) -> Mapping[str, Trouble]:
        return self._troubles

    def of(self, subject: str) -> Mapping[TroubleKind, str]:
        """Ids of the troubles of a device or place, by kind."""
        return self._of.get(subject, {})

    def known(self, subject: str, kind: TroubleKind) -> Trouble | None:
        name = self.of(subject).get(kind)
        return None if name is None else self._troubles[name]

    def is_news(self, subject: str, sign: Sign) -> bool:
        """Whether it would change anything."""
        known = self.known(subject, sign.kind)
        return sign.on is not (known is not None and sign.cause in known.causes)

    def folded(self, trouble_id: str) -> int:
        """How many devices it stands for now: those folded into it, and into what is folded into it."""
        inside = self._folded.get(trouble_id, ())
        return len(inside) + sum(self.folded(name) for name in inside)

    def next_due(self) -> Instant | None:
        heap = self._due
        while heap:
            at, name = heap[0]
            known = self._troubles.get(name)
            if known is not None and known.due_at == at:
                return at
            heapq.heappop(heap)
        return None

    def pop_due(self) -> Trouble:
        """The trouble that `next_due` tells of."""
        return self._troubles[heapq.heappop(self._due)[1]]

    def put(self, trouble: Trouble) -> None:
        self._troubles[trouble.id] = trouble
        self._of.setdefault(trouble.subject, {})[trouble.kind] = trouble.id
        self.dirty[trouble.id] = None
        if trouble.due_at is not None:
            heapq.heappush(self._due, (trouble.due_at, trouble.id))

    def adopt(self, inventory: Inventory) -> None:
        """Go on with another inventory; what follows from it and from the troubles is worked out anew."""
        self._inventory = inventory
        self._areas = Areas(inventory)
        self._via: dict[str, list[str]] = {}
        for device in inventory.devices.values():
            if device.via is not None:
                self._via.setdefault(device.via, []).append(device.id)
        self._folded = {}
        for trouble in self._troubles.values():
            if trouble.parent_id is not None:
                self._folded.setdefault(trouble.parent_id, {})[trouble.id] = None
        for trouble in self._troubles.values():
            if trouble.kind is TroubleKind.LOST and trouble.causes and not self._by_gateway(trouble):
                self._areas.put(trouble.subject, True)

    def restore(self, troubles: Iterable[Trouble]) -> None:
        for trouble in troubles:
            self.put(trouble)
        self.dirty.clear()
        self.adopt(self._inventory)

    # What changes them ------------------------------------------------------------------------------------

    def sign(self, device: Device, sign: Sign, said: Upkeep) -> None:
        """A cause of a kind of trouble is there, or is gone."""
        known = self.known(device.id, sign.kind)
        if known is not None:
            self._change(known, sign, said)
        elif sign.on:
            self._begin(sign, device.id, device.place_id, said.at)
            if sign.kind is TroubleKind.LOST:
                self._lose(device, said)

    def forget(self, subject: str, said: Upkeep) -> None:
        """The device has left the inventory."""
        for name in tuple(self.of(subject).values()):
            self._end(replace(self._troubles[name], stage=Stage.FOLDED), said)

    def move_on(self, trouble: Trouble, said: Upkeep) -> None:
        """The time of its stage has passed: it counts from now on, or it is over."""
        new = step(trouble, Trigger.DUE, said.at, 0)
        if new.stage is Stage.OVER:
            self._over(new, said)
            return
        self.put(replace(new, counted=True))
        said.events.append(
            e.TroubleBegan(
                id=said.stamp(),
                incident_id=new.id,
                at=said.at,
                trouble=new.kind,
                subject=new.subject,
                place_id=new.place_id,
                causes=new.causes,
                folded=self.folded(new.id),
            )
        )

    def _begin(self, sign: Sign, subject: str, place_id: str, at: Instant) -> Trouble:
        kind = sign.kind
        digest = blake2b(f"{kind.value}\x1f{subject}".encode(), digest_size=5).hexdigest()
        due_at = at + begins_for(kind, self._inventory.devices.get(subject), sign.cause)
        name = f"trb_{at:x}_{digest}"
        new = Trouble(name, kind, subject, place_id, at, due_at=due_at, causes=(sign.cause,))
        self.put(new)
        return new

    def _change(self, trouble: Trouble, sign: Sign, said: Upkeep) -> None:
        """A cause more, or one less; with the last one it ends."""
        if sign.on is (sign.cause in trouble.causes):
            return
        others = tuple(cause for cause in trouble.causes if cause != sign.cause)
        trouble = replace(trouble, causes=(*others, sign.cause) if sign.on else others)
        self.put(trouble)
        if not trouble.causes:
            self._end(trouble, said)
        elif not others:
            self.put(step(trouble, Trigger.BEGIN, said.at, 0))
            if trouble.kind is TroubleKind.LOST:
                self._lose(self._inventory.devices[trouble.subject], said)

    def _end(self, trouble: Trouble, said: Upkeep) -> None:
        new = step(trouble, Trigger.END, said.at, 0)
        if new.stage is Stage.OVER or new.due_at == said.at:
            self._over(new, said)
        else:
            self.put(new)
        if trouble.kind is TroubleKind.LOST:
            self._find(trouble.subject, said)

    def _over(self, trouble: Trouble, said: Upkeep) -> None:
        """Gone, and what it explained is on its own again. What never counted leaves no trace."""
        explained = self._folded.pop(trouble.id, {})
        self._drop(trouble)
        if trouble.counted:
            over = e.TroubleOver(id=said.stamp(), incident_id=trouble.id, at=said.at, folded=trouble.peak)
            said.events.append(over)
        if trouble.told_at is not None and trouble.parent_id is None:
            self.over.append(trouble)
        for name in sorted(explained):
            self._unfold(self._troubles[name], said)

    def _drop(self, trouble: Trouble) -> None:
        if trouble.parent_id is not None:
            self._folded.get(trouble.parent_id, {}).pop(trouble.id, None)
        del self._troubles[trouble.id]
        self.dirty[trouble.id] = None
        mine = self._of[trouble.subject]
        del mine[trouble.kind]
        if not mine:
            del self._of[trouble.subject]

    # What explains what -----------------------------------------------------------------------------------

    def _lost(self, device_id: str | None) -> Trouble | None:
        """The trouble of a device that is lost right now."""
        known = self.known(device_id, TroubleKind.LOST) if device_id is not None else None
        return known if known is not None and known.causes else None

    def _lose(self, device: Device, said: Upkeep) -> None:
        """Nothing is heard of it any more: its gateway's fault, or the area's, or its own."""
        for child in self._via.get(device.id, ()):
            self._fold(self._lost(child), self.known(device.id, TroubleKind.LOST), said)
        gateway = self._lost(device.via)
        if gateway is not None:
            self._fold(self._lost(device.id), gateway, said)
        else:
            self._areas.put(device.id, True)
            self._strike(device.id, said)

    def _strike(self, device_id: str, said: Upkeep) -> None:
        """The area takes what is lost in it, once enough is."""
        area = self._areas.struck(device_id)
        around = (self.known(one, TroubleKind.AREA) for one in reversed(self._areas.of(device_id)))
        known = next((one for one in around if one is not None and (one.causes or one.subject == area)), None)
        if known is not None:
            self._change(known, _STRUCK, said)
            self._fold(self._lost(device_id), known, said)
        elif area is not None:
            known = self._begin(_STRUCK, area, area, said.at)
            for subject in sorted(self._of):
                if area in self._areas.of(subject):
                    self._fold(self._lost(subject), known, said)
            for subject in sorted(self._of.keys() & self._inventory.tree.places.keys()):
                self._absorb(self.known(subject, TroubleKind.AREA), known, said)

    def _absorb(self, smaller: Trouble | None, into: Trouble, said: Upkeep) -> None:
        """A wider area has taken what a smaller one stood for."""
        if smaller is None or smaller.id == into.id:
            return
        self._folded.pop(smaller.id, None)
        self._drop(smaller)
        if smaller.counted:
            folded = e.TroubleFolded(id=said.stamp(), incident_id=smaller.id, at=said.at, into=into.id)
            said.events.append(folded)

    def _find(self, device_id: str, said: Upkeep) -> None:
        """It is heard again."""
        self._areas.put(device_id, False)
        for area in self._areas.of(device_id):
            known = self.known(area, TroubleKind.AREA)
            if known is not None and self._areas.recovered(area):
                self._change(known, _STRUCK._replace(on=False), said)

    def _by_gateway(self, trouble: Trouble) -> bool:
        parent = self._troubles.get(trouble.parent_id or "")
        return parent is not None and parent.kind is TroubleKind.LOST

    def _fold(self, trouble: Trouble | None, into: Trouble | None, said: Upkeep) -> None:
        """The larger trouble explains it; a gateway explains its devices better than the area does."""
        if trouble is None or into is None or trouble.parent_id == into.id or self._by_gateway(trouble):
            return
        new = step(trouble, Trigger.FOLD, said.at, 0)
        if new.stage is not Stage.FOLDED:
            return
        if trouble.parent_id is not None:
            self._folded.get(trouble.parent_id, {}).pop(trouble.id, None)
        self.put(replace(new, parent_id=into.id))
        inside = self._folded.setdefault(into.id, {})
        inside[trouble.id] = None
        known = self._troubles[into.id]
        if len(inside) > known.peak:
            self.put(replace(known, peak=len(inside)))
        if into.kind is TroubleKind.LOST:
            self._areas.put(trouble.subject, False)
        if trouble.counted:
            folded = e.TroubleFolded(id=said.stamp(), incident_id=trouble.id, at=said.at, into=into.id)
            said.events.append(folded)

    def _unfold(self, trouble: Trouble, said: Upkeep) -> None:
        """Its cause is gone: it has an interval of its own to come back, unless a smaller area takes it."""
        device = self._inventory.devices.get(trouble.subject)
        wait = max(UNFOLD_FOR, device.profile.missing_for(1)) if device else UNFOLD_FOR
        self.put(step(trouble, Trigger.UNFOLD, said.at, wait))
        if trouble.causes:
            self._areas.put(trouble.subject, True)
            self._strike(trouble.subject, said)


_STRUCK: Final = Sign(TroubleKind.AREA, "lost", True)
