"""Supervision: every device under watch, what is wrong with it, what is told of that and when.

Pure, as the desk is: what was heard, commands and time come in, events and notices go out. A device that is
silent, low, broken, due or disobedient is a trouble and no incident; an alarm from it passes all the same.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

from alerts.incidents.command import Declined, Done
from alerts.troubles import events as e
from alerts.troubles.command import OwnTroubles, StartWalk, UpkeepCommand
from alerts.troubles.kind import DATED, OFFLINE, SILENT, TroubleKind
from alerts.troubles.notice import Line, compose
from alerts.troubles.standing import Stamp, Standing, Upkeep
from alerts.troubles.trouble import Stage, Trouble, again_at
from alerts.troubles.watch import SILENCE, STALE_AFTER, WALK_FOR, Sign, Walk, Watch, Watched
from devices.device import SENSING
from devices.instant import MINUTE, SECOND, Instant, Micros
from devices.inventory import Inventory
from devices.liveness import Facts
from devices.reading import Reading

GATHER_FOR: Final[Micros] = 10 * SECOND
"""What begins together is told together."""
NOTICE_EVERY_FOR: Final[Micros] = MINUTE

_BACK: Final = (Sign(TroubleKind.LOST, SILENT, False), Sign(TroubleKind.LOST, OFFLINE, False))
_GONE: Final = Sign(TroubleKind.LOST, OFFLINE, True)
_TESTED: Final = Sign(TroubleKind.TEST_DUE, "test", False)

Recall = Callable[[str], Facts | None]


class Memo(NamedTuple):
    """What concerns all devices. `floor`: we heard nothing ourselves until then. `over`: told troubles that
    ended since the last notice."""

    floor: Instant = 0
    version: int = 0
    told_at: Instant | None = None
    tell_at: Instant | None = None
    over: tuple[Line, ...] = ()


KEPT: Final[Mapping[str, type]] = {"trouble": Trouble, "device": Watched, "memo": Memo}
"""The first word of a key in a snapshot tells what its value is."""


class Supervision:
    """All devices of one inventory. `recall` gives what admission knows of a device."""

    def __init__(self, inventory: Inventory, recall: Recall) -> None:
        self._inventory = inventory
        self._recall = recall
        self._standing = Standing(inventory)
        self._watches: dict[str, Watch] = {}
        self._checks: list[tuple[Instant, str]] = []
        self._scheduled: dict[str, Instant] = {}
        self._first: str | None = None
        self._memo = Memo()
        self._dirty: dict[str, None] = {}

    # What is known ----------------------------------------------------------------------------------------

    @property
    def troubles(self) -> Mapping[str, Trouble]:
        """All that have begun and are not over, also those too new to count."""
        return self._standing.troubles

    def folded(self, trouble_id: str) -> int:
        """How many devices a trouble stands for beside its own."""
        return self._standing.folded(trouble_id)

    def counting(self, subject: str) -> tuple[Trouble, ...]:
        """The troubles of a device that are more than a beginning, explained ones too."""
        known = (self.troubles[name] for name in self._standing.of(subject).values())
        return tuple(one for one in known if one.stage is not Stage.BEGINNING)

    def proved_at(self, device_id: str) -> Instant | None:
        watch = self._watches.get(device_id)
        return watch.proved_at if watch else None

    def walk_of(self, device_id: str) -> Walk | None:
        """The test on foot that is under way: what the device says is kept from the rules meanwhile."""
        watch = self._watches.get(device_id)
        return watch.walk if watch else None

    # What comes in ----------------------------------------------------------------------------------------

    def heard(
        self, device_id: str, readings: Sequence[Reading], at: Instant, *, test: bool, stamp: Stamp
    ) -> Upkeep | None:
        """One message of a device, after admission. None where nothing came of it, which is the rule."""
        watch = self._watches.get(device_id)
        if watch is None:
            return None
        watch.is_sure = False
        if device_id == self._first:
            self._first = None
        wrong = self._standing.of(device_id)
        numbers = len(watch.steady)
        signs, proved, moved = watch.read(readings, wrong)
        if moved:
            self._dirty[device_id] = None
        facts = self._recall(device_id)
        if facts is not None and facts.reports_every_for != watch.every_for:
            watch.every_for = facts.reports_every_for
            self._schedule(watch)  # silence may be a fault earlier than it was
        live = facts is not None and facts.heard_at == at
        if facts is not None and facts.online is False:
            signs.append(_GONE)
        elif wrong and live and self._is_lost(device_id):
            signs += _BACK
            watch.back_at = at
            self._dirty[device_id] = None
        if wrong:
            signs = [sign for sign in signs if self._standing.is_news(device_id, sign)]
        proved = proved or (test and live)
        if not signs and not proved and watch.walk is None and len(watch.steady) == numbers:
            return None
        said = Upkeep(at, stamp)
        if watch.walk is not None:
            self._dirty[device_id] = None
            if watch.hold(readings, proved, at):
                said.events.append(e.WalkEnded(id=stamp(), incident_id=device_id, at=at, passed=True))
        if proved:
            self._prove(watch, said)
        for sign in signs:
            self._standing.sign(watch.device, sign, said)
        self._schedule(watch)  # what ended may begin again
        return self._settled(said)

    def operated(self, device_id: str, ok: bool, at: Instant, stamp: Stamp) -> Upkeep:
        """What became of a command to a device: one without result is a trouble until one works."""
        said = Upkeep(at, stamp)
        watch = self._watches.get(device_id)
        if watch is not None:
            if ok:
                self._prove(watch, said)
            self._standing.sign(watch.device, Sign(TroubleKind.COMMAND, "command", not ok), said)
            self._schedule(watch)
        return self._settled(said)

    def command(self, command: UpkeepCommand, at: Instant, stamp: Stamp) -> Upkeep:
        said = Upkeep(at, stamp)
        if isinstance(command, StartWalk):
            self._start_walk(command, said)
        else:
            self._own(command, said)
        return self._settled(said)

    def deaf_until(self, at: Instant) -> None:
        """We were away ourselves: silence before this says nothing."""
        self._remember(floor=at)
        self._first = None
        for watch in self._watches.values():
            watch.is_sure = False

    def review(self, inventory: Inventory, at: Instant, stamp: Stamp) -> Upkeep:
        """Another inventory is in force: new devices are watched from now on, those that went are over."""
        said = Upkeep(at, stamp)
        self._inventory = inventory
        for gone in self._watches.keys() - inventory.devices.keys():
            self._standing.forget(gone, said)
            del self._watches[gone]
            self._dirty[gone] = None
        self._standing.adopt(inventory)
        for device in inventory.devices.values():
            known = self._watches.get(device.id)
            if known is None or known.device != device:
                watch = self._watches[device.id] = Watch(device, known.state() if known else Watched(at))
                self._dirty[device.id] = None
                self._redate(watch, said)
                self._schedule(watch)
        return self._settled(said)

    def _redate(self, watch: Watch, said: Upkeep) -> None:
        """A device that was replaced, calibrated or given another date is due at another time."""
        dues = watch.dues(self._recall(watch.device.id), self._memo.floor)
        passed = {(sign.kind, sign.cause) for due, sign in dues if due <= said.at}
        for kind in sorted(DATED & self._standing.of(watch.device.id).keys()):
            known = self._standing.known(watch.device.id, kind)
            for cause in known.causes if known else ():
                if (kind, cause) not in passed:
                    self._standing.sign(watch.device, Sign(kind, cause, False), said)

    # What time brings -------------------------------------------------------------------------------------

    def next_deadline(self) -> Instant | None:
        """When something is due, None while nothing is. Asked for every record: what moved later is put
        back where it belongs only when its old time would be next."""
        soonest = self._next_check()
        for at in (self._standing.next_due(), self._memo.tell_at):
            if at is not None and (soonest is None or at < soonest):
                soonest = at
        return soonest

    def tick(self, now: Instant, stamp: Stamp) -> Upkeep:
        """Everything due until now, each at its own time."""
        said = Upkeep(now, stamp)
        while (at := self.next_deadline()) is not None and at <= now:
            said.at = at
            if self._memo.tell_at == at:
                self._tell(said)
            elif self._standing.next_due() == at:
                self._due(self._standing.pop_due(), said)
            else:
                self._check(self._watches[heapq.heappop(self._checks)[1]], said)
            self._settled(said)
        return said

    def _next_check(self) -> Instant | None:
        heap = self._checks
        while heap:
            at, device_id = heap[0]
            if self._first == device_id:
                return at
            watch = self._watches.get(device_id)
            if watch is None or self._scheduled.get(device_id) != at:
                heapq.heappop(heap)
            elif (due := self._check_at(watch)) is None:
                heapq.heappop(heap)
                del self._scheduled[device_id]
            elif due > at:
                heapq.heapreplace(heap, (due, device_id))
                self._scheduled[device_id] = due
            else:
                self._first = device_id
                return at
        return None

    def _check_at(self, watch: Watch) -> Instant | None:
        """When something begins by itself. Of nearly every device that is silence, which each message moves:
        the rest is not gone through again while it cannot be sooner."""
        if not watch.is_sure:
            facts, floor = self._recall(watch.device.id), self._memo.floor
            heard_at, silent_for = watch.heard_at(facts, floor), watch.silent_for(facts)
            watch.due_at = heard_at + silent_for
            if watch.due_at >= watch.others_at or self._standing.of(watch.device.id):
                ahead = list(self._ahead(watch))
                others = [at for at, sign in ahead if sign is not SILENCE]
                if watch.walk is not None:
                    others.append(watch.walk.until)
                watch.due_at = min((*others, *(at for at, _ in ahead)), default=None)
                # what it says for the first time from now on cannot be stale before this
                watch.others_at = min((*others, heard_at + STALE_AFTER * silent_for))
            watch.is_sure = True
        return watch.due_at

    def _ahead(self, watch: Watch) -> Iterator[tuple[Instant, Sign]]:
        """What begins by itself and has not begun."""
        name = watch.device.id
        for at, sign in watch.dues(self._recall(name), self._memo.floor, self._is_lost(name)):
            known = self._standing.known(name, sign.kind)
            if known is None or sign.cause not in known.causes:
                yield at, sign

    def _is_lost(self, device_id: str) -> bool:
        known = self._standing.known(device_id, TroubleKind.LOST)
        return known is not None and bool(known.causes)

    def _schedule(self, watch: Watch) -> None:
        """The earliest time at which something may begin; a later one is looked up when it is reached."""
        watch.is_sure, watch.others_at = False, 0
        name, due = watch.device.id, self._check_at(watch)
        if due is not None and due < self._scheduled.get(name, due + 1):
            self._scheduled[name] = due
            self._first = None
            heapq.heappush(self._checks, (due, name))

    def _check(self, watch: Watch, said: Upkeep) -> None:
        del self._scheduled[watch.device.id]
        self._first = None
        if watch.walk is not None and watch.walk.until <= said.at:
            self._end_walk(watch, watch.walk, said)
        for due, sign in tuple(self._ahead(watch)):
            if due <= said.at:
                self._standing.sign(watch.device, sign, said)
        self._schedule(watch)

    def _due(self, trouble: Trouble, said: Upkeep) -> None:
        """The time of its stage has passed; one that stands is told, for the first time or again."""
        if trouble.stage is Stage.STANDING:
            self._standing.put(replace(trouble, due_at=None))
            self._tell_soon(said.at)
        else:
            self._standing.move_on(trouble, said)

    # What people do ---------------------------------------------------------------------------------------

    def _own(self, command: OwnTroubles, said: Upkeep) -> None:
        wanted = command.trouble_ids or sorted(name for name, one in self.troubles.items() if one.stands)
        known = [self.troubles[name] for name in wanted if name in self.troubles]
        if len(known) < len(wanted):
            said.answer = Declined("no_such_trouble", "it is over, or there never was one of this id")
            return
        for trouble in known:
            owned = replace(trouble, acknowledged_by=command.by, acknowledged_at=said.at)
            if owned.stage is Stage.STANDING:
                owned = replace(owned, due_at=again_at(owned, said.at))
            self._standing.put(owned)
            said.events.append(
                e.TroubleAcknowledged(id=said.stamp(), incident_id=owned.id, at=said.at, by=command.by)
            )
        said.answer = Done(wanted[0] if wanted else "", "acknowledged")

    def _start_walk(self, command: StartWalk, said: Upkeep) -> None:
        name = command.device_id
        watch = self._watches.get(name)
        if watch is None:
            said.answer = Declined("no_such_device", f"no device {name}")
        elif watch.device.kind not in SENSING:
            said.answer = Declined("no_button", f"{name} cannot raise an alarm")
        elif watch.walk is not None:
            said.answer = Declined("under_way", f"{name} is being tested already")
        else:
            watch.walk = Walk(command.by, said.at + WALK_FOR)
            self._schedule(watch)
            self._dirty[name] = None
            said.events.append(e.WalkStarted(id=said.stamp(), incident_id=name, at=said.at, by=command.by))
            said.answer = Done(name, "walking")

    def _end_walk(self, watch: Watch, walk: Walk, said: Upkeep) -> None:
        """What the device says now counts again, an alarm too that did not end with the button."""
        watch.walk = None
        self._dirty[watch.device.id] = None
        said.released += tuple(reading._replace(at=said.at) for reading in walk.held)
        if walk.passed_at is None:
            said.events.append(
                e.WalkEnded(id=said.stamp(), incident_id=watch.device.id, at=said.at, passed=False)
            )

    def _prove(self, watch: Watch, said: Upkeep) -> None:
        watch.proved_at = said.at
        self._dirty[watch.device.id] = None
        if self._standing.known(watch.device.id, TroubleKind.TEST_DUE) is not None:
            self._standing.sign(watch.device, _TESTED, said)

    # What people are told ---------------------------------------------------------------------------------

    def _settled(self, said: Upkeep) -> Upkeep:
        """What people know of and is over goes into the next notice."""
        if over := self._standing.over:
            lines = tuple(Line(one.kind, one.subject, one.place_id, one.peak) for one in over)
            self._remember(over=(*self._memo.over, *lines))
            over.clear()
            self._tell_soon(said.at)
        return said

    def _tell_soon(self, at: Instant) -> None:
        if self._memo.tell_at is None:
            last = self._memo.told_at
            soonest = at + GATHER_FOR
            self._remember(tell_at=soonest if last is None else max(soonest, last + NOTICE_EVERY_FOR))

    def _tell(self, said: Upkeep) -> None:
        """One notice for all that is new, due again, or over."""
        known = sorted(self.troubles.values(), key=lambda one: one.id)
        due = [one for one in known if one.stage is Stage.STANDING and one.due_at is None]
        lines = [Line(one.kind, one.subject, one.place_id, self.folded(one.id)) for one in due]
        standing = sum(one.stands for one in known)
        version = self._memo.version + 1
        notice = compose(lines, self._memo.over, standing, self._inventory, said.at, version)
        self._remember(version=version, told_at=said.at, tell_at=None, over=())
        said.broadcasts.append(notice)
        for one, line in zip(due, lines, strict=True):
            told = replace(one, told_at=said.at)
            self._standing.put(replace(told, due_at=again_at(told, said.at)))
            said.events.append(
                e.TroubleTold(
                    id=said.stamp(), incident_id=one.id, at=said.at, version=version, folded=line.folded
                )
            )

    def _remember(self, **changes: Any) -> None:
        self._memo = self._memo._replace(**changes)
        self._dirty[""] = None

    # What is kept -----------------------------------------------------------------------------------------

    def drain(self) -> list[tuple[str, Watched | Trouble | Memo | None]]:
        """What changed since the last drain: `trouble <id>`, `device <id>`, `memo `; None is gone."""
        changed, self._dirty = self._dirty, {}
        troubles, self._standing.dirty = self._standing.dirty, {}
        watches = ((name, self._watches.get(name)) for name in changed if name)
        return [
            *((f"device {name}", watch.state() if watch else None) for name, watch in watches),
            *((f"trouble {name}", self.troubles.get(name)) for name in troubles),
            *([("memo ", self._memo)] if "" in changed else []),
        ]

    def restore(self, entries: Iterable[tuple[str, Watched | Trouble | Memo]]) -> None:
        """Take over what drains gave, the newest of each key; the inventory is the one that was in force."""
        troubles: list[Trouble] = []
        for key, value in entries:
            device = self._inventory.devices.get(key.partition(" ")[2])
            if isinstance(value, Memo):
                self._memo = value
            elif isinstance(value, Trouble):
                troubles.append(value)
            elif device is not None:
                self._watches[device.id] = Watch(device, value)
        self._standing.restore(troubles)
        for watch in self._watches.values():
            self._schedule(watch)
