"""What people do when their telephones ring: officers look, crews go, households answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from simulator.people import Member, Officer, People, Resident
from simulator.score import Notice
from simulator.world import World

CALLS: Final = ("notice", "alert", "evacuate", "grown", "escalate")
ENDS: Final = ("all_clear", "retract")
TRIES_EVERY_S: Final = 120.0
TRIES: Final = 60


class Crowd:
    """Everybody, listening to what a world is told."""

    def __init__(self, world: World, people: People) -> None:
        self._world = world
        self._people = people
        self._busy: set[tuple[str, str]] = set()
        self._going: set[str] = set()
        self._chance = world.chance("crowd")
        world.listen(self._told)

    def _told(self, notice: Notice) -> None:
        match notice.audience:
            case "duty":
                self._officer(notice)
            case "crew":
                self._crew(notice)
            case "resident":
                self._household(notice)
            case "device":
                self._device(notice)

    # The duty room ----------------------------------------------------------------------------------------

    def _officer(self, notice: Notice) -> None:
        officer = self._people.officers.get(notice.recipient)
        if officer is None or notice.purpose not in CALLS or officer.acknowledges_after_s is None:
            return
        if not self._first(notice.incident, officer.id):
            return
        self._later(
            officer.acknowledges_after_s, lambda: self._act(notice.incident, "acknowledge", officer.id)
        )
        self._later(
            officer.acknowledges_after_s + officer.knows_after_s, lambda: self._knows(notice, officer)
        )

    def _knows(self, notice: Notice, officer: Officer) -> None:
        """They called the household, or looked: it is real, or it is not."""
        known = self._world.levels.get(notice.incident)
        if known is None or not known.open:
            return
        if self._world.was_real(known.hazard, known.place):
            self._act(notice.incident, "confirm", officer.id)
            if notice.incident not in self._going:
                self._act(notice.incident, "dispatch", officer.id)
            self._tries(notice.incident, officer.id, "real", 0)
        else:
            self._tries(notice.incident, officer.id, "drill" if known.drill else "false_device", 0)

    def _tries(self, incident: str, who: str, disposition: str, attempt: int) -> None:
        """Close it as soon as that is possible: what is real, when it is over."""
        known = self._world.levels.get(incident)
        if known is None or not known.open or attempt > TRIES:
            return
        goes_on = bool(self._world.about(known.hazard, known.place))
        if goes_on:
            disposition = "real"
        else:
            self._act(incident, "acknowledge", who)
            self._act(incident, "close", who, disposition=disposition)
        self._later(TRIES_EVERY_S, lambda: self._tries(incident, who, disposition, attempt + 1))

    # The crew ---------------------------------------------------------------------------------------------

    def _crew(self, notice: Notice) -> None:
        member = self._people.crew.get(notice.recipient)
        if member is None:
            return
        self._receipt(notice, 1.0, "delivered")
        if notice.purpose not in CALLS or member.accepts_after_s is None:
            return
        if self._first(notice.incident, member.id):
            self._later(member.accepts_after_s, lambda: self._accepts(notice.incident, member))

    def _accepts(self, incident: str, member: Member) -> None:
        if incident in self._going or not self._world.is_open(incident):
            return
        self._going.add(incident)
        self._act(incident, "accept", member.id)
        self._later(member.arrives_after_s, lambda: self._arrives(incident, member))

    def _arrives(self, incident: str, member: Member) -> None:
        if not self._world.is_open(incident):
            return
        self._act(incident, "arrive", member.id)
        self._later(self._chance.uniform(*self._people.ends_s), lambda: self._ends(incident, member))

    def _ends(self, incident: str, member: Member) -> None:
        known = self._world.levels.get(incident)
        if known is None or not known.open:
            return
        for going in self._world.about(known.hazard, known.place):
            self._world.end(going)
        self._act(incident, "contain", member.id)

    # Households and devices -------------------------------------------------------------------------------

    def _household(self, notice: Notice) -> None:
        person = self._people.homes.get(notice.household)
        if person is None:
            return
        self._receipt(notice, min(2.0, person.sees_after_s), "delivered")
        if person.answer == "none":
            return
        self._receipt(notice, person.sees_after_s, "seen")
        if notice.purpose not in ENDS and self._first(notice.incident, person.home):
            self._later(person.answers_after_s, lambda: self._answers(notice, person))

    def _answers(self, notice: Notice, person: Resident) -> None:
        if self._world.is_open(notice.incident):
            self._act(
                notice.incident, "respond", person.home, household_id=notice.household, reply=person.answer
            )

    def _device(self, notice: Notice) -> None:
        unit = self._world.units.get(notice.recipient)
        works = unit is not None and not unit.dead
        self._receipt(notice, 0.5 if works else 20.0, "delivered" if works else "failed")

    # ------------------------------------------------------------------------------------------------------

    def _first(self, incident: str, who: str) -> bool:
        known = (incident, who) in self._busy
        self._busy.add((incident, who))
        return not known

    def _later(self, seconds: float, work: Callable[[], None]) -> None:
        self._world.after(seconds, work)

    def _act(self, incident: str, verb: str, by: str, **more: str) -> None:
        self._world.out.act(incident, verb, by, **more)

    def _receipt(self, notice: Notice, seconds: float, state: str) -> None:
        self._later(seconds, lambda: self._world.out.receipt(notice, state))
