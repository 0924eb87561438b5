"""The words of one message: what, where, when, by which source, what to do; for one reader in one language.

Names come from people's files and devices, so they are cleaned before they stand in a message (requirement
S16), and nobody but staff and the household itself learns more of a place than its floor.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from alerts.broadcasts import advice, lexicon
from alerts.broadcasts.audience import is_confirmed, touched
from alerts.broadcasts.broadcast import Audience, Purpose
from alerts.broadcasts.lexicon import Pair
from alerts.incidents.events import Disposition
from alerts.incidents.state import Incident, Stage, Standing
from devices.instant import HOUR, Instant, Micros, moment
from devices.inventory import Inventory
from devices.level import Hazard
from devices.place import Place, PlaceKind
from devices.quantity import QUANTITIES, QuantityKind
from rules.verdict import Evidence

CHINA_STANDARD: Micros = 8 * HOUR
NAME_LIMIT: Final = 60
"""Characters of one name; what is longer is cut."""
NAMED: Final = 3
"""Places or sources named one by one; the rest are counted."""
SPOKEN_PLACE_LIMIT: Final = 24

DRILL: Final = Pair("【演练】", "[DRILL]")
_MARK = re.compile(r"[【〔［\[]\s*(?:演\s*练|drill)\s*[\]］〕】]", re.IGNORECASE)
_NOT_A_DRILL = re.compile(
    r"(?:不\s*是|并\s*非|非)\s*演\s*[练練习習]|(?:no|not|n['’]t|never)\s+(?:an?\s+|the\s+)?drill",
    re.IGNORECASE,
)
_NOTHING = Pair("", "")
_STAFF = (Audience.DUTY, Audience.CREW, Audience.PARTNER)
_MOVES = (Purpose.EVACUATE, Purpose.GROWN)


class Words(NamedTuple):
    title: str
    text: str


def render(
    incident: Incident,
    purpose: Purpose,
    audience: Audience,
    language: str,
    inventory: Inventory,
    at: Instant,
    *,
    household_id: str | None = None,
    tier: int = 0,
    elsewhere: bool = False,
    utc_offset_for: Micros = CHINA_STANDARD,
) -> Words:
    """What one kind of reader is told in `zh` or, for every other language, in English.

    For `Audience.DEVICE` the text is what a loudspeaker says: 10 to 30 s of speech. `at` is said as the
    community's local time. `household_id` is the reader's own, for residents. `elsewhere`: another incident
    still concerns the reader.
    """
    author = _Author(incident, purpose, audience, language, inventory, household_id, tier, elsewhere)
    clock = moment(at + utc_offset_for).strftime("%H:%M")
    text = author.voice() if audience is Audience.DEVICE else author.message(clock)
    return author.marked(Words(author.title(), text))


@lru_cache(maxsize=8_192)
def clean(name: str, limit: int = NAME_LIMIT) -> str:
    """A name on one line, without control, bidirectional, zero-width or private characters or drill marks.

    Kept, for an incident of a hundred detectors names them all to each of its readers.
    """
    spaced = "".join(" " if sign in "\n\r\t\v\f\x85\u2028\u2029" else sign for sign in name)
    shown = "".join(sign for sign in spaced if not unicodedata.category(sign).startswith("C"))
    return _without(_MARK, " ".join(shown.split()))[:limit].strip()


def is_insider(incident: Incident, audience: Audience, household_id: str | None) -> bool:
    """Staff, and people of a household where it is; everybody else learns the floor and no more."""
    return audience in _STAFF or household_id in incident.places


def floor_of(place: Place, inventory: Inventory) -> Place:
    """What a neighbour needs to know of a household."""
    if place.kind is PlaceKind.HOUSEHOLD and place.parent_id is not None:
        return inventory.tree.get(place.parent_id)
    return place


def _without(pattern: re.Pattern[str], text: str) -> str:
    """Until none is left: what stood around one may form another."""
    while pattern.search(text):
        text = pattern.sub("", text)
    return text


@dataclass(frozen=True)
class _Author:
    incident: Incident
    purpose: Purpose
    audience: Audience
    language: str
    inventory: Inventory
    household_id: str | None
    tier: int
    elsewhere: bool

    def title(self) -> str:
        roman = self.incident.peak.roman
        level = Pair(f"{roman}级 ", f"Level {roman} ") if roman and not self.purpose.ends_it else _NOTHING
        said = self._say(
            lexicon.TITLE,
            level=self._say(level),
            purpose=self._say(self._headline()),
            hazard=self._say(lexicon.HAZARD[self.incident.hazard]),
            place=self.where(),
        )
        return said[:1].upper() + said[1:]

    def _headline(self) -> Pair:
        """Nobody is to come down into water."""
        dry = self.incident.hazard is Hazard.FLOOD and self.purpose is Purpose.EVACUATE
        return lexicon.KEEP_OUT if dry else lexicon.PURPOSE[self.purpose]

    def message(self, clock: str) -> str:
        return self._say(
            lexicon.MESSAGE,
            what=self.what(),
            place=self.where(),
            time=clock,
            source=self.source(),
            do=self.do(),
        )

    def voice(self) -> str:
        """What a loudspeaker says; one place is enough for those who hear it there."""
        spoken = advice.SPOKEN_OVER if self.purpose.ends_it else advice.SPOKEN[self.incident.hazard]
        place = self._places()[0][:SPOKEN_PLACE_LIMIT]
        return self._say(lexicon.VOICE, place=place, what=self.what(), do=self._say(spoken))

    def marked(self, words: Words) -> Words:
        """A drill says so at both ends, and never says that it is none (promise P26)."""
        if not self.incident.drill:
            return words
        mark = self._say(DRILL)
        gap = "" if self.language == "zh" else " "
        return Words(*(f"{mark}{gap}{_without(_NOT_A_DRILL, said)}{gap}{mark}" for said in words))

    # What happened ----------------------------------------------------------------------------------------

    def what(self) -> str:
        said = self._event()
        if self.purpose is Purpose.GROWN:
            said = self._say(lexicon.GROWN, what=said)
        elif self.purpose is Purpose.ESCALATE:
            said = self._say(self._lead(), what=said, tier=self.tier)
        if self.audience in _STAFF and not self.purpose.ends_it:
            said += self._say(lexicon.AGE_UNKNOWN) if self.incident.age_unknown else ""
            said += self._say(lexicon.AGAIN) if self.incident.again_of else ""
        return said

    def _lead(self) -> Pair:
        """Why it is told again: nobody owns it, or whoever does waits for the crew in vain."""
        if self.incident.ack is None:
            return lexicon.NOBODY if self.tier > 0 else lexicon.NEWEST
        return lexicon.LATE[self.incident.overdue[-1]] if self.incident.overdue else lexicon.NEWEST

    def _event(self) -> str:
        incident, facts = self.incident, self._facts()
        hazard = self._say(lexicon.HAZARD[incident.hazard])
        kind = self._kind(facts[0]) if facts else self._say(lexicon.SOME_DETECTOR)
        match self.purpose:
            case Purpose.ALL_CLEAR:
                return self._say(lexicon.OVER, hazard=hazard)
            case Purpose.RETRACT:
                return self._say(lexicon.DOUBLE if self._doubled else lexicon.FALSE, hazard=hazard)
            case Purpose.NOTICE:
                level = self._say(lexicon.LEVEL[incident.peak])
                said = self._say(lexicon.NOTICED, kind=kind, level=level)
            case _:
                said = self._say(self._certainty(), kind=kind)
        return said[:1].upper() + said[1:]

    def _certainty(self) -> Pair:
        what = lexicon.WHAT[self.incident.hazard]
        if is_confirmed(self.incident):
            return what.confirmed
        looking = self.incident.stage is Stage.VERIFYING and self.purpose not in _MOVES
        return what.checking if looking else what.unverified

    @property
    def _doubled(self) -> bool:
        """Closed because another incident says the same: its messages still hold."""
        return self.incident.disposition is Disposition.DUPLICATE

    # Where ------------------------------------------------------------------------------------------------

    def where(self) -> str:
        return self._listed(self._places())

    def _places(self) -> tuple[str, ...]:
        tree = self.inventory.tree
        known = touched(self.incident, self.inventory)
        shown = known if self._insider else [floor_of(place, self.inventory) for place in known]
        named = (clean(tree.name(place.id, self.language)) or place.id for place in shown)
        return tuple(dict.fromkeys(named))

    @cached_property
    def _insider(self) -> bool:
        return is_insider(self.incident, self.audience, self.household_id)

    # By which source --------------------------------------------------------------------------------------

    def source(self) -> str:
        return self._listed(tuple(dict.fromkeys(self._source(fact) for fact in self._facts())))

    def _facts(self) -> tuple[Evidence, ...]:
        """The newest fact of each device, of what was most urgent first."""
        ranked = sorted(self.incident.standings, key=lambda standing: -int(standing.peak))
        newest: dict[str, Evidence] = {}
        for standing in ranked:
            for fact in reversed(standing.evidence or (_nothing_measured(standing),)):
                newest.setdefault(fact.device_id, fact)
        return tuple(newest.values())

    def _source(self, fact: Evidence) -> str:
        name, measured = self._device(fact) or self._kind(fact), self._measured(fact)
        return self._say(lexicon.MEASURED, name=name, measured=measured) if measured else name

    def _device(self, fact: Evidence) -> str:
        """What people call it, which may hold somebody's name; empty for those who hear only its kind."""
        if not self._insider or self.audience is Audience.PARTNER:
            return ""
        device = self.inventory.devices.get(fact.device_id)
        if device is not None:
            return clean(device.name(self.language))
        return f"{self._say(lexicon.UNKNOWN_DEVICE)} {clean(fact.device_id.removeprefix('unknown:'))}"

    def _kind(self, fact: Evidence) -> str:
        device = self.inventory.devices.get(fact.device_id)
        if device is None:
            return self._say(lexicon.UNKNOWN_DEVICE)
        return self._say(lexicon.KIND.get(device.kind, lexicon.SOME_DETECTOR))

    def _measured(self, fact: Evidence) -> str:
        quantity = QUANTITIES.get(fact.quantity)
        if quantity is None:
            return clean(fact.quantity)
        label = quantity.zh if self.language == "zh" else quantity.en
        if fact.value is None:
            return label + self._say(Pair("未知", " unknown"))
        if quantity.kind is not QuantityKind.NUMBER:
            return label
        return f"{label} {fact.value:.6g} {quantity.unit}".strip()

    # What to do -------------------------------------------------------------------------------------------

    def do(self) -> str:
        if self.purpose is Purpose.RETRACT and self._doubled:
            return self._say(advice.OTHER_ONE)
        match self.audience:
            case Audience.CREW:
                return self._say(self._crew())
            case Audience.PARTNER:
                return self._say(advice.PARTNER_BACK if self.purpose.ends_it else advice.PARTNER)
            case Audience.DUTY:
                return self._duty()
        if self.purpose.ends_it and self.elsewhere:
            return self._say(advice.ELSEWHERE)
        if self.purpose is Purpose.RETRACT:
            return self._say(advice.STAY)
        return self._say(self._step(advice.RESIDENT[self.incident.hazard]))

    def _crew(self) -> Pair:
        if self.purpose is Purpose.NOTICE:
            return advice.LOOK
        return advice.CREW_BACK if self.purpose.ends_it else advice.CREW[self.incident.hazard]

    def _duty(self) -> str:
        if self.purpose is Purpose.NOTICE:
            return self._say(advice.LOOK)
        if self.purpose is Purpose.RETRACT:
            return self._say(advice.RESET)
        do = self._say(self._step(advice.DUTY[self.incident.hazard]))
        return self._say(advice.TAKE_OVER, do=do) if self.purpose is Purpose.ESCALATE else do

    def _step(self, known: advice.Advice) -> Pair:
        if self.purpose is Purpose.ALL_CLEAR:
            return known.clear
        return known.act if self.purpose in _MOVES or is_confirmed(self.incident) else known.check

    # ------------------------------------------------------------------------------------------------------

    def _say(self, pair: Pair, **values: object) -> str:
        said = pair.said(self.language)
        return said.format(**values) if values else said

    def _listed(self, names: Iterable[str]) -> str:
        every = tuple(names)
        chinese = self.language == "zh"
        said = ("、" if chinese else "; ").join(every[:NAMED])
        if len(every) > NAMED:
            said += f"等{len(every)}处" if chinese else f" and {len(every) - NAMED} more"
        return said


def _nothing_measured(standing: Standing) -> Evidence:
    """A subject that spoke without saying what it measured."""
    return Evidence(standing.subject, "", None, None, standing.since_at, 0)
