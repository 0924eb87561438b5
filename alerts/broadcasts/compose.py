"""One purpose of one incident made into sends: for everybody concerned, keyed, worded, with a deadline."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from alerts.broadcasts.audience import audience, touched
from alerts.broadcasts.broadcast import (
    Audience,
    Broadcast,
    DrillSend,
    LiveSend,
    Purpose,
    Recipient,
    send_key,
)
from alerts.broadcasts.message import CHINA_STANDARD, Words, clean, floor_of, is_insider, render
from alerts.incidents.state import Incident
from devices.device import DeviceKind
from devices.instant import MINUTE, Instant, Micros, rfc3339
from devices.inventory import Inventory
from devices.level import Level
from devices.place import Place
from devices.resident import Contact

ALERT_WITHIN: Micros = 10 * MINUTE
ESCALATE_WITHIN: Micros = 5 * MINUTE
ENDING_WITHIN: Micros = 30 * MINUTE

_SPEAKER, _SOUNDER = DeviceKind.LOUDSPEAKER.value, DeviceKind.SOUNDER.value


def compose(
    incident: Incident,
    purpose: Purpose,
    inventory: Inventory,
    at: Instant,
    *,
    version: int,
    tier: int = 0,
    told: Sequence[Recipient] = (),
    elsewhere: Collection[str] = (),
    partners: Sequence[Contact] = (),
    utc_offset_for: Micros = CHINA_STANDARD,
) -> Broadcast:
    """What everybody is sent. The sends of a drill are `DrillSend`, all others `LiveSend` (promise P26).

    `elsewhere` names whom another incident still concerns: this one's end is not all they have to know.
    """
    to = audience(
        incident,
        purpose,
        inventory,
        tier=tier,
        told=told,
        partners=partners,
        at=at,
        utc_offset_for=utc_offset_for,
    )
    writer = _Writer(incident, purpose, inventory, at, version, tier, elsewhere, utc_offset_for)
    sends = tuple(writer.send(who, key) for who, key in zip(to, _keys(incident.id, version, to), strict=True))
    return Broadcast(incident.id, version, purpose, incident.drill, sends)


def deadline(purpose: Purpose, at: Instant) -> Instant:
    """When it is too late to say it: an alarm of half an hour ago misleads, an ending still helps."""
    if purpose.ends_it:
        return at + ENDING_WITHIN
    return at + (ESCALATE_WITHIN if purpose is Purpose.ESCALATE else ALERT_WITHIN)


def _keys(incident_id: str, version: int, recipients: Sequence[Recipient]) -> Iterator[str]:
    """One key each; a second address on the same channel is part of its key."""
    seen: set[tuple[str, str]] = set()
    for who in recipients:
        again = (who.id, who.channel) in seen
        seen.add((who.id, who.channel))
        channel = f"{who.channel}\x1f{who.address}" if again else who.channel
        yield send_key(incident_id, version, who.id, channel)


@dataclass(frozen=True, slots=True)
class _Writer:
    incident: Incident
    purpose: Purpose
    inventory: Inventory
    at: Instant
    version: int
    tier: int
    elsewhere: Collection[str]
    utc_offset_for: Micros
    _known: dict[tuple[Audience, str, str | None, bool], Words] = field(default_factory=dict)

    def send(self, who: Recipient, key: str) -> LiveSend | DrillSend:
        words = self._words(who)
        make = DrillSend if self.incident.drill else LiveSend
        return make(
            key=key,
            incident_id=self.incident.id,
            version=self.version,
            purpose=self.purpose,
            recipient=who,
            title=words.title,
            text=words.text,
            data=self._data(who, words),
            created_at=self.at,
            deadline_at=deadline(self.purpose, self.at),
            urgent=self.purpose is not Purpose.NOTICE,
        )

    def _words(self, who: Recipient) -> Words:
        """All of the reader's languages; what is neither Chinese nor English is told in English."""
        reads = dict.fromkeys("zh" if language == "zh" else "en" for language in who.languages or ("zh",))
        said = [self._said(who, language) for language in reads]
        return Words(" / ".join(words.title for words in said), "\n".join(words.text for words in said))

    def _said(self, who: Recipient, language: str) -> Words:
        """The same for all neighbours, so it is worked out once."""
        reader = Audience.DUTY if who.channel == _SOUNDER else who.audience
        own = who.household_id if who.household_id in self.incident.places else None
        concerned = who.id in self.elsewhere
        key = (reader, language, own, concerned)
        if key not in self._known:
            self._known[key] = render(
                self.incident,
                self.purpose,
                reader,
                language,
                self.inventory,
                self.at,
                household_id=own,
                tier=self.tier,
                elsewhere=concerned,
                utc_offset_for=self.utc_offset_for,
            )
        return self._known[key]

    def _data(self, who: Recipient, words: Words) -> str:
        facts = self._command(who, words) if who.audience is Audience.DEVICE else self._facts(who)
        return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))

    def _facts(self, who: Recipient) -> dict[str, object]:
        incident, place = self.incident, self._place(who)
        tree = self.inventory.tree
        return {
            "v": 1,
            "incident_id": incident.id,
            "hazard": incident.hazard.value,
            "level": incident.peak.word,
            "place_id": place.id,
            "place": {language: clean(tree.name(place.id, language)) for language in ("zh", "en")},
            "purpose": self.purpose.value,
            "version": self.version,
            "drill": incident.drill,
            "at": rfc3339(self.at),
        }

    def _place(self, who: Recipient) -> Place:
        """Where it is, as exactly as this reader may know."""
        place = touched(self.incident, self.inventory)[0]
        if is_insider(self.incident, who.audience, who.household_id):
            return place
        return floor_of(place, self.inventory)

    def _command(self, who: Recipient, words: Words) -> dict[str, object]:
        """What a siren, loudspeaker or sounder is asked to do (docs/reference/channels.md)."""
        stop = self.purpose.silences
        return {
            "action": "stop" if stop else ("speak" if who.channel == _SPEAKER else "sound"),
            "pattern": "" if stop else self._pattern(who),
            "text": words.text if who.channel == _SPEAKER else "",
            "incident_id": self.incident.id,
        }

    def _pattern(self, who: Recipient) -> str:
        """A drill is never the tone of the real thing, and urgent sounds unlike the rest (rule R16)."""
        if self.incident.drill:
            return "drill"
        if who.channel != _SOUNDER:
            return "evacuate"
        return "alarm" if self.incident.peak >= Level.ALARM else "attention"
