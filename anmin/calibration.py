"""The simulator's physics held against recordings: parameters that fit best, and how far off they still are.

Fires: the ceiling temperatures of `anmin/fires.py`, each quadrant one detector. Floods: the depths of
`anmin/floods.py` in events that reach 100 mm. A group's model is fitted to the median of its curves, second
by second, with the time that the recording itself begins with; in sample, nothing was held back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, islice
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple

from anmin import fires, floods
from anmin.fires import CHAIR, Fire
from anmin.fitting import Curve, Fit, Ranges, bands_of, judged, search
from anmin.floods import Flood
from simulator.hazards.fire import RoomFire
from simulator.hazards.flood import Shower, Street

HOT_C, DEEP_MM = fires.FIXED_C, 100.0
ROOM: Final = RoomFire(area_m2=3.7 * 3.7, height_m=2.4)
"""The room of all the recordings; its thermocouples hung 25 mm below the ceiling."""
_FIRE_S: Final = 300
_FLOOD_MIN: Final = 180
_PEAK_MM_H: Final = 60.0
_SEEN_MM: Final = 12.0
"""Where the street sensors' own depths begin."""


@dataclass(frozen=True, slots=True)
class Rain:
    """A street and the shower that it is under."""

    street: Street
    shower: Shower


@dataclass(frozen=True, slots=True)
class Report:
    fires: tuple[Fit[RoomFire], ...]
    floods: tuple[Fit[Rain], ...]


def calibrate(data: Path) -> Report:
    """All groups. `data` holds the recordings of both kinds. Raises RecordingInvalid."""
    return Report(fit_fires(fires.read(data)), fit_floods(floods.read(data)))


# Fires ------------------------------------------------------------------------------------------------------


def fit_fires(recorded: Sequence[Fire]) -> tuple[Fit[RoomFire], ...]:
    """Burners first: their kilowatts are known, and give the radius that the chairs are fitted with.

    Early on a door makes no difference to the jet, so that both doors take the open door's radius.
    """
    names = sorted({_group(fire) for fire in recorded}, key=lambda name: (name.startswith(CHAIR), name))
    found: list[Fit[RoomFire]] = []
    for name in names:
        curves = list(_ceilings(fire for fire in recorded if _group(fire) == name))
        if name.startswith(CHAIR):
            radii = [fit.model.radial_m for fit in found if fit.group.endswith("open")]
            found.append(_fit_fire(name, curves, _chair, median(radii or [ROOM.radial_m]), _CHAIR))
        else:
            found.append(_fit_fire(name, curves, _burner, float(name.split("kW")[0]), _BURNER))
    return tuple(found)


def _group(fire: Fire) -> str:
    """`RedAccent, closed`, `100kWSB, open`: SB is the smaller burner."""
    return f"{fire.name.split('_')[0]}, {fire.door}"


_BURNER: Final = ((0.01, 200.0), (0.02, 5.0))
_CHAIR: Final = ((0.001, 1.0), (20.0, 5_000.0), (1.0, 150.0))


def _burner(kw: float, ambient_c: float, found: Sequence[float]) -> RoomFire:
    return replace(ROOM, alpha=found[0], radial_m=found[1], peak_kw=kw, ambient_c=ambient_c)


def _chair(radial_m: float, ambient_c: float, found: Sequence[float]) -> RoomFire:
    alpha, peak_kw, lights_s = found
    return replace(
        ROOM, alpha=alpha, peak_kw=peak_kw, lights_s=lights_s, radial_m=radial_m, ambient_c=ambient_c
    )


class _Ceiling(NamedTuple):
    before: list[float]
    since: Curve


def _ceilings(recorded: Iterator[Fire]) -> Iterator[_Ceiling]:
    for fire in recorded:
        for series in fire.ceiling:
            before = [value for value in series[: -fire.first_s] if value is not None]
            if before:
                yield _Ceiling(before, series[-fire.first_s :])


def _fit_fire(
    name: str,
    ceilings: Sequence[_Ceiling],
    make: Callable[[float, float, Sequence[float]], RoomFire],
    known: float,
    ranges: Ranges,
) -> Fit[RoomFire]:
    """Until the median is hottest, at most five minutes: what comes then, the model does not have."""
    curves = [ceiling.since for ceiling in ceilings]
    ambient = median(value for ceiling in ceilings for value in ceiling.before)
    bands = bands_of(curves, _FIRE_S)
    hottest = max(band.middle for band in bands)
    bands = bands[: 1 + max(second for second, band in enumerate(bands) if band.middle >= hottest)]
    scaled = {
        at: _straight(bands[at].middle - ambient) for at in range(1, len(bands), max(1, len(bands) // 60))
    }

    def error(found: Sequence[float]) -> float:
        model = make(known, ambient, found)
        return sum((_straight(_ceiling(model, at) - ambient) - aim) ** 2 for at, aim in scaled.items())

    model = make(known, ambient, search(error, ranges))
    return judged(name, model, curves, bands, [_ceiling(model, at) for at in range(_FIRE_S + 1)], HOT_C)


def _straight(rise_k: float) -> float:
    """To the power of 3/4, a t-squared fire is a straight line: early seconds count like late ones."""
    return float(max(rise_k, 0.0) ** 0.75)


def _ceiling(model: RoomFire, second: float) -> float:
    return model.air_with(second, 0.0).temperature_c


# Floods -----------------------------------------------------------------------------------------------------


def fit_floods(recorded: Sequence[Flood]) -> tuple[Fit[Rain], ...]:
    """All that reach the limit, and their thirds by how long they took from the first water to it."""
    deep = [flood for flood in recorded if floods.threshold_s(flood, DEEP_MM) is not None]
    deep.sort(key=_took)
    third = len(deep) // 3
    parts = {  # fewer than three have no thirds
        "all": deep,
        "fastest third": deep[:third],
        "middle third": deep[third : len(deep) - third] if third else [],
        "slowest third": deep[len(deep) - third :],
    }
    return tuple(
        _fit_flood(name, [_minutes(flood) for flood in part]) for name, part in parts.items() if part
    )


def _took(flood: Flood) -> int:
    return (floods.threshold_s(flood, DEEP_MM) or 0) - (floods.water_s(flood) or 0)


def _minutes(flood: Flood) -> list[float]:
    """The depth at each whole minute from the first water on: the newest sample, dry after the last."""
    begins, depths, newest = floods.water_s(flood) or 0, [], 0
    for minute in range(_FLOOD_MIN + 1):
        at = begins + 60 * minute
        while newest + 1 < len(flood.seconds) and flood.seconds[newest + 1] <= at:
            newest += 1
        depths.append(flood.depth_mm[newest] if at <= flood.seconds[-1] else 0.0)
    return depths


_RAIN: Final = ((500.0, 2e4), (3_600.0, 20_000.0), (0.05, 0.8))


def _rain(found: Sequence[float]) -> Rain:
    """Of the street the wedge is fitted, of the shower its length and how far into it the peak is."""
    wedge_m, ends_s, share = found
    return Rain(Street(wedge_m=wedge_m), Shower(_PEAK_MM_H, share * ends_s, ends_s))


def _fit_flood(name: str, curves: Sequence[Curve]) -> Fit[Rain]:
    bands = bands_of(curves, _FLOOD_MIN)

    def error(found: Sequence[float]) -> float:
        line = stands(_rain(found))
        return sum((line[at] - bands[at].middle) ** 2 for at in range(0, len(bands), 3))

    model = _rain(search(error, _RAIN, points=6, rounds=6))
    return judged(name, model, curves, bands, stands(model), DEEP_MM)


def stands(rain: Rain) -> list[float]:
    """Depth in mm at each minute from the first that a sensor would see, for three hours; else dry."""
    until = rain.shower.ends_s + 60 * _FLOOD_MIN
    depths = (depth for _, depth in rain.street.depths_mm(rain.shower, until))
    seen = dropwhile(lambda depth: depth < _SEEN_MM, depths)
    line = list(islice(seen, 0, 6 * _FLOOD_MIN + 1, 6))
    return line + [0.0] * (_FLOOD_MIN + 1 - len(line))
