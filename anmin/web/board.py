"""The board as values: which rows, in which order (R7), and what is counted beside them."""

from __future__ import annotations

import zlib
from typing import NamedTuple

from alerts.incidents.events import Announced
from alerts.incidents.state import Incident, Stage
from anmin.view import IncidentView, View
from anmin.web.wording import Wording
from devices.instant import SECOND, Instant
from devices.level import Hazard, Level
from devices.liveness import Liveness
from rules.verdict import Evidence

LATE_FOR = 10 * SECOND
"""Older data gets a bar (R21)."""
STALE_FOR = 30 * SECOND
"""Older data is not shown as the present."""
RECENT = 10
FACTS = 2


class Row(NamedTuple):
    """One incident, one row (R8, R9)."""

    id: str
    level: Level
    hazard: Hazard
    place: str
    facts: tuple[str, ...]
    opened_at: Instant
    ended_at: Instant | None
    owner: str
    stage: Stage
    condition: str
    households: int
    drill: bool
    age_unknown: bool
    again: bool
    disposition: str
    said: str  # one sentence to be heard

    @property
    def unacknowledged(self) -> bool:
        return self.ended_at is None and not self.owner


class Counts(NamedTuple):
    unacknowledged: int
    open: int
    silent: int
    unknown: int
    inbox: int
    troubles: int
    heard: int
    devices: int


class Board(NamedTuple):
    open: tuple[Row, ...]
    closed: tuple[Row, ...]
    counts: Counts
    drill: bool


def urgency(incident: Incident) -> tuple[bool, int, int]:
    """Unacknowledged first, then level; oldest first while nobody has it, newest first afterwards (R7)."""
    waiting = incident.ack is None
    return (not waiting, -int(incident.peak), incident.opened_at if waiting else -incident.opened_at)


def board(view: View, wording: Wording) -> Board:
    everything = list(view.incidents.values())
    live = sorted((each for each in everything if each.incident.is_open), key=lambda v: urgency(v.incident))
    over = sorted(
        (each for each in everything if not each.incident.is_open),
        key=lambda v: -(ended_at(v.incident) or v.incident.opened_at),
    )
    return Board(
        open=tuple(row(each, wording) for each in live),
        closed=tuple(row(each, wording) for each in over[:RECENT]),
        counts=counts(view),
        drill=any(each.incident.drill for each in live),
    )


def waiting(view: View, wording: Wording) -> tuple[Row, ...]:
    """Open and taken by nobody, the most urgent first."""
    found = (each for each in view.incidents.values() if each.incident.is_open and each.incident.ack is None)
    return tuple(row(each, wording) for each in sorted(found, key=lambda v: urgency(v.incident)))


def row(seen: IncidentView, wording: Wording) -> Row:
    incident = seen.incident
    place = wording.place(incident.place_id)
    return Row(
        id=incident.id,
        level=incident.peak,
        hazard=incident.hazard,
        place=place,
        facts=tuple(wording.fact(fact) for fact in telling(incident)),
        opened_at=incident.opened_at,
        ended_at=ended_at(incident),
        owner=wording.person(incident.ack.by) if incident.ack else "",
        stage=incident.stage,
        condition=incident.condition.value,
        households=households_told(seen),
        drill=incident.drill,
        age_unknown=incident.age_unknown,
        again=incident.again_of is not None,
        disposition=incident.disposition.value if incident.disposition else "",
        said=_said(incident, place, wording),
    )


def _said(incident: Incident, place: str, wording: Wording) -> str:
    """`Ⅰ级 红 3号楼2单元12层1203 火警 已告警 未确认`: another sentence is news to be spoken."""
    words = [wording.level(incident.peak), place, wording.hazard(incident.hazard)]
    words.append(wording.t(f"stage.{incident.stage.value}"))
    if incident.is_open:
        who = incident.ack and wording.t("owned_by", name=wording.person(incident.ack.by))
        words.append(who or wording.t("owner_none"))
    return " ".join(words)


def ended_at(incident: Incident) -> Instant | None:
    return None if incident.is_open else incident.reached_stage_at(Stage.CLOSED)


def telling(incident: Incident) -> tuple[Evidence, ...]:
    """The newest fact of each quantity, of the highest standing first."""
    standings = sorted(incident.standings, key=lambda standing: (-int(standing.level), -standing.since_at))
    found: dict[str, Evidence] = {}
    for standing in standings:
        for fact in reversed(standing.evidence):
            found.setdefault(fact.quantity, fact)
    return tuple(found.values())[:FACTS]


def households_told(seen: IncidentView) -> int:
    """Households in the audience so far."""
    told = {delivery.recipient.household_id for delivery in seen.deliveries} - {None}
    planned = (event.households for event in seen.timeline if isinstance(event, Announced))
    return max(len(told), max(planned, default=0))


def counts(view: View) -> Counts:
    live = [device.liveness for device in view.devices.values()]
    unheard = len(view.inventory.devices.keys() - view.devices.keys())
    standing = [each.incident for each in view.incidents.values() if each.incident.is_open]
    return Counts(
        unacknowledged=sum(incident.ack is None for incident in standing),
        open=len(standing),
        silent=live.count(Liveness.SILENT),
        unknown=live.count(Liveness.UNKNOWN) + unheard,
        inbox=len(view.inbox),
        troubles=sum(each.trouble.stands for each in view.troubles.values()),
        heard=live.count(Liveness.HEARD),
        devices=len(live) + unheard,
    )


def digest(view: View) -> str:
    """Changes when what the pages show changes; not with every reading."""
    shown = (
        [
            (key, len(seen.timeline), len(seen.deliveries), hash(seen.deliveries))
            for key, seen in view.incidents.items()
        ],
        counts(view),
        view.health,
        view.demo_grade,
        view.inventory.version,
    )
    return f"{zlib.crc32(repr(shown).encode()):08x}"


def freshness(view: View, now: Instant) -> str:
    """`fresh`, `late` or `stale`: how old what we show is."""
    age = now - view.now
    if age > STALE_FOR:
        return "stale"
    return "late" if age > LATE_FOR else "fresh"
