"""What goes wrong in a world: a script's faults, put on the devices that it names, and taken off again."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from devices.instant import SECOND
from simulator.faults import line, measuring
from simulator.places import place_of
from simulator.script import Fails, On, OutageForm, PowerForm, chosen
from simulator.unit import Fault, Unit
from simulator.voice import Said
from simulator.world import World

_MEASURING: Final = {
    "stuck": measuring.Stuck,
    "drift": measuring.Drift,
    "noise": measuring.Noise,
    "warm_up": measuring.WarmUp,
    "unit_change": measuring.UnitChange,
    "dying_battery": measuring.DyingBattery,
    "says": measuring.Says,
    "flapping": measuring.Flapping,
}
_LINE: Final = {
    "duplicated": line.Duplicated,
    "reordered": line.Reordered,
    "lossy": line.Lossy,
    "malformed": line.Malformed,
}
_NOTICED_S: Final = (60.0, 90.0)
"""When a broker notices that a connection is gone: one and a half keep-alives."""
_LOOKS_S: Final = 5.0


def begin(world: World, fails: Fails, chance: random.Random) -> Callable[[], None]:
    """What to do when its time has come."""
    what, form = chosen(fails, ("at", "lasts", "on"))

    def work() -> None:
        if what == "gateway_outage":
            _gateway(world, form, fails.lasts, chance)
        elif what == "power_loss":
            _power(world, form, fails.lasts, chance)
        else:
            for unit in list(selected(world, fails.on, chance)):
                _one(world, unit, what, form, fails.lasts)

    return work


def selected(world: World, on: On, chance: random.Random) -> Iterator[Unit]:
    """The devices that are meant, in the order of the town."""
    place = None if on.place is None else place_of(world.town, on.place, (), chance)
    for unit in world.units.values():
        sensor = unit.sensor
        meant = (
            (not on.kinds or sensor.kind in on.kinds)
            and (not on.dialects or sensor.dialect in on.dialects)
            and (not on.devices or sensor.id in on.devices)
            and (place is None or _within(sensor.place, place))
        )
        if meant and (on.share >= 1.0 or chance.random() < on.share):
            yield unit


def _within(place: str, around: str) -> bool:
    return place == around or place.startswith(f"{around}.")


def _one(world: World, unit: Unit, what: str, form: Any, lasts_s: float | None) -> None:
    params = form.model_dump()
    if what == "dead":
        unit.dead = True
        _later(world, lasts_s, lambda: _revive(world, unit))
    elif what == "clock":
        unit.skew_s = None if form.unset else form.fast - form.slow
        _later(world, lasts_s, lambda: setattr(unit, "skew_s", 0.0))
    elif what == "away":
        _away(world, [unit], lasts_s, keeps=form.keeps, within_s=1.0)
    elif what in _LINE:
        way = _LINE[what](**params)
        _put(world, unit, Fault(world.now, line=way.on(unit.chance)), lasts_s)
    else:
        fault = _MEASURING[what](**params)
        _put(world, unit, Fault(world.now, measuring=fault.on(unit.chance)), lasts_s)
        if what == "flapping":
            world.watch(unit, max(1.0, form.on_s / 3), until=_until(world, lasts_s))
        else:
            world.watch(unit, _LOOKS_S)


def _put(world: World, unit: Unit, fault: Fault, lasts_s: float | None) -> None:
    unit.faults.append(fault)
    _later(world, lasts_s, lambda: unit.faults.remove(fault))


def _until(world: World, lasts_s: float | None) -> int:
    return world.now + round((lasts_s if lasts_s is not None else 400 * 86_400.0) * SECOND)


def _later(world: World, lasts_s: float | None, work: Callable[[], None]) -> None:
    if lasts_s is not None:
        world.after(lasts_s, work)


def _revive(world: World, unit: Unit) -> None:
    unit.dead = False
    world.says(unit, unit.voice.online(unit.clock(world.now)))


def _away(
    world: World, units: Iterable[Unit], lasts_s: float | None, *, keeps: bool, within_s: float
) -> None:
    """Unheard, and then back at once: everybody says that they are there and how it is now, then what was."""
    for unit in units:
        way = line.Away(math.inf if lasts_s is None else lasts_s)
        late = unit.voice.late if keeps else _lost
        _put(world, unit, Fault(world.now, line=way.on(late)), lasts_s)
        unit.cut = True
        if lasts_s is not None:
            world.after(lasts_s + unit.chance.uniform(0.0, within_s), _back(world, unit))


def _lost(said: Said) -> Said | None:
    return None


def _back(world: World, unit: Unit) -> Callable[[], None]:
    def back() -> None:
        world.says(unit, unit.voice.online(unit.clock(world.now)))
        world.speak(unit)
        unit.cut = False

    return back


def _gateway(world: World, form: OutageForm, lasts_s: float | None, chance: random.Random) -> None:
    """The broker says for it that it is gone; for its children nobody says anything."""
    gateway = world.units[form.gateway]
    children = [unit for unit in world.units.values() if unit.sensor.via == form.gateway]
    _away(world, [gateway], lasts_s, keeps=False, within_s=1.0)
    _away(world, children, lasts_s, keeps=form.keeps, within_s=10.0)
    world.after(chance.uniform(*_NOTICED_S), _last_will(world, gateway, lasts_s))


def _power(world: World, form: PowerForm, lasts_s: float | None, chance: random.Random) -> None:
    place = place_of(world.town, form.place, (), chance)
    dark = [unit for unit in world.units.values() if _within(unit.sensor.place, place)]
    _away(world, dark, lasts_s, keeps=False, within_s=form.within_s)
    for unit in dark:
        if unit.sensor.dialect == "native" and not unit.sensor.via:
            world.after(unit.chance.uniform(*_NOTICED_S), _last_will(world, unit, lasts_s))


def _last_will(world: World, unit: Unit, lasts_s: float | None) -> Callable[[], None]:
    began = world.now

    def say() -> None:
        if lasts_s is None or world.now - began < lasts_s * SECOND:
            world.bring(unit.voice.offline(world.now))

    return say
