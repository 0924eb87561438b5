"""A replay of recorded floods as two small plots (SVG) and as the page of evidence (Markdown)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path

from anmin.flood_report import FloodLine, FloodReport, cells, groups, heads

PAGE, PLOT = "floods.md", "floods.svg"

WIDTH, HEIGHT = 720, 300
LEFT, TOP, BOTTOM = 50, 40, 250
CURVE_TO, BARS_FROM = 400, 500
EARLIEST_MIN, LATEST_MIN = -30, 5
"""The window of the curve in minutes; what is beyond lies on its edge."""

_SAID = {
    "zh": {
        "curve": "预警比单纯阈值（4 英寸）晚多少分钟：累计比例",
        "bars": "每百次内涝多余的报警",
        "ours": "本系统",
        "plain": "单纯阈值",
        "hysteresis": "4/3 英寸",
    },
    "en": {
        "curve": "Minutes after the plain limit (4 in): share of floods",
        "bars": "Repeated alerts per 100 floods",
        "ours": "ours",
        "plain": "plain",
        "hysteresis": "4/3 in",
    },
}
_COUNTS: dict[str, Callable[[FloodLine], int]] = {
    "ours": lambda line: line.raises,
    "plain": lambda line: line.plain_raises,
    "hysteresis": lambda line: line.hysteresis_raises,
}


def write(report: FloodReport, folder: Path) -> tuple[Path, Path]:
    """The page and the plot beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    page, picture = folder / PAGE, folder / PLOT
    page.write_text(markdown(report), encoding="utf-8")
    picture.write_text(svg(report), encoding="utf-8")
    return page, picture


# The plot ---------------------------------------------------------------------------------------------------


def svg(report: FloodReport, language: str = "en") -> str:
    """Left the cumulative distribution of the delay, right the alerts beyond the first of each flood."""
    said = _SAID["zh" if language == "zh" else "en"]
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        _text(LEFT, 20, said["curve"]),
        _text(BARS_FROM - 30, 20, said["bars"]),
        *_curve(report.deep),
        *_bars(report.deep, said),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _curve(deep: Sequence[FloodLine]) -> Iterator[str]:
    for minutes in range(EARLIEST_MIN, LATEST_MIN + 1, 5):
        at, colour = _x(minutes), "#999" if minutes == 0 else "#eee"
        yield f'<path d="M{at:.1f} {TOP}V{BOTTOM}" stroke="{colour}"/>'
        yield _text(at, BOTTOM + 18, str(minutes), "middle")
    for percent in (0, 50, 100):
        yield f'<path d="M{LEFT} {_y(percent / 100):.1f}H{CURVE_TO}" stroke="#eee"/>'
        yield _text(LEFT - 6, _y(percent / 100) + 4, f"{percent} %", "end")
    delays = sorted(line.delay_s / 60 for line in deep if line.delay_s is not None)
    steps = [f"M{LEFT} {_y(0):.1f}"]
    for count, delay_min in enumerate(delays, 1):  # a flood that is missed keeps the curve below 100 %
        steps.append(f"H{_x(delay_min):.1f}V{_y(count / len(deep)):.1f}")
    yield f'<path d="{"".join(steps)}H{CURVE_TO}" fill="none" stroke="#06c" stroke-width="2"/>'


def _bars(deep: Sequence[FloodLine], said: dict[str, str]) -> Iterator[str]:
    found = {name: repeated(deep, count) for name, count in _COUNTS.items()}
    most = max(*found.values(), 1.0)
    for place, (name, value) in enumerate(found.items()):
        x, height = BARS_FROM + place * 70, (BOTTOM - TOP - 20) * value / most
        fill = "#06c" if name == "ours" else "#bbb"
        yield f'<rect x="{x}" y="{BOTTOM - height:.1f}" width="44" height="{height:.1f}" fill="{fill}"/>'
        yield _text(x + 22, BOTTOM - height - 5, f"{value:.1f}", "middle")
        yield _text(x + 22, BOTTOM + 18, said[name], "middle")


def repeated(deep: Sequence[FloodLine], count: Callable[[FloodLine], int]) -> float:
    """Alerts beyond the first of a flood, per hundred floods."""
    return 100 * sum(max(count(line) - 1, 0) for line in deep) / len(deep) if deep else 0.0


def _x(minutes: float) -> float:
    held = min(max(minutes, EARLIEST_MIN), LATEST_MIN)
    return LEFT + (CURVE_TO - LEFT) * (held - EARLIEST_MIN) / (LATEST_MIN - EARLIEST_MIN)


def _y(share: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * share


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


# The page ---------------------------------------------------------------------------------------------------

_INTRODUCTION = """# Recorded street floods

Written by `anmin replay floods --data DIR --write docs/evidence`. {floods} floods that {sensors} sensors over
streets of New York published (FloodNet, NYC Open Data aq7i-eu5q; not part of this repository), {records}
records through decoding, admission, the shipped rules, incidents and supervision on a virtual clock. Of them
{deep} reach 4 inches (101.6 mm), what the network itself alerts at; ours is the pre-alarm of `flood.depth`
(100 mm, or 30 mm and fast).

- Missed: **{missed}**.
- Alerts per flood: **{raises:.3f}** (plain limit {plain:.3f}; on at 4, off below 3 inches {hysteresis:.3f}).
- Median delay against the first sample at 4 inches: **{delay} s** (negative: earlier).

![Delay against the plain limit, and repeated alerts]({plot})

Seconds: medians from an event's first sample; delay: ours minus the plain limit, median, p90 and max. Counts:
per flood. Sensors: in tenths by how many such floods they saw, most first.

"""

_LIMITS = """
## What this does not show
- False alarms a day: only events were published, nothing of the days between, and no stuck or absurd sensor.
- The price of speaking early: of the {shallow} floods that stayed below 4 inches {shallow_warned} were warned
  of too, for they rose 3 cm in 5 minutes or came to 100 mm. It is counted as neither a hit nor a false alarm.
- In {stood} floods the alert of the one before still stood; they count as told at once, with no raise.
- Incidents: somebody closes them an hour after they are clear. A flood within that time is no new one.
- The hour that an alert takes to clear was chosen with these recordings at hand: it is no blind test.
- Delay in the network, and everything after the incident (sending), is not in these figures.
"""


def markdown(report: FloodReport) -> str:
    """The page; the figures are the report's. Needs at least one flood that reaches four inches."""
    found = dict(groups(report))
    everything = found["all"]
    text = _INTRODUCTION.format(
        floods=f"{len(report.lines):,}",
        sensors=len({line.sensor for line in report.lines}),
        records=f"{report.records:,}",
        deep=len(report.deep),
        missed=report.missed,
        raises=everything.raises,
        plain=everything.plain_raises,
        hysteresis=everything.hysteresis_raises,
        delay=everything.delay_s,
        plot=PLOT,
    )
    rows = [("", *heads()), ("---",) * (len(heads()) + 1)]
    rows += [(name, *cells(one)) for name, one in found.items()]
    table = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return (
        text
        + table
        + _LIMITS.format(
            shallow_warned=report.shallow_warned,
            shallow=len(report.lines) - len(report.deep),
            stood=sum(not line.raises and line.prealarm_s is not None for line in report.deep),
        )
    )
