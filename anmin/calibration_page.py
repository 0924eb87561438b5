"""The page on the simulator's physics: what each model is, what it was fitted to, how far off it is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from anmin.calibration import DEEP_MM, HOT_C, Rain, Report
from anmin.calibration_plot import Axes, svg
from anmin.fires import CHAIR
from anmin.fitting import Fit
from simulator.hazards.fire import RoomFire

PAGE, FOLDER = "simulator-physics.md", "simulator-physics"
CHAIRS, BURNERS, STREETS = "chairs.svg", "burners.svg", "floods.svg"

_HEAT: Final = Axes(HOT_C, {"zh": "℃", "en": "degrees C"}, {"zh": "点火后秒", "en": "s after ignition"})
_DEPTH: Final = Axes(DEEP_MM, {"zh": "毫米", "en": "mm"}, {"zh": "见水后分钟", "en": "min after first water"})


def write(report: Report, folder: Path) -> tuple[Path, ...]:
    """The page into `folder`, its plots into a folder beside it. The same report gives the same bytes."""
    pictures = folder / FOLDER
    pictures.mkdir(parents=True, exist_ok=True)
    chairs, burners = _told_apart(report)
    written = {
        folder / PAGE: markdown(report),
        pictures / CHAIRS: svg(chairs, _HEAT),
        pictures / BURNERS: svg(burners, _HEAT),
        pictures / STREETS: svg(report.floods, _DEPTH),
    }
    for path, text in written.items():
        path.write_text(text, encoding="utf-8")
    return tuple(written)


def _told_apart(report: Report) -> tuple[list[Fit[RoomFire]], list[Fit[RoomFire]]]:
    chairs = [fit for fit in report.fires if fit.group.startswith(CHAIR)]
    return chairs, [fit for fit in report.fires if fit not in chairs]


_INTRODUCTION = """# The simulator's physics

Written by `write` of `anmin/calibration_page.py`. Every model is a function of time that needs no step
size or states its own; noise and delay are added by the detector, not by the hazard.

| hazard | model | held against |
|---|---|---|
| room fire (`hazards/fire.py`) | t-squared growth to a peak (NFPA 92), ceiling jet (Alpert 1972), \
yields of soot and CO in the upper half of the room | ceiling temperatures of {fires} detectors, below |
| e-bike battery (`hazards/battery.py`) | smoke of the vent for 30 to 180 s, then ultra-fast growth to \
1.5 MW; up the stairs a floor every 15 s, 0.6 of it | nothing recorded |
| gas, CO (`hazards/gas.py`, `co.py`, `box.py`) | well-mixed room with air changes, exact | nothing \
recorded |
| cable (`hazards/cable.py`) | joint: I2R, first order, resistance that doubles; breaker: bimetal; \
insulation: excess that grows by its logarithm | bands of IEC 60898 |
| flood (`hazards/flood.py`) | shower, runoff, drain, a wedge between two slopes | depths of {floods} \
street floods, below |
| nuisances (`hazards/nuisance.py`) | rise and fade of heights below the norms' set points | nothing \
recorded |

## Method
A group's model is fitted to the median of its curves by a grid that gets finer around its best point.
`rms` is against that median, `all` against each single curve; both within the times drawn. `limit` is
when the limit is reached: the recordings' median (p10 to p90), then the model. In sample: nothing was
held back.

"""

_FIRES = """## Room fires
106 fires in a room of 3.7 by 3.7 by 2.4 m with one door (UL FSRI 2018, doi 10.5281/zenodo.5703474, MIT;
not part of this repository). Each bare thermocouple 25 mm below the ceiling is one detector. Fitted until
the median is hottest, five minutes at most, to the rise to the power of 3/4, by which a t-squared fire is
a straight line. Burners: kilowatts are the burner's setting, alpha and the effective radius are fitted.
Chairs (`{chair}`): alpha, peak and the seconds it smoulders, with the median radius of the open-door
burners. Presets: `CHAIR_CLOSED`, `CHAIR_OPEN`. Limit: {limit:g} degrees C; times in s from ignition; SB
is the smaller burner.

![Chairs]({folder}/{chairs})

![Burners]({folder}/{burners})

"""
_FIRE_HEADS = (
    "group",
    "detectors",
    "alpha kW/s2",
    "peak kW",
    "smoulders s",
    "radius m",
    "ambient °C",
    "rms K",
    "all K",
    "limit s",
    "model s",
    "late s",
)

_FLOODS = """
## Street floods
{floods} events that reach {limit:g} mm (FloodNet, NYC Open Data aq7i-eu5q; not part of this repository),
from the first water on; thirds by the time from there to the limit, so they are told apart by what is
fitted. The rain was not recorded: a shower of 60 mm/h at its peak on 3,000 m2 with a drain of 90 m3/h is
assumed, and the wedge (the street's storage), the shower's length and its peak's time are fitted
together. Other rains would give other streets; only the curve of the depth is held against something.
`never`: not within three hours.

![Floods]({folder}/{streets})

"""
_FLOOD_HEADS = (
    "group",
    "events",
    "wedge m",
    "shower min",
    "peak at min",
    "rms mm",
    "all mm",
    "limit min",
    "model min",
    "late min",
    "never",
)

_LIMITS = """
## What this does not show
- Smoke and CO: the fires' were not recorded. The chairs' are yields from handbooks.
- A closed room fills with hot gas and then starves the fire. The model has one radius and one peak:
  behind closed doors a burner's first seconds come out too cold, and nothing after the hottest second is
  modelled.
- The recorded thermocouples are bare. A heat detector's own delay is `simulator/sensor.py`, from
  catalogue figures.
- The smouldering chair is cold in the model, while the recorded ones were a little warm already: a rate of
  rise of 8.3 K in 60 s, which is not fitted, comes 20 to 28 s later in the presets than at the median
  detector (93 and 90 s; recorded 65 and 70.5 s, closed and open).
- One room and one kind of chair: other furniture burns otherwise.
- Streets whose water does not come to 100 mm, and sensors that are stuck or absurd, are not in the fit.
"""


def markdown(report: Report) -> str:
    """The page; the figures are the report's."""
    chairs, burners = _told_apart(report)
    everything = next((fit.curves for fit in report.floods), 0)
    detectors = sum(fit.curves for fit in report.fires)
    return "".join(
        (
            _INTRODUCTION.format(fires=detectors, floods=everything),
            _FIRES.format(folder=FOLDER, chairs=CHAIRS, burners=BURNERS, limit=HOT_C, chair=CHAIR),
            *_table(_FIRE_HEADS, map(_fire_cells, (*chairs, *burners))),
            _FLOODS.format(folder=FOLDER, streets=STREETS, floods=everything, limit=DEEP_MM),
            *_table(_FLOOD_HEADS, map(_flood_cells, report.floods)),
            _LIMITS,
        )
    )


def _fire_cells(fit: Fit[RoomFire]) -> Sequence[str]:
    fire = fit.model
    figures = (fire.alpha, fire.peak_kw, fire.lights_s, fire.radial_m, fire.ambient_c)
    return (fit.group, str(fit.curves), *(f"{figure:.3g}" for figure in figures), *_errors(fit))


def _flood_cells(fit: Fit[Rain]) -> Sequence[str]:
    shower = fit.model.shower
    figures = (fit.model.street.wedge_m, shower.ends_s / 60, shower.peak_at_s / 60)
    return (fit.group, str(fit.curves), *(f"{x:.0f}" for x in figures), *_errors(fit), str(fit.never))


def _errors(fit: Fit[Any]) -> Iterator[str]:
    """Of the model against the median and each curve; the limit: recorded, modelled, the difference."""
    yield f"{fit.rms:.1f}"
    yield f"{fit.spread:.1f}"
    band = fit.recorded
    yield "-" if band is None else f"{band.middle:g} ({band.low:g} to {band.high:g})"
    yield "-" if fit.modelled is None else f"{fit.modelled:g}"
    yield "-" if fit.late is None else f"{fit.late:+g}"


def _table(heads: Sequence[str], rows: map[Sequence[str]]) -> Iterator[str]:
    for cells in (heads, ("---",) * len(heads), *rows):
        yield f"| {' | '.join(cells)} |\n"
