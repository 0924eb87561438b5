"""From a script to a world: what begins where and when, and what is true of it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final, TypeAlias

from devices.instant import SECOND, Instant, instant
from simulator import failing
from simulator.crowd import Crowd
from simulator.felt import CABLE_C, NOTHING, Felt
from simulator.hazards import co, gas
from simulator.hazards.battery import LEAST_VENT_S, MOST_VENT_S, STAIRWELL, Battery
from simulator.hazards.cable import Joint, Leakage, Load
from simulator.hazards.flood import Basement, Shower, Street
from simulator.hazards.nuisance import NUISANCES
from simulator.life import Life, hours_of
from simulator.people import Habits, People
from simulator.places import place_of
from simulator.script import (
    LEVELS,
    CableForm,
    CoForm,
    DrillForm,
    FireForm,
    GasForm,
    Happens,
    LeakageForm,
    NuisanceForm,
    OldForm,
    PipeForm,
    RainForm,
    Real,
    Script,
    TownForm,
    chosen,
)
from simulator.sources import (
    BurstPipe,
    Cause,
    Curve,
    Gas,
    Monoxide,
    Pressed,
    Rain,
    room_fire,
    stair_fire,
)
from simulator.town import Plan, Town, town
from simulator.truth import Nature, Truth
from simulator.unit import Unit
from simulator.voice import Values
from simulator.world import SETTLES_S, Outside, World

_VENT_GONE_S: Final = 600.0
OFFICERS: Final = ("sun-li", "zhou-wei", "wu-min")
DAY_ONE: Final = "2026-07-01T{}:00+08:00"
_BIT: Final = {"smoke": "smoke_alarm", "heat": "heat_alarm", "gas": "gas_alarm", "co": "co_alarm"}
_HAZARD: Final = {"smoke": "fire", "heat": "fire", "gas": "gas", "co": "co"}


def begins_at(script: Script) -> Instant:
    return instant(datetime.fromisoformat(DAY_ONE.format(script.starts)))


def town_of(script: Script, seed: str, *, inbox: str = "webhook") -> Town:
    """The town of that scenario and seed."""
    number = random.Random(f"{seed}/town").getrandbits(32)  # noqa: S311 a town guards nothing
    return town(number, _plan(script.town), inbox=inbox)


def _plan(form: TownForm) -> Plan:
    return Plan(
        form.buildings,
        form.floors,
        form.doors,
        {str(kind): every for kind, every in form.homes.items()},
        form.landings,
        form.entrances,
        {str(zone): kinds for zone, kinds in form.zones.items()},
        {str(kind): names for kind, names in form.dialects.items()},
        form.gateways,
        form.unreachable,
        form.needing,
    )


def stage(script: Script, place: Town, seed: str, out: Outside, begins: Instant | None = None) -> World:
    """A world in which everything of the script is about to happen, people included. Not yet started.

    `begins`: when, instead of at the script's hour.
    """
    world = World(place, seed, begins_at(script) if begins is None else begins, out)
    form = script.people
    habits = Habits(
        form.acknowledges,
        form.knows,
        form.accepts,
        form.arrives,
        form.ends,
        form.asleep,
        form.nobody_goes,
        form.away,
        form.late,
    )
    Crowd(world, People.of(habits, OFFICERS, place.crew, place.homes, seed))
    for unit in world.units.values():
        if unit.sensor.kind == "presence":
            life = Life(unit.sensor.place, hours_of(world.begins_at), world.chance(f"life {unit.sensor.id}"))
            world.after(0.0, _begins(world, life, None))
    for number, happens in enumerate(script.happens):
        chance = world.chance(f"happens {number}")
        at = chance.uniform(*happens.at)
        for again in range(happens.again + 1):
            world.after(at, _begin(world, happens, f"{number + 1}" + (f".{again + 1}" if again else "")))
            at += chance.uniform(*happens.every)
    for number, fails in enumerate(script.fails):
        chance = world.chance(f"fails {number}")
        world.after(chance.uniform(*fails.at), failing.begin(world, fails, chance))
    return world


def _begins(world: World, cause: Cause, truth: Truth | None) -> Callable[[], None]:
    def begin() -> None:
        world.begin(cause, truth)

    return begin


def _begin(world: World, happens: Happens, number: str) -> Callable[[], None]:
    what, form = chosen(happens, ("at", "again", "every"))

    def begin() -> None:
        _BEGIN[what](world, form, f"{what} {number}", world.chance(f"{what} {number}"))

    return begin


# Dangers ----------------------------------------------------------------------------------------------------


def _real(world: World, form: Real, name: str, hazard: str, place: str) -> Truth:
    return Truth(name, Nature.REAL, hazard, place, world.now, LEVELS[form.must], form.within)


def _fire(world: World, form: FireForm, name: str, chance: random.Random) -> None:
    place = place_of(world.town, form.place, ("smoke", "heat"), chance)
    world.begin(_burning(form, place), _real(world, form, name, "fire", place))


def _burning(form: FireForm, place: str) -> Cause:
    if place.count(".") > 3:
        return room_fire(place, form.growth, door_open=form.door == "open", peak_kw=form.peak_kw)
    return stair_fire(place, form.growth, form.peak_kw)


def _battery(world: World, form: FireForm, name: str, chance: random.Random) -> None:
    """White smoke for a while, then flames at once."""
    place = place_of(world.town, form.place, ("smoke", "heat"), chance)
    truth = _real(world, form, name, "fire", place)
    pack = Battery(chance.uniform(LEAST_VENT_S, MOST_VENT_S), replace(STAIRWELL, alpha=0.0))  # the vent alone

    def vented(t: float) -> Felt:
        air = pack.air(t)
        return Felt(smoke_db_per_m=air.smoke_db_per_m, co_ppm=air.co_ppm)

    world.begin(Curve(place, ("smoke", "co"), vented, pack.vents_s + _VENT_GONE_S), truth)
    world.after(pack.vents_s, _begins(world, _burning(form, place), truth))


def _gas(world: World, form: GasForm, name: str, chance: random.Random) -> None:
    place = place_of(world.town, form.place, ("gas",), chance)
    source = {"loose_hose": gas.LOOSE_HOSE, "unlit_burner": gas.UNLIT_BURNER, "cut_pipe": gas.CUT_PIPE}
    leak = gas.Leak(gas.Gas.LPG if form.lpg else gas.Gas.METHANE, source[form.source])
    world.begin(Gas(place, leak), _real(world, form, name, "gas", place))


def _co(world: World, form: CoForm, name: str, chance: random.Random) -> None:
    place = place_of(world.town, form.place, ("co",), chance)
    cause = Monoxide(place, co.Source(form.grams_h), form.bedroom)
    world.begin(cause, _real(world, form, name, "co", place))


def _rain(world: World, form: RainForm, name: str, chance: random.Random) -> None:
    place = place_of(world.town, form.place, ("water_level",), chance)
    shower = Shower(form.peak_mm_h, form.peaks, form.lasts)
    street = Street(form.catchment_m2, clogged=form.clogged)
    world.begin(Rain(place, shower, street), _real(world, form, name, "flood", place))


def _pipe(world: World, form: PipeForm, name: str, chance: random.Random) -> None:
    place = place_of(world.town, form.place, ("water_leak", "water_level"), chance)
    basement = Basement(flow_m3_h=form.flow_m3_h, pump_m3_h=form.pump_m3_h)
    world.begin(BurstPipe(place, basement), _real(world, form, name, form.hazard, place))


def _cable(world: World, form: CableForm, name: str, chance: random.Random) -> None:
    """A clamp that oxidises under load: its resistance doubles, and doubles again."""
    place = place_of(world.town, form.place, ("electrical",), chance)
    joint = Joint((Load(0.0, form.amps),), form.mohm, doubles_s=form.doubles, ambient_c=CABLE_C)

    def warm(t: float) -> Felt:
        return Felt(cable_k=joint.temperature_c(t) - CABLE_C)

    cause = Curve(place, ("electrical",), warm, math.inf, every_s=20.0)
    world.begin(cause, _real(world, form, name, "electrical", place))


def _leakage(world: World, form: LeakageForm, name: str, chance: random.Random) -> None:
    place = place_of(world.town, form.place, ("electrical",), chance)
    fails = Leakage(natural_ma=0.0, swing_ma=0.0, fails_s=0.0, to_ma=form.ma, within_s=form.grows)
    cause = Curve(place, ("electrical",), lambda t: Felt(leaking_ma=fails.ma(t)), math.inf)
    world.begin(cause, _real(world, form, name, "electrical", place))


def _button(kind: str, hazard: str) -> Begin:
    def press(world: World, form: Real, name: str, chance: random.Random) -> None:
        place = place_of(world.town, form.place, (kind,), chance)
        world.begin(Pressed(place, kind), _real(world, form, name, hazard, place))

    return press


def _quiet(world: World, form: Real, name: str, chance: random.Random) -> None:
    """Somebody falls: the life in that home ends."""
    place = place_of(world.town, form.place, ("presence",), chance)
    for going in list(world.going):
        if isinstance(going.cause, Life) and going.cause.place == place:
            world.end(going)
    still = Curve(place, ("presence",), lambda t: NOTHING, math.inf, every_s=600.0)
    world.begin(still, _real(world, form, name, "sos", place))


# No dangers -------------------------------------------------------------------------------------------------


def _nuisance(world: World, form: NuisanceForm, name: str, chance: random.Random) -> None:
    how = NUISANCES[form.kind]
    kinds = tuple(
        kind
        for kind, height in (
            ("smoke", how.smoke_db_per_m or how.warmer_k),
            ("heat", how.warmer_k),
            ("co", how.co_ppm),
            ("gas", how.gas_lel_percent),
        )
        if height
    )
    place = place_of(world.town, form.place, kinds, chance)
    height = chance.uniform(0.6, 1.0)

    def felt(t: float) -> Felt:
        share = height * how.share(t, form.lasts)
        return Felt(
            warmer_k=share * how.warmer_k,
            smoke_db_per_m=share * how.smoke_db_per_m,
            co_ppm=share * how.co_ppm,
            gas_lel_percent=share * how.gas_lel_percent,
        )

    hazard = "gas" if how.gas_lel_percent else "co" if not how.smoke_db_per_m and how.co_ppm else "fire"
    truth = Truth(name, Nature.NUISANCE, hazard, place, world.now, must=0)
    world.begin(Curve(place, kinds, felt, form.lasts + 6 * how.fades_s), truth)


def _drill(world: World, form: DrillForm, name: str, chance: random.Random) -> None:
    place = place_of(world.town, form.place, ("smoke",), chance)
    cause = Curve(place, ("smoke",), lambda t: Felt(smoke_db_per_m=0.6), form.lasts)
    truth = Truth(name, Nature.DRILL, "fire", place, world.now, must=0)
    testing = [unit for unit in world.units.values() if cause.reaches(unit.sensor)]
    _tests(testing, True)
    world.begin(cause, truth)
    world.after(form.lasts + 2 * SETTLES_S, lambda: _tests(testing, False))


def _tests(units: Iterable[Unit], on: bool) -> None:
    for unit in units:
        unit.voice.testing = on


def _old(world: World, form: OldForm, name: str, chance: random.Random) -> None:
    """It said so hours ago, and five minutes later that it was over; both arrive now, with their own time."""
    place = place_of(world.town, form.place, tuple(_BIT), chance)
    there = [unit for unit in world.units.values() if unit.sensor.place == place and unit.sensor.kind in _BIT]
    keeping = [unit for unit in there if unit.sensor.dialect == "native"]
    unit = chance.choice(keeping if form.how == "memory" else there)
    kind = unit.sensor.kind
    then = unit.clock(world.now - round(form.ago * SECOND))
    truth = Truth(name, Nature.HISTORIC, _HAZARD[kind], place, then, must=0, over_at=then + 300 * SECOND)
    world.truths.append(truth)
    on: Values = {_BIT[kind]: True}
    if form.how == "memory":
        was = (
            *unit.voice.event(on, then),
            *unit.voice.reading({_BIT[kind]: False}, then + 300 * SECOND),
        )
        world.says(unit, filter(None, map(unit.voice.late, was)))
    else:
        for said in unit.voice.event(on, then):
            world.keeps(said._replace(retained=True))


Begin: TypeAlias = Callable[[World, Any, str, random.Random], None]
_BEGIN: Final[Mapping[str, Begin]] = {
    "fire": _fire,
    "battery": _battery,
    "gas": _gas,
    "co": _co,
    "rain": _rain,
    "pipe": _pipe,
    "cable": _cable,
    "leakage": _leakage,
    "sos": _button("sos", "sos"),
    "call_point": _button("call_point", "fire"),
    "quiet": _quiet,
    "nuisance": _nuisance,
    "drill": _drill,
    "old": _old,
}
