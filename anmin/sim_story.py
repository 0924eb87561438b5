"""What happened in one run, line by line: the truth, what the system made of it, and who was told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any, Final

from anmin.i18n import t
from devices.instant import SECOND, Instant, moment, rfc3339
from devices.level import Level
from simulator.score import Notice
from simulator.truth import Truth
from simulator.voice import LOCAL_AHEAD
from simulator.world import World

_BESIDE: Final = "    "
_TOGETHER: Final = 5 * SECOND
"""Messages of one purpose within this time are one line."""


def story(world: World, language: str) -> list[str]:
    """In the order of time, each line with the town's local time."""
    lines = [
        *_truths(world.truths, language),
        *_raised(world, language),
        *_told(world.notices, language),
        *_troubles(world, language),
    ]
    return [f"{_clock(at)}  {text}" for at, text in sorted(lines, key=lambda line: line[0])]


def truths(world: World) -> list[dict[str, Any]]:
    """The truth stream, for a file of its own."""
    return [
        {
            "name": one.name,
            "nature": one.nature.value,
            "hazard": one.hazard,
            "place": one.place,
            "begins_at": rfc3339(one.begins_at),
            "sensed_at": None if one.sensed_at is None else rfc3339(one.sensed_at),
            "over_at": None if one.over_at is None else rfc3339(one.over_at),
        }
        for one in world.truths
    ]


def _truths(found: list[Truth], language: str) -> Iterator[tuple[Instant, str]]:
    for one in found:
        words = {"what": one.name, "place": one.place}
        yield one.begins_at, t(f"sim.{one.nature.value}", language, **words)
        if one.sensed_at is not None:
            yield one.sensed_at, _BESIDE + t("sim.sensed", language, **words)
        if one.over_at is not None:
            yield one.over_at, t("sim.over", language, **words)


def _raised(world: World, language: str) -> Iterator[tuple[Instant, str]]:
    for one in world.raisings:
        drill = f"[{t('sim.drill_mark', language)}] " if one.drill else ""
        hazard = t(f"hazard.{one.hazard}", language)
        words = {"hazard": f"{drill}{hazard}", "place": one.place}
        if not one.open:
            yield one.at, t("sim.closed", language, **words)
        else:
            level = t(f"level.{Level(one.level).word}", language)
            yield one.at, t("sim.stands", language, level=level, **words)


def _told(notices: list[Notice], language: str) -> Iterator[tuple[Instant, str]]:
    groups: dict[tuple[str, str, int], list[Notice]] = {}
    for one in notices:
        groups.setdefault((one.incident, one.purpose, one.at // _TOGETHER), []).append(one)
    for (_, purpose, _), found in groups.items():
        by_audience = Counter(one.audience for one in found)
        who = ", ".join(f"{t(f'audience.{name}', language)} {n}" for name, n in sorted(by_audience.items()))
        told = t("sim.told", language, purpose=t(f"purpose.{purpose}", language), who=who)
        yield found[0].at, _BESIDE + told


def _troubles(world: World, language: str) -> Iterator[tuple[Instant, str]]:
    for one in world.troubles:
        kind = t(f"trouble.{one.kind}", language)
        yield one.at, t("sim.trouble", language, kind=kind, subject=one.subject)


def _clock(at: Instant) -> str:
    return moment(at + LOCAL_AHEAD).strftime("%m-%d %H:%M:%S")
