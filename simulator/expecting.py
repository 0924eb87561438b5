"""What a script expects besides the score: so many incidents, people told, troubles, and an end."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.score import Case
from simulator.script import LEVELS, Expects, IncidentsForm, Script, ToldForm, TroublesForm
from simulator.world import World


def broken(script: Script, world: World) -> Iterator[Case]:
    """Every expectation that was not met, as a case of its own."""
    for expects in script.expect:
        if (why := _why(expects, world)) is not None:
            yield Case("broken", world.now, why)


def _why(expects: Expects, world: World) -> str | None:
    if expects.incidents is not None:
        return _incidents(expects.incidents, world)
    if expects.told is not None:
        return _told(expects.told, world)
    if expects.troubles is not None:
        return _troubles(expects.troubles, world)
    open_still = [one for one in world.levels.values() if one.open]
    if expects.closed is bool(open_still):
        names = ", ".join(f"{one.hazard} at {one.place}" for one in open_still) or "none"
        return f"closed: {expects.closed} was expected, open: {names}"
    return None


def _incidents(form: IncidentsForm, world: World) -> str | None:
    found = {
        one.incident
        for one in world.raisings
        if one.level >= LEVELS[form.level] and one.drill is form.drill and form.hazard in (None, one.hazard)
    }
    return _count(f"incidents {form.hazard or ''} {form.level}", len(found), form.at_least, form.at_most)


def _told(form: ToldForm, world: World) -> str | None:
    found = {
        one.recipient
        for one in world.notices
        if one.audience == form.audience and form.purpose in (None, one.purpose)
    }
    what = f"told {form.audience} {form.purpose or ''}"
    return _count(what, len(found), form.at_least, form.at_most)


def _troubles(form: TroublesForm, world: World) -> str | None:
    found = sum(one.kind == form.kind for one in world.troubles)
    return _count(f"troubles {form.kind}", found, form.at_least, form.at_most)


def _count(what: str, found: int, least: int, most: int | None) -> str | None:
    if found >= least and (most is None or found <= most):
        return None
    wanted = f"at least {least}" if most is None else f"{least} to {most}"
    return f"{' '.join(what.split())}: {found}, expected {wanted}"
