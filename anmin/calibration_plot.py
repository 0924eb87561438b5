"""Fitted models over what was recorded, as small plots (SVG): the band, its median, the model, the limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Any, Final, NamedTuple

from anmin.fitting import Fit

ACROSS, WIDTH, HEIGHT = 2, 360, 220
LEFT, RIGHT, TOP, BOTTOM = 46, 350, 44, 180
HEAD: Final = 24
_POINTS: Final = 60
_EVERY: Final = (1, 2, 5, 10, 20, 30, 60, 100, 200, 500)


class Axes(NamedTuple):
    """What is drawn: the limit, and the words for depth or heat and for time, by language."""

    limit: float
    value: dict[str, str]
    time: dict[str, str]


_SAID: Final = {
    "zh": "灰：实测第 10 至 90 百分位；黑：实测中位数；蓝：模型；红：报警阈值",
    "en": "Grey: recorded p10 to p90; black: their median; blue: the model; red: the limit",
}


def svg(fits: Sequence[Fit[Any]], axes: Axes, language: str = "en") -> str:
    """A panel for each group, two side by side."""
    rows = -(-len(fits) // ACROSS)
    high = HEAD + HEIGHT * rows
    chosen = "zh" if language == "zh" else "en"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH * ACROSS} {high}" '
        'font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH * ACROSS}" height="{high}" fill="#fff"/>',
        _text(10, 16, _SAID[chosen]),
    ]
    for place, fit in enumerate(fits):
        x, y = WIDTH * (place % ACROSS), HEAD + HEIGHT * (place // ACROSS)
        parts += [f'<g transform="translate({x} {y})">', *_panel(fit, axes, chosen), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Scale(NamedTuple):
    steps: int
    low: float
    high: float

    def x(self, step: float) -> float:
        return LEFT + (RIGHT - LEFT) * step / max(self.steps, 1)

    def y(self, value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - self.low) / (self.high - self.low)


def _panel(fit: Fit[Any], axes: Axes, language: str) -> Iterator[str]:
    high = max(axes.limit * 1.1, *fit.line, *(band.high for band in fit.bands))
    scale = _Scale(len(fit.bands) - 1, min(0.0, *(band.low for band in fit.bands)), high)
    yield _text(LEFT, 30, f"{fit.group} ({axes.value[language]}; {axes.time[language]})")
    yield from _grid(scale)
    at = sorted({*range(0, len(fit.bands), max(1, len(fit.bands) // _POINTS)), len(fit.bands) - 1})
    there = [(step, fit.bands[step].high) for step in at]
    back = [(step, fit.bands[step].low) for step in reversed(at)]
    yield f'<path d="{_line(scale, there + back)}Z" fill="#ddd"/>'
    yield f'<path d="M{LEFT} {scale.y(axes.limit):.1f}H{RIGHT}" stroke="#c00" stroke-dasharray="4 3"/>'
    yield _stroke(_line(scale, [(step, fit.bands[step].middle) for step in at]), "#000", 1)
    yield _stroke(_line(scale, [(step, fit.line[step]) for step in at]), "#06c", 2)


def _grid(scale: _Scale) -> Iterator[str]:
    for value in _ticks(scale.high):
        yield f'<path d="M{LEFT} {scale.y(value):.1f}H{RIGHT}" stroke="#eee"/>'
        yield _text(LEFT - 5, scale.y(value) + 4, str(value), "end")
    for step in _ticks(scale.steps):
        yield f'<path d="M{scale.x(step):.1f} {TOP}V{BOTTOM}" stroke="#eee"/>'
        yield _text(scale.x(step), BOTTOM + 16, str(step), "middle")


def _ticks(most: float) -> range:
    """From 0 by a round step, at most eight."""
    step = next((step for step in _EVERY if most / step < 8), _EVERY[-1])
    return range(0, int(most) + 1, step)


def _line(scale: _Scale, points: Sequence[tuple[int, float]]) -> str:
    return "M" + "L".join(f"{scale.x(step):.1f} {scale.y(value):.1f}" for step, value in points)


def _stroke(path: str, colour: str, width: int) -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'
