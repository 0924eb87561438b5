"""A desk on a timeline: edges, commands and time in, what was said out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import count

from alerts.broadcasts.broadcast import Audience, Broadcast, LiveSend, Purpose, Recipient, send_key
from alerts.incidents.command import Answer, Command
from alerts.incidents.desk import Desk, Said, Stamp
from alerts.incidents.events import Event
from alerts.incidents.state import Incident
from alerts.response.plan import plans
from devices.instant import Instant
from devices.inventory import Inventory
from rules.verdict import Transition
from tests.support.community import inventory


def plain_compose(
    incident: Incident,
    purpose: Purpose,
    at: Instant,
    version: int,
    told: Sequence[Recipient],
    elsewhere: Collection[str],
) -> Broadcast:
    """One duty officer is told everything; an ending goes to whoever was told."""
    duty = Recipient("duty-1", Audience.DUTY, "console", "duty")
    to = tuple(told) if purpose.ends_it else () if purpose is Purpose.OWNED else (duty,)
    sends = tuple(
        LiveSend(
            send_key(incident.id, version, who.id, who.channel),
            incident.id,
            version,
            purpose,
            who,
            purpose.value,
            purpose.value,
            "{}",
            at,
            at + 600_000_000,
        )
        for who in to
    )
    return Broadcast(incident.id, version, purpose, incident.drill, sends)


class Timeline:
    """Runs a desk; every input is one record, as in the log."""

    def __init__(self, known: Inventory | None = None) -> None:
        self.inventory = known or inventory()
        self.desk = Desk(self.inventory, plans(), plain_compose)
        self.events: list[Event] = []
        self.purposes: list[Purpose] = []
        self.sequence = count(1)

    def edge(self, transition: Transition) -> Said:
        self.until(transition.at)
        sequence, stamp = self._record()
        return self._note(self.desk.handle(transition, sequence, stamp))

    def ask(self, command: Command, at: Instant) -> Answer:
        self.until(at)
        said = self._note(self.desk.command(command, at, self._record()[1]))
        assert said.answer is not None
        return said.answer

    def until(self, at: Instant) -> Said:
        return self._note(self.desk.tick(at, self._record()[1]))

    def only(self) -> Incident:
        """The one incident there is."""
        (incident,) = self.desk.incidents.values()
        return incident

    def kinds(self) -> list[str]:
        return [event.kind for event in self.events]

    def _note(self, said: Said) -> Said:
        self.events.extend(said.events)
        self.purposes.extend(broadcast.purpose for broadcast in said.broadcasts)
        return said

    def _record(self) -> tuple[int, Stamp]:
        sequence = next(self.sequence)
        numbers = count(1)
        return sequence, lambda: f"{sequence}-{next(numbers)}"
