"""`anmin replay messages`: a recorded night played to the service as it is set up, with every way out shut.

Rules, community and dialects are those of the settings; the data directory is a throw-away one, the clock
is the recording's. Nothing is sent.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from alerts.incidents.state import Incident
from anmin.clock import Clock, PacedClock
from anmin.prepare import prepare
from anmin.sections import Ledger
from anmin.wiring import Running, service
from devices.instant import MINUTE, SECOND, rfc3339
from ingest.sources.replay import Recorded, ReplaySource, read

AFTER_FOR = 2 * MINUTE
"""How long after the last message is waited for what is still under way: holds, windows."""
STARTING_SPEED = 0.01
"""Of the clock until the service is up, so that the recording begins at its own time."""
TELL_EVERY = 10_000


class NothingRecorded(ValueError):
    """The file has no message."""


@dataclass(frozen=True, slots=True)
class Raised:
    """One incident that the recording leads to."""

    id: str
    hazard: str
    place: str
    level: str
    stage: str
    opened_at: str
    sources: int
    messages: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """`refused`: messages by the reason why they were not understood."""

    messages: int
    first_at: str
    last_at: str
    refused: Mapping[str, int]
    incidents: tuple[Raised, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


async def replay_messages(
    recording: Sequence[Recorded], config: Path | None, *, speed: float, out: Callable[[str], None]
) -> Replayed:
    """Raises NothingRecorded, NotReady, and what a service cannot be started with."""
    if not recording:
        raise NothingRecorded("there is no message in it; record with mosquitto_sub -t '#' -F %j")
    with tempfile.TemporaryDirectory(prefix="anmin-replay-") as folder:
        flags = {
            "site.data_dir": f"{folder}/data",
            "web.port": 0,
            "mqtt.url": "",
            "logging.level": "warning",
        }
        prepared = prepare(config, os.environ, flags)
        settings = prepared.settings.model_copy(
            update={"ledger": Ledger()}
        )  # never the one that is worked with
        clock = PacedClock(STARTING_SPEED, recording[0].at - SECOND, Clock())
        source = ReplaySource(recording, clock)
        async with service(
            settings, prepared.inventory_body, prepared.rules_body, scaled=clock, recording=source
        ) as running:
            clock.pace(speed)
            source.begin.set()
            await _play(source, running, recording, out)
            return _report(running, recording)


def read_file(path: Path) -> list[Recorded]:
    """Raises OSError, NotRecorded."""
    with path.open(encoding="utf-8", errors="surrogateescape") as file:
        return read(file)


def told(found: Replayed) -> str:
    """For people: a line for each incident, and what was not understood."""
    lines = [
        f"{one.opened_at}  {one.hazard:<10} {one.level:<9} {one.place}  "
        f"(sources {one.sources}, messages {one.messages}, now {one.stage})"
        for one in found.incidents
    ]
    refused = ", ".join(f"{number} {reason}" for reason, number in found.refused.items()) or "none"
    lines.append(
        f"{found.messages} messages from {found.first_at} to {found.last_at}: "
        f"incidents {len(found.incidents)}, not taken: {refused}"
    )
    return "\n".join(lines)


async def _play(
    source: ReplaySource, running: Running, recording: Sequence[Recorded], out: Callable[[str], None]
) -> None:
    last = 0
    while not source.ended.is_set() or running.taken < source.played:
        await running.clock.sleep_until(running.clock.now() + SECOND)
        if source.played - last >= TELL_EVERY:
            last = source.played
            out(f"{rfc3339(running.clock.now())}: {told} of {len(recording)} messages")
    await running.clock.sleep_until(max(running.clock.now(), recording[-1].at) + AFTER_FOR)


def _report(running: Running, recording: Sequence[Recorded]) -> Replayed:
    counted = running.metrics.registry.restricted_registry(["anmin_ingest_messages_total"])
    results = {
        sample.labels["result"]: int(sample.value)
        for metric in counted.collect()
        for sample in metric.samples
        if sample.name.endswith("_total") and sample.value
    }
    seen = sorted(running.view.incidents.values(), key=lambda one: one.incident.opened_at)
    raised = tuple(
        _raised(running, one.incident, sum(event.kind == "announced" for event in one.timeline))
        for one in seen
    )
    return Replayed(
        len(recording),
        rfc3339(recording[0].at),
        rfc3339(recording[-1].at),
        {name: number for name, number in results.items() if name != "reading"},
        raised,
    )


def _raised(running: Running, incident: Incident, messages: int) -> Raised:
    return Raised(
        incident.id,
        incident.hazard.value,
        running.view.inventory.tree.name(incident.place_id, "en"),
        incident.peak.word,
        incident.stage.value,
        rfc3339(incident.opened_at),
        len(incident.sources),
        messages,
    )
