"""The same records are the same history: in a second monitor, and across a restart after any of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.command import (
    Accept,
    Acknowledge,
    Arrive,
    Close,
    Command,
    Confirm,
    Contain,
    Dispute,
    Reopen,
    Resolve,
    Respond,
)
from alerts.incidents.events import Disposition, Reply
from anmin import houses
from anmin.codec import dump
from anmin.house import House
from anmin.monitor import CAUGHT_UP, START, Effects, Monitor
from devices.instant import SECOND, Instant, rfc3339
from devices.inventory import Inventory
from ingest.message import Record, RecordKind
from rules.spec import RuleSet
from tests.support.community import T0, home, inventory, places
from tests.support.memory import Memory, by_signature, handle, said
from tests.support.monitor import TERMS, dialects, house
from tests.support.rulebook import pack

DAY = 24 * 3600.0
GAPS = (0.0, 0.5, 1.0, 9.5, 10.0, 31.0, 60.0, 61.0, 179.0, 301.0, 3600.0, DAY, DAY + 3600.0)
HOME = house()
OTHERS = (
    replace(HOME, rules=RuleSet.of(pack("fire").rules)),
    replace(HOME, terms=replace(TERMS, verify_for=20 * SECOND, tiers=(30 * SECOND,))),
    House(
        Inventory.of(
            "c",
            "smaller",
            places(),
            [device for device in inventory().devices.values() if device.id not in ("smoke-301", "gas-301")],
        ),
        pack(),
        TERMS,
    ),
)
HOUSES = by_signature(HOME, *OTHERS)

DEVICES = ("smoke-301", "smoke-302", "heat-301", "gas-301", "smoke-401", "x-1", "x-2")
VALUES: dict[str, tuple[float | bool | None, ...]] = {
    "smoke_alarm": (True, False, None),
    "gas_alarm": (True, False),
    "heat_alarm": (True, False),
    "smoke_obscuration_db_per_m": (0.0, 0.12, 0.5),
    "temperature_c": (20.0, 31.0, 40.0, 60.0),
    "gas_lel_percent": (0.0, 6.0, 15.0, 25.0),
}
MARKS = ((), (), (), ("retain",), ("queued",), ("dup",))
VERBS: tuple[Callable[[str], Command], ...] = (
    lambda name: Acknowledge(incident_id=name, by="duty-1"),
    lambda name: Confirm(incident_id=name, by="duty-1"),
    lambda name: Dispute(incident_id=name, by="duty-1", reason="toast"),
    lambda name: Accept(incident_id=name, by="crew-1", via="crew"),
    lambda name: Arrive(incident_id=name, by="crew-1", via="crew"),
    lambda name: Contain(incident_id=name, by="crew-1", via="crew"),
    lambda name: Resolve(incident_id=name, by="duty-1"),
    lambda name: Reopen(incident_id=name, by="duty-1"),
    lambda name: Close(incident_id=name, by="duty-1", disposition=Disposition.REAL),
    lambda name: Close(incident_id=name, by="duty-1", disposition=Disposition.FALSE_COOKING),
    lambda name: Respond(
        incident_id=name, by="r-301", via="resident", household_id=home(3), reply=Reply.HELP
    ),
)


class Says(NamedTuple):
    """A native message; `again` says the last event once more, byte for byte."""

    device: str
    quantity: str
    value: float | bool | None
    event: bool
    marks: tuple[str, ...] = ()
    test: bool = False
    age_s: float = 0.0
    again: bool = False


class Zigbee(NamedTuple):
    name: str
    body: str
    dup: bool = False


class Asks(NamedTuple):
    verb: int
    which: int


class Became(NamedTuple):
    which: int
    state: State


class Happens(NamedTuple):
    """START, CAUGHT_UP, a tick, or another house by its number."""

    what: str
    house: int = 0


Step: TypeAlias = Says | Zigbee | Asks | Became | Happens
Timed: TypeAlias = tuple[float, Step]


@st.composite
def says(draw: st.DrawFn) -> Says:
    quantity = draw(st.sampled_from(sorted(VALUES)))
    return Says(
        draw(st.sampled_from(DEVICES)),
        quantity,
        draw(st.sampled_from(VALUES[quantity])),
        draw(st.booleans()),
        draw(st.sampled_from(MARKS)),
        draw(st.integers(0, 9)) == 0,
        draw(st.sampled_from((0.0, 0.0, 5.0, 3 * DAY))),
        draw(st.integers(0, 9)) == 0,
    )


BODIES = ('{"smoke":true}', '{"smoke":false,"battery":80}', '{"gas":true}', "{", '{"smoke":"x"}')
happens = st.one_of(
    st.sampled_from([Happens("tick"), Happens(START), Happens(CAUGHT_UP)]),
    st.builds(Happens, st.just("version"), st.integers(0, len(OTHERS))),
)
steps: st.SearchStrategy[Step] = st.one_of(
    says(),
    says(),
    says(),
    st.builds(Zigbee, st.sampled_from(["hall", "attic"]), st.sampled_from(BODIES), st.booleans()),
    st.builds(Asks, st.integers(0, len(VERBS) - 1), st.integers(0, 2)),
    st.builds(Asks, st.integers(0, len(VERBS) - 1), st.integers(0, 2)),
    st.builds(Became, st.integers(0, 40), st.sampled_from(list(State))),
    happens,
)
stories = st.lists(st.tuples(st.sampled_from(GAPS), steps), min_size=1, max_size=14)


class Author:
    """Writes the log while a first monitor lives through it: commands name incidents that there are."""

    def __init__(self) -> None:
        self.monitor = Monitor(HOME, dialects())
        self.effects: list[Effects] = []
        self.now: Instant = T0
        self._last_event = ("anmin/c/smoke-301/event", b"{}")

    def live(self, story: Sequence[Timed]) -> None:
        for gap, step in story:
            self.now += round(gap * SECOND)
            record = self._record(step)
            if record is not None:
                self.effects.append(handle(self.monitor, record, HOUSES))

    @property
    def records(self) -> list[Record]:
        return [effects.record for effects in self.effects]

    def _record(self, step: Step) -> Record | None:
        match step:
            case Says():
                return self._message(step)
            case Zigbee(name, body, dup):
                record = self._new(RecordKind.MESSAGE, f"zigbee2mqtt/{name}", body.encode())
                return record._replace(dup=dup)
            case Asks(verb, which):
                names = sorted(self.monitor.desk.incidents) or ["inc_none"]
                command = VERBS[verb](names[which % len(names)])
                return self._new(RecordKind.COMMAND, "token", dump(command).encode())
            case Became(which, state):
                return self._outcome(which, state)
            case Happens("version", number):
                new = (HOME, *OTHERS)[number]
                return self._new(RecordKind.VERSION, "version", houses.signature(new).encode())
            case Happens("tick"):
                return self._new(RecordKind.TICK, "tick", b"")
            case Happens(what):
                return self._new(RecordKind.EPOCH, what, b"")

    def _message(self, step: Says) -> Record:
        topic, payload = self._last_event
        if not step.again:
            topic = f"anmin/c/{step.device}/{'event' if step.event else 'reading'}"
            payload = self._body(step)
        if step.event:
            self._last_event = (topic, payload)
        return self._new(RecordKind.MESSAGE, topic, payload)._replace(
            retain="retain" in step.marks, dup="dup" in step.marks, queued="queued" in step.marks
        )

    def _body(self, step: Says) -> bytes:
        number = len(self.effects) + 1
        said = {
            "v": 1,
            "boot": 1,
            "seq": number,
            "at": rfc3339(self.now - round(step.age_s * SECOND)),
            "values": {step.quantity: step.value},
            "test": step.test,
        }
        return json.dumps(said | ({"id": f"e{number}"} if step.event else {})).encode()

    def _outcome(self, which: int, state: State) -> Record | None:
        sends = [send for one in self.effects for b in one.broadcasts for send in b.sends]
        if not sends:
            return None
        send = sends[which % len(sends)]
        outcome = SendOutcome(send.incident_id, send.key, send.recipient.id, send.recipient.channel, state)
        return self._new(RecordKind.OUTCOME, send.key, dump(outcome).encode())

    def _new(self, kind: RecordKind, topic: str, payload: bytes) -> Record:
        return Record(len(self.effects) + 1, self.now, kind, "test", topic, payload)


def assert_same(monitor: Monitor, effects: Sequence[Effects], author: Author) -> None:
    for ours, theirs in zip(said(effects), said(author.effects), strict=True):
        assert ours == theirs
    assert monitor.desk.incidents == author.monitor.desk.incidents
    for name in author.monitor.desk.incidents:
        assert monitor.desk.told(name) == author.monitor.desk.told(name)
    assert monitor.next_deadline() == author.monitor.next_deadline()


RECURRENCE: Sequence[Timed] = [
    (0.0, Says("smoke-301", "smoke_alarm", True, True)),
    (1.0, Says("smoke-301", "smoke_alarm", False, True)),
    (1.0, Asks(9, 0)),
    (DAY + 3600.0, Says("gas-301", "gas_lel_percent", 15.0, True)),
    (1.0, Says("smoke-301", "smoke_alarm", True, True)),
]
"""An alarm where one was closed so long ago that it is no longer at hand."""

REPETITION: Sequence[Timed] = [(0.0, Zigbee("hall", BODIES[0])), (9.5, Zigbee("hall", BODIES[0], dup=True))]
"""A broker that sends again what it has no acknowledgement for."""


MANY = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(stories)
def test_the_same_records_are_the_same_history(story: Sequence[Timed]) -> None:
    author = Author()
    author.live(story)
    monitor = Monitor(HOME, dialects())
    effects = [handle(monitor, record, HOUSES) for record in author.records]
    assert_same(monitor, effects, author)
    ids = [event.id for one in effects for _, _, event in one.events]
    keys = [send.key for one in effects for b in one.broadcasts for send in b.sends]
    assert len(ids) == len(set(ids))
    assert len(keys) == len(set(keys))


@MANY
@given(stories)
@example(RECURRENCE)
@example(REPETITION)
def test_a_restart_after_any_record_changes_nothing(story: Sequence[Timed]) -> None:
    """After each record the monitor is one that was made from JSON; only what changed was written."""
    author = Author()
    author.live(story)
    memory, monitor = Memory(), Monitor(HOME, dialects())
    effects = []
    for record in author.records:
        effects.append(handle(monitor, record, HOUSES))
        memory.keep(monitor)
        monitor = memory.restored(monitor.house)
    assert_same(monitor, effects, author)


@MANY
@given(stories, st.data())
def test_a_restart_after_one_record_changes_nothing(story: Sequence[Timed], data: st.DataObject) -> None:
    """As a stop does: all that changed since the start is written once."""
    author = Author()
    author.live(story)
    cut = data.draw(st.integers(0, len(author.records)), label="restart after")
    memory, monitor = Memory(), Monitor(HOME, dialects())
    effects = [handle(monitor, record, HOUSES) for record in author.records[:cut]]
    memory.keep(monitor)
    monitor = memory.restored(monitor.house)
    effects += [handle(monitor, record, HOUSES) for record in author.records[cut:]]
    assert_same(monitor, effects, author)
