"""Facts as people say them, in one language: times, places, levels, readings, names."""

from __future__ import annotations

from dataclasses import dataclass

from anmin.web.words import t
from devices.device import Device
from devices.instant import HOUR, MINUTE, SECOND, Instant, Micros, moment
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.place import UnknownPlace
from devices.quantity import QUANTITIES, Quantity, QuantityKind
from rules.verdict import Evidence

_TROUBLES = {
    "telemetry refused: no space": "trouble_no_space",
    "low": "trouble_low",
    "not started yet": "trouble_starting",
}
"""What anmin.vitals says in fixed words; the rest, errors of systems and libraries, is shown as it came."""


@dataclass(frozen=True, slots=True)
class Wording:
    """Bound to a language, to what is known, and to the community's offset from UTC."""

    language: str
    inventory: Inventory
    offset_for: Micros

    def t(self, key: str, **fields: object) -> str:
        return t(key, self.language, **fields)

    def clock(self, at: Instant) -> str:
        """`14:02:11`, local; 0 is never."""
        if not at:
            return "--:--:--"
        return moment(at + self.offset_for).strftime("%H:%M:%S")

    def day_clock(self, at: Instant) -> str:
        """`11-23 14:02:11`, local."""
        return moment(at + self.offset_for).strftime("%m-%d %H:%M:%S")

    def day(self, at: Instant) -> str:
        """`2026-11-23`, local."""
        return moment(at + self.offset_for).strftime("%Y-%m-%d")

    def iso(self, at: Instant) -> str:
        """For the `datetime` attribute, with the community's offset."""
        hours, minutes = divmod(abs(self.offset_for) // MINUTE, 60)
        sign = "-" if self.offset_for < 0 else "+"
        local = moment(at + self.offset_for).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{local}{sign}{hours:02d}:{minutes:02d}"

    def span(self, length: Micros) -> str:
        """`00:03:12`; hours go on beyond a day."""
        seconds = max(0, length) // SECOND
        return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"

    def roughly(self, length: Micros) -> str:
        """`40 s`, `12 min`, `3 h`, `3 d`."""
        for unit, name in ((24 * HOUR, "days"), (HOUR, "hours"), (MINUTE, "minutes")):
            if length >= 2 * unit:
                return self.t(name, n=length // unit)
        return self.t("seconds", n=max(0, length) // SECOND)

    def limit(self, length: Micros) -> str:
        """`3 min`, `90 s`: exact, for a time that was agreed on."""
        return (
            self.t("seconds", n=length // SECOND)
            if length % MINUTE
            else self.t("minutes", n=length // MINUTE)
        )

    def level(self, level: Level) -> str:
        """`Ⅱ级 橙`; one without a number is called by its word."""
        if not level.roman:
            return self.t(f"level.{level.word}")
        return self.t("level_long", roman=level.roman, word=self.t(f"colour.{level.word}"))

    def level_short(self, level: Level) -> str:
        return f"{level.roman} {self.t(f'colour.{level.word}')}" if level.roman else self.level(level)

    def hazard(self, hazard: Hazard) -> str:
        """As a heading or a sentence begins."""
        return begun(self.t(f"hazard.{hazard.value}"))

    def begun(self, text: str) -> str:
        return begun(text)

    def verb(self, verb: str) -> str:
        """As a button says it."""
        return begun(self.t(f"verb.{verb}"))

    def channel(self, channel: str) -> str:
        return self.known(f"channel.{channel}", channel)

    def part(self, part: str) -> str:
        """A part of the system that has a state of health."""
        return self.known(f"part.{part}", part)

    def trouble(self, part: str, detail: str) -> str:
        """What is wrong with it: for the channels, which ones."""
        if part != "channels":
            return self.t(_TROUBLES[detail]) if detail in _TROUBLES else detail
        return self.t("comma").join(self._failing(name) for name in detail.split(", "))

    def _failing(self, channel: str) -> str:
        """The crew's page is not broken: nobody has it open."""
        name = self.channel(channel)
        return self.t("trouble_no_crew", channel=name) if channel == "crew" else name

    def known(self, key: str, otherwise: str) -> str:
        """The word for what others may have added to; their own name when there is none."""
        try:
            return self.t(key)
        except KeyError:
            return otherwise

    def place(self, place_id: str) -> str:
        """The id itself when nobody knows the place: still better than nothing."""
        try:
            return self.inventory.tree.name(place_id, self.language)
        except UnknownPlace:
            return place_id

    def community(self) -> str:
        try:
            home = self.inventory.tree.get(self.inventory.community_id)
        except UnknownPlace:
            return self.inventory.community_id
        return home.zh if self.language == "zh" else home.en

    def subject(self, subject: str) -> str:
        """A device's name, else a place's, else the id."""
        device = self.device(subject)
        return device.name(self.language) if device else self.place(subject)

    def device(self, device_id: str) -> Device | None:
        """One of now, else one that is no more."""
        known = self.inventory.devices.get(device_id)
        return known or next((one for one in self.inventory.retired if one.id == device_id), None)

    def located(self, subject: str) -> str:
        """A device with its place: of its kind there may be hundreds."""
        device = self.device(subject)
        if device is None:
            return self.place(subject)
        return self.t("at_place", what=device.name(self.language), place=self.place(device.place_id))

    def station(self, station_id: str) -> str:
        for station in self.inventory.stations:
            if station.id == station_id:
                return station.zh if self.language == "zh" else station.en
        return station_id

    def person(self, who: str) -> str:
        """A responder, a resident, a household, the system, or the account's own name."""
        if who == "system":
            return self.t("system")
        for responder in self.inventory.responders:
            if responder.id == who:
                return responder.name
        for resident in self.inventory.residents:
            if resident.id == who:
                return resident.name
        return self.place(who)

    def quantity(self, name: str) -> str:
        known = QUANTITIES.get(name)
        return name if known is None else self._label(known)

    def value(self, name: str, value: float | None) -> str:
        """With its unit; an unknown value says so (R22)."""
        known = QUANTITIES.get(name)
        if value is None:
            return self.t("value_unknown")
        if known is not None and known.kind is QuantityKind.ALARM:
            return self.t("value_on" if value else "value_off")
        if known is not None and known.kind in (QuantityKind.CONDITION, QuantityKind.STATE):
            return self.t("condition_on" if value else "condition_off")
        return f"{value:.6g} {known.unit if known else ''}".strip()

    def fact(self, evidence: Evidence) -> str:
        """`可燃气体浓度 22 %LEL`; an alarm bit needs no value."""
        known = QUANTITIES.get(evidence.quantity)
        if known is not None and known.kind is QuantityKind.ALARM and evidence.value:
            return self._label(known)
        return f"{self.quantity(evidence.quantity)} {self.value(evidence.quantity, evidence.value)}"

    def _label(self, quantity: Quantity) -> str:
        return quantity.zh if self.language == "zh" else quantity.en


def begun(text: str) -> str:
    """With a capital letter, as sentences and buttons begin."""
    return text[:1].upper() + text[1:]
