"""A replay of recorded room fires as a small plot (SVG) and as the page of evidence (Markdown)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Final

from anmin.fires import FIGURES, HEADS, FireLine, FireReport, groups, medians, shown

PAGE: Final = "fires.md"
PLOT: Final = "fires.svg"
WIDTH, HEIGHT = 720, 300
LEFT, RIGHT, TOP, BOTTOM = 60, 560, 40, 250
LATEST_S: Final = 120
"""What is later, or never, lies on the edge of the window."""
_CURVES: Final = (
    ("prealarm_s", "our pre-alarm", "#06c"),
    ("rise_s", "8.3 K in 60 s", "#999"),
    ("alarm_s", "our alarm", "#c30"),
    ("fixed_s", "57 °C", "#ccc"),
)


def write(report: FireReport, folder: Path) -> tuple[Path, Path]:
    """The page and the plot beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    page, picture = folder / PAGE, folder / PLOT
    page.write_text(markdown(report), encoding="utf-8")
    picture.write_text(svg(report), encoding="utf-8")
    return page, picture


def svg(report: FireReport) -> str:
    """The share of chair fires that each has told of, by second from ignition."""
    chairs = [line for line in report.lines if line.group.startswith("chair")]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 20, f"Seconds from ignition: share of the {len(chairs)} chair fires that were told"),
        *_grid(),
    ]
    for place, (figure, name, colour) in enumerate(_CURVES):
        parts.append(f'<path d="{_steps(chairs, figure)}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = TOP + 20 + 20 * place
        parts.append(f'<path d="M{RIGHT + 15} {y}H{RIGHT + 35}" stroke="{colour}" stroke-width="2"/>')
        parts.append(_text(RIGHT + 40, y + 4, name))
    return "\n".join((*parts, "</svg>")) + "\n"


def _grid() -> Iterator[str]:
    for second in range(0, LATEST_S + 1, 20):
        yield f'<path d="M{_x(second):.1f} {TOP}V{BOTTOM}" stroke="#eee"/>'
        yield _text(_x(second), BOTTOM + 18, str(second), "middle")
    for percent in (0, 50, 100):
        yield f'<path d="M{LEFT} {_y(percent / 100):.1f}H{RIGHT}" stroke="#eee"/>'
        yield _text(LEFT - 6, _y(percent / 100) + 4, f"{percent} %", "end")


def _steps(lines: Sequence[FireLine], figure: str) -> str:
    """What was never told keeps the curve below 100 %."""
    known = sorted(at for line in lines if (at := getattr(line, figure)) is not None)
    steps = [f"M{LEFT} {_y(0):.1f}"]
    steps += [f"H{_x(at):.1f}V{_y(n / len(lines)):.1f}" for n, at in enumerate(known, 1)]
    return "".join(steps) + f"H{RIGHT}"


def _x(second: float) -> float:
    return LEFT + (RIGHT - LEFT) * min(max(second, 0), LATEST_S) / LATEST_S


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


_PAGE = """# Recorded room fires

Written by `anmin replay fires --data DIR --write docs/evidence`. {fires} full-scale room fires (UL FSRI 2018,
doi 10.5281/zenodo.5703474; not part of this repository), each quadrant's ceiling thermocouple as one heat
detector, played to the real service over its broker, {messages} readings at {speed:.0f} times the speed they
burnt at.

- Missed: **{missed}**. Before ignition: **{early}**.
- Chairs: {chairs}.
- From the publication of the reading to the hand-off of the message: p50 {p50} ms, p99 {p99} ms.

![Share of chair fires told, by second from ignition]({plot})

Medians, seconds from ignition, of the sample that did it. `57 C` and `8.3/60 s`: usual detectors on the same
samples: a fixed temperature, and a rise of 8.3 K within 60 s. `told`: the first message was handed off;
`hand-off`: the alarm's was; `ms`: of real time after its sample.

"""

_LIMITS = """
## What this does not show
- The thermocouples are bare: a detector's own lag comes on top. No smoke or CO was measured in this series.
- Every room is one home with four heat detectors; smoke detectors would be sooner.
- The rates of the rules are usual ratings of detectors; the recordings were at hand when they were chosen.
"""


def markdown(report: FireReport) -> str:
    """The page; the figures are the report's."""
    found = dict(groups(report.lines))
    text = _PAGE.format(
        fires=len(report.lines),
        messages=f"{report.messages:,}",
        speed=report.speed,
        missed=report.missed,
        early=report.before_ignition,
        chairs="; ".join(_chairs(found)),
        p50=shown(report.latency_ms.get("p50")),
        p99=shown(report.latency_ms.get("p99")),
        plot=PLOT,
    )
    rows = [("", "fires", *HEADS), ("---",) * (len(HEADS) + 2)]
    for name, lines in found.items():
        middle = medians(lines)
        rows.append((name, str(len(lines)), *(shown(middle[figure]) for figure in FIGURES)))
    return text + "".join(f"| {' | '.join(row)} |\n" for row in rows) + _LIMITS


def _chairs(found: dict[str, Sequence[FireLine]]) -> Iterator[str]:
    for name, lines in found.items():
        if name.startswith("chair"):
            middle = medians(lines)
            ours, base, alarm = (middle[figure] for figure in ("prealarm_s", "rise_s", "alarm_s"))
            after = math.inf if alarm is None or base is None else alarm - base
            yield (
                f"{name.partition(', ')[2]}: pre-alarm {shown(ours)} s (rate of rise {shown(base)} s), "
                f"alarm {shown(alarm)} s, {after:g} s after the rate of rise"
            )
