"""Fitting a model to recorded curves: a search without derivatives, the band of the curves, the errors."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from statistics import median
from typing import Generic, NamedTuple, TypeAlias, TypeVar

Model = TypeVar("Model")
Curve: TypeAlias = Sequence[float | None]
"""A value at each step of time from 0 on, None where nothing was recorded."""
Ranges: TypeAlias = Sequence[tuple[float, float]]


class Band(NamedTuple):
    """The recorded curves of a group: at each time the tenth, the half and nine tenths of them."""

    low: float
    middle: float
    high: float


@dataclass(frozen=True, slots=True)
class Fit(Generic[Model]):
    """One group. Curves are by the second (fires, degrees C) or the minute (floods, mm), from 0 on.

    `curves` recordings; `rms` of the model against their median, `spread` against each of them.
    `recorded` and `modelled`: when the limit (57 degrees C, 100 mm) is reached, same unit of time; None for
    never. Of the recordings those that reach it, where any does; `never` counts the others.
    """

    group: str
    model: Model
    curves: int
    bands: tuple[Band, ...]
    line: tuple[float, ...]
    rms: float
    spread: float
    recorded: Band | None
    modelled: float | None
    never: int = 0

    @property
    def late(self) -> float | None:
        """How much later than the median recording the model reaches the limit."""
        if self.modelled is None or self.recorded is None:
            return None
        return self.modelled - self.recorded.middle


def search(
    error: Callable[[Sequence[float]], float], ranges: Ranges, *, points: int = 9, rounds: int = 8
) -> list[float]:
    """The values within `ranges` (above 0) of the least error: a grid by logarithms, then finer around it."""
    low, high = ([math.log(pair[end]) for pair in ranges] for end in (0, 1))
    least, most = low, high
    best: Sequence[float] = low
    for _ in range(rounds):
        steps = [(b - a) / (points - 1) for a, b in zip(low, high, strict=True)]
        grids = [[a + step * n for n in range(points)] for a, step in zip(low, steps, strict=True)]
        best = min(product(*grids), key=lambda place: error([math.exp(x) for x in place]))
        low = [max(a, x - step) for a, x, step in zip(least, best, steps, strict=True)]
        high = [min(b, x + step) for b, x, step in zip(most, best, steps, strict=True)]
    return [math.exp(x) for x in best]


def bands_of(curves: Sequence[Curve], until: int) -> list[Band]:
    """From 0 to `until`, or to where fewer than half of the curves still have a value."""
    found = []
    for at in range(until + 1):
        there = [value for curve in curves if at < len(curve) and (value := curve[at]) is not None]
        if 2 * len(there) < len(curves):
            break
        found.append(band_of(there))
    return found


def band_of(values: Sequence[float]) -> Band:
    """Of at least one value, the nearest that is there."""
    ranked = sorted(values)
    low, high = (ranked[round(share * (len(ranked) - 1))] for share in (0.1, 0.9))
    return Band(low, median(ranked), high)


def judged(
    name: str,
    model: Model,
    curves: Sequence[Curve],
    bands: Sequence[Band],
    line: Sequence[float],
    limit: float,
) -> Fit[Model]:
    """How the model's `line` stands against the curves: errors within the bands, the limit within all of it.

    Steps of time as in the curves. There is at least one band, and the line is no shorter than the bands.
    """
    shown = line[: len(bands)]
    against = [
        value - at for curve in curves for at, value in zip(shown, curve, strict=False) if value is not None
    ]
    reached = [reaches(curve, limit) for curve in curves]
    times = [at for at in reached if at is not None]
    return Fit(
        group=name,
        model=model,
        curves=len(curves),
        bands=tuple(bands),
        line=tuple(shown),
        rms=rms_of([band.middle - at for band, at in zip(bands, shown, strict=True)]),
        spread=rms_of(against),
        recorded=band_of(times) if times else None,
        modelled=reaches(line, limit),
        never=len(reached) - len(times),
    )


def reaches(curve: Curve, limit: float) -> int | None:
    """The first step at which the limit is reached."""
    return next((at for at, value in enumerate(curve) if value is not None and value >= limit), None)


def rms_of(errors: Sequence[float]) -> float:
    """The root of the mean square of at least one error."""
    return math.sqrt(sum(error**2 for error in errors) / len(errors))
