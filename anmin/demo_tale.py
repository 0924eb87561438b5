"""What the demonstration says while it runs: one line for each thing that happens, in words."""

from __future__ import annotations

from collections.abc import Callable

from alerts.incidents.events import Joined
from alerts.incidents.state import Incident
from anmin.view import Happening, View
from anmin.web.timeline import entries
from anmin.web.wording import Wording
from anmin.words import WORDS
from simulator.provider import Message

Say = Callable[[str], None]

UNTOLD = frozenset({"delivered", "changed", "verifying"})
"""Too many, or said by another line."""


class Tale:
    """Tells each event once, and the first message to a household of each kind as the telephone shows it."""

    def __init__(self, wording: Wording, say: Say) -> None:
        self._wording = wording
        self._say = say
        self._events: set[str] = set()
        self._letters: set[str] = set()

    async def follow(self, view: View) -> None:
        """Until cancelled."""
        revision = 0
        while True:
            revision = await view.changed(revision)
            for seen in tuple(view.incidents.values()):
                for event in seen.timeline:
                    self.event(seen.incident, event)

    def event(self, incident: Incident, event: Happening) -> None:
        again = isinstance(event, Joined) and not event.independent
        if event.id in self._events or event.kind in UNTOLD or again:
            return
        self._events.add(event.id)
        (entry,) = entries((event,), self._wording)
        who = f"{entry.who} · " if entry.who else ""
        place = self._wording.place(incident.place_id)
        self._say(f"{self._wording.clock(entry.at)} {place} · {who}{entry.text}")

    def letter(self, message: Message) -> None:
        """What a resident reads, in both languages, and the page on which the household answers."""
        data = message.data
        if data["audience"] != "resident" or data["purpose"] in self._letters:
            return
        self._letters.add(data["purpose"])
        zh, en = WORDS["demo.message"]
        head = zh if self._wording.language == "zh" else en
        lines = (*data["text"].splitlines(), data.get("reply_url", ""))
        body = "\n".join(f"    {line}" for line in lines if line)
        self._say(f"{head.format(place=self._wording.place(data['household']))}\n{body}")
