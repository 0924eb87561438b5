"""A ledger to test with, and the values that go into it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alerts.broadcasts.broadcast import AnySend, Audience, DrillSend, LiveSend, Purpose, Recipient, send_key
from alerts.incidents.events import Cleared, Event, Verifying
from alerts.incidents.state import Incident, Stage
from anmin.backends.disk import Reserve
from anmin.backends.ledger import Ledger, LedgerBroken
from devices.instant import Instant
from devices.level import Hazard, Level

DEADLINE = 1_000_000_000


def url_in(folder: Path) -> str:
    return f"sqlite:///{folder / 'ledger.db'}"


@asynccontextmanager
async def opened(
    url: str, broken: list[LedgerBroken] | None = None, reserve: Reserve | None = None
) -> AsyncIterator[Ledger]:
    ledger = Ledger.open(url, at=0, broken=(broken if broken is not None else []).append, reserve=reserve)
    try:
        yield ledger
    finally:
        await ledger.close()


def send(
    recipient: str = "wang",
    version: int = 1,
    *,
    incident: str = "i1",
    channel: str = "console",
    address: str = "a",
    drill: bool = False,
    at: Instant = 0,
    deadline_at: Instant = DEADLINE,
) -> AnySend:
    return (DrillSend if drill else LiveSend)(
        key=send_key(incident, version, f"{recipient}/{address}", channel),
        incident_id=incident,
        version=version,
        purpose=Purpose.ALERT,
        recipient=Recipient(recipient, Audience.DUTY, channel, address),
        title="火警",
        text="3号楼12层",
        data="{}",
        created_at=at,
        deadline_at=deadline_at,
    )


def happened(sequence: int, position: int = 0, incident: str = "i1") -> tuple[int, int, Event]:
    name = f"{incident}-{sequence}-{position}"
    if position % 2:
        return sequence, position, Verifying(id=name, incident_id=incident, at=sequence, until=sequence + 60)
    return sequence, position, Cleared(id=name, incident_id=incident, at=sequence)


def incident(name: str = "i1", *, at: Instant = 0, stage: Stage = Stage.ACTIVE) -> Incident:
    stages = ((Stage.ACTIVE, at),) + (((stage, at + 9),) if stage is Stage.CLOSED else ())
    return Incident(
        name, Hazard.FIRE, "b3", at, stage=stage, level=Level.ALARM, peak=Level.CRITICAL, stages=stages
    )
