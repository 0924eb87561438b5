"""Readings to edges of level: the pure engine. Time comes in as an argument and goes out as a deadline."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from devices.device import Device, DeviceMode
from devices.instant import Instant
from devices.inventory import Inventory
from devices.level import Level
from devices.quantity import QUANTITIES
from devices.reading import HISTORY, Reading, Trust
from rules.account import Account
from rules.cell import WEAK, Book, Cell, State, key_of
from rules.chain import Chain
from rules.crowd import Crowd, Gathering
from rules.judge import Judge, Last
from rules.kinds.corroborate import Corroborate
from rules.kinds.sequence import Sequence
from rules.selection import Member, check, crowds, selected, subject
from rules.spec import RuleSet, RuleSpec
from rules.tuning import Tunings
from rules.verdict import Transition

__all__ = ["Dropped", "Engine", "State", "check"]

_HISTORY = int(HISTORY)
_TEST = int(Trust.TEST)


class _Watch(NamedTuple):
    """Who wants to know of one quantity of one device, and what a working sensor can say."""

    low: float
    high: float
    cells: list[tuple[Cell, int]]


class _Count(NamedTuple):
    """One rule by place at one place: voice -> keys of its cells, live and in a drill."""

    rule: RuleSpec
    order: int
    place_id: str
    live: dict[str, tuple[str, ...]]
    drill: dict[str, tuple[str, ...]]


class Dropped(NamedTuple):
    """A state that no rule or device of now answers to: its level is unknown again."""

    state: State

    def transition(self, at: Instant) -> Transition:
        """The edge to unknown, for whoever believes that the old level stands."""
        state = self.state
        return Transition(
            state.rule_id,
            state.rule_version,
            state.hazard,
            state.subject,
            state.place_id,
            state.standing.level,
            Level.UNKNOWN,
            at,
            (),
            state.test,
        )


class Engine:
    """All rules on all devices of one inventory.

    Deterministic: the same readings and ticks give the same edges, also across `drain` and `restore`. The
    caller runs `tick` up to a record's time before it hands that record to `handle`.
    """

    STATE: Final = State

    def __init__(self, ruleset: RuleSet, inventory: Inventory) -> None:
        self._build(ruleset, inventory)

    # What comes in ----------------------------------------------------------------------------------------

    def handle(self, reading: Reading) -> tuple[Transition, ...]:
        """Edges that a reading causes, in the order of the rules; a rule by place after its cause.

        History (backfill, duplicate) has no effect. The caller's quantity is known or nobody watches it.
        """
        watch = self._watched.get((reading.device_id, reading.quantity))
        if watch is None:
            return ()
        value = reading.value
        if value is not None and not watch.low <= value <= watch.high:
            value = None  # a broken sensor knows nothing
        if reading.trust != 0 or self._unsettled:
            return self._handle_marked(watch, value, reading)
        edges: tuple[Transition, ...] = ()
        for cell, part in watch.cells:
            edge = cell.observe(part, value, reading)
            if edge is not None:
                edges += self._follow(edge)
            if cell.drill is not None:
                edges += self._end_drill(cell, reading)
        return edges

    def next_deadline(self) -> Instant | None:
        """When something is due, None while nothing is."""
        first = self._book.deadlines.first()
        return first[0] if first else None

    def tick(self, now: Instant) -> tuple[Transition, ...]:
        """Everything due until now, each edge at its own time."""
        edges = self._settle_crowds(now)
        while (first := self._book.deadlines.first()) is not None and first[0] <= now:
            at, key = first
            edge = self._cells[key].expire(at)
            if edge is not None:
                edges += self._follow(edge)
        return edges

    # What is kept -----------------------------------------------------------------------------------------

    def levels(self, device_id: str) -> dict[str, Level]:
        """Rule -> level, for every rule that watches the device; unknown until it was heard."""
        return {cell.rule.id: cell.level for cell in self._by_device.get(device_id, ())}

    def accounts(self, device_id: str, last: Last) -> tuple[Account, ...]:
        """Every rule on the device, and every one by place that hears of it, by its newest readings."""
        cells = dict.fromkeys(self._by_device.get(device_id, ()))
        found = []
        for cell in cells:
            assert cell.judge is not None
            gauges = tuple(cell.judge.gauges(cell.memories, last, cell.level))
            found.append(Account(cell.rule, cell.subject, cell.standing, gauges, cell.judge.watches))
        counts = {
            key_of(count.rule.id, count.place_id, False): count
            for cell in cells
            for count, _ in self._counts.get((cell.rule.id, device_id), ())
        }
        for key, count in counts.items():
            crowd = self._crowds.get(key) or self._unheard(count)
            found.append(Account(count.rule, count.place_id, crowd.cell.standing, (crowd.gauge(),)))
        return tuple(found)

    def _unheard(self, count: _Count) -> Gathering:
        """A place where nothing ever happened, for who asks; asking changes nothing."""
        cell = Cell(count.rule, None, count.place_id, count.place_id, False, count.order, Book({}))
        return _gathering(cell, count.live, self._cells)

    def drain(self) -> list[tuple[str, State | None]]:
        """What changed since the last drain, as immutable values; None for what is gone."""
        changed, self._book.dirty = self._book.dirty, {}
        cells = ((key, self._cells.get(key)) for key in changed)
        return [(key, cell.state() if cell is not None and cell.touched else None) for key, cell in cells]

    def entries(self) -> list[tuple[str, State]]:
        """Everything that differs from a fresh engine."""
        states = ((key, cell.state()) for key, cell in self._cells.items() if cell.touched)
        return list(states)

    def restore(self, entries: Iterable[tuple[str, State]]) -> tuple[Dropped, ...]:
        """Take over what a snapshot held. Answers with what was dropped because its rule changed or went,
        or its device did; `drain` then says that it is gone."""
        dropped, kept = [], set()
        for key, state in entries:
            cell = self._cell_for(state)
            if cell is None or not cell.fits(state):
                dropped.append(Dropped(state))
                self._book.dirty[key] = None
            else:
                cell.load(state)
                kept.add(cell.key)
        self._recount(set() if dropped else kept)
        return tuple(dropped)

    def adopt(self, ruleset: RuleSet, inventory: Inventory) -> tuple[Dropped, ...]:
        """Go on with other rules or another inventory; as `restore`, and nothing undrained is forgotten."""
        entries, dirty = self.entries(), self._book.dirty
        self._build(ruleset, inventory)
        self._book.dirty = dict(dirty)
        return self.restore(entries)

    # How it is done ---------------------------------------------------------------------------------------

    def _build(self, ruleset: RuleSet, inventory: Inventory) -> None:
        self._cells: dict[str, Cell] = {}
        self._book = Book(self._cells)
        self._watched: dict[tuple[str, str], _Watch] = {}
        self._by_device: dict[str, list[Cell]] = {}
        self._counts: dict[tuple[str, str], list[tuple[_Count, str]]] = {}
        self._places: dict[tuple[str, str], _Count] = {}
        self._crowds: dict[str, Gathering] = {}
        self._unsettled: list[Gathering] = []
        tunings = Tunings(inventory)
        for order, rule in enumerate(ruleset.rules):
            for device in selected(rule, inventory):
                self._add_cell(tunings.rule(rule, device), order, device, inventory)
            for place_id, members in crowds(rule, ruleset, inventory).items():
                self._add_count(rule, order, place_id, members)

    def _add_cell(self, rule: RuleSpec, order: int, device: Device, inventory: Inventory) -> None:
        """The device's own cell, or the one that it shares with others of its place."""
        judge = rule.judge
        assert isinstance(judge, Judge)
        whose = subject(judge, device, inventory)
        if whose is None:
            return
        test = device.mode is DeviceMode.TEST
        cell = self._cells.get(key_of(rule.id, whose[0], test))
        if cell is None:
            cell = Cell(rule, judge, *whose, test, order, self._book)
            self._cells[cell.key] = cell
        self._by_device.setdefault(device.id, []).append(cell)
        for part, name in enumerate(judge.watches):
            quantity = QUANTITIES[name]
            watch = self._watched.setdefault((device.id, name), _Watch(quantity.low, quantity.high, []))
            watch.cells.append((cell, part))

    def _add_count(self, rule: RuleSpec, order: int, place_id: str, members: list[Member]) -> None:
        def keys(test: bool) -> dict[str, tuple[str, ...]]:
            found: dict[str, tuple[str, ...]] = {}
            for rule_id, device, voice in members:
                if test or device.mode is DeviceMode.LIVE:
                    found[voice] = (*found.get(voice, ()), key_of(rule_id, device.id, test))
            return found

        count = _Count(rule, order, place_id, keys(False), keys(True))
        self._places[rule.id, place_id] = count
        for rule_id, device, voice in members:
            self._counts.setdefault((rule_id, device.id), []).append((count, voice))

    def _handle_marked(self, watch: _Watch, value: float | None, reading: Reading) -> tuple[Transition, ...]:
        """A reading that something weakens, or the first one after a restore."""
        edges = self._settle_crowds(reading.at)
        trust = int(reading.trust)
        if trust & _HISTORY:
            return edges
        for cell, part in watch.cells:
            heard = cell
            if trust & _TEST and not cell.test:
                heard = self._drill_of(cell)
            edge = (heard.observe_weak if trust & WEAK else heard.observe)(part, value, reading)
            if edge is not None:
                edges += self._follow(edge)
            if heard is cell and cell.drill is not None and not trust & WEAK:
                edges += self._end_drill(cell, reading)
        return edges

    def _drill_of(self, cell: Cell) -> Cell:
        """What a live device says under test stands beside what it says live."""
        if cell.drill is None:
            cell.drill = Cell(
                cell.rule, cell.judge, cell.subject, cell.place_id, True, cell.order, self._book
            )
            self._cells[cell.drill.key] = cell.drill
        return cell.drill

    def _end_drill(self, cell: Cell, reading: Reading) -> tuple[Transition, ...]:
        """A live reading that is no alarm ends what was said under test."""
        drill = cell.drill
        assert drill is not None
        if cell.level > Level.CLEAR and drill.level > Level.CLEAR:
            return ()
        edge = drill.end(cell.level, reading)
        cell.drill = None
        del self._cells[drill.key]
        self._book.dirty[drill.key] = None
        return () if edge is None else self._follow(edge)

    def _follow(self, edge: Transition) -> tuple[Transition, ...]:
        """An edge and what it means for the places where its device counts."""
        edges = [edge]
        for count, voice in self._counts.get((edge.rule_id, edge.subject), ()):
            crowd = self._crowd(count, edge.test)
            crowd.count(voice, edge.at)
            wider = crowd.settle(edge.at, edge)
            if wider is not None:
                edges.append(wider)
        return tuple(edges)

    def _crowd(self, count: _Count, test: bool) -> Gathering:
        key = key_of(count.rule.id, count.place_id, test)
        crowd = self._crowds.get(key)
        if crowd is None:
            cell = Cell(count.rule, None, count.place_id, count.place_id, test, count.order, self._book)
            self._cells[key] = cell
            members = count.drill if test else count.live
            crowd = self._crowds[key] = _gathering(cell, members, self._cells)
        return crowd

    def _cell_for(self, state: State) -> Cell | None:
        """The cell that a snapshot's state belongs to; made when it is one that comes and goes."""
        cell = self._cells.get(key_of(state.rule_id, state.subject, state.test))
        if cell is not None:
            return cell
        count = self._places.get((state.rule_id, state.subject))
        if count is not None:
            return self._crowd(count, state.test).cell
        live = self._cells.get(key_of(state.rule_id, state.subject, False)) if state.test else None
        return self._drill_of(live) if live is not None else None

    def _recount(self, sure: set[str]) -> None:
        """After a restore: every place where somebody is in alarm, or was. Those we are sure of are as they
        were; the others may have to follow what changed."""
        for cell in tuple(self._cells.values()):
            if cell.level > Level.CLEAR:
                for count, _ in self._counts.get((cell.rule.id, cell.subject), ()):
                    self._crowd(count, cell.test)
        for crowd in self._crowds.values():
            crowd.recount()
            if crowd.cell.key not in sure and not crowd.settled:
                self._unsettled.append(crowd)
        self._unsettled.sort(key=lambda crowd: (crowd.cell.order, crowd.cell.key))

    def _settle_crowds(self, at: Instant) -> tuple[Transition, ...]:
        """Places that changed rules left undecided, at the first time that we are told."""
        pending, self._unsettled = self._unsettled, []
        edges = (crowd.settle(at) for crowd in pending)
        return tuple(edge for edge in edges if edge is not None)


def _gathering(cell: Cell, members: dict[str, tuple[str, ...]], cells: dict[str, Cell]) -> Gathering:
    judge = cell.rule.judge
    if isinstance(judge, Sequence):
        return Chain(judge, cell, members, cells)
    assert isinstance(judge, Corroborate)
    return Crowd(judge, cell, members, cells)
