"""Short lines of the settings that say what a site's own messages mean, read into what the dialects take."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ingest.dialects.cn_fields import Fields
from ingest.dialects.plain import Clock, Meaning, Plain
from ingest.dialects.tasmota import Tasmota
from ingest.push import PLATFORMS


class PlainTopics(NamedTuple):
    """The three tables of `ingest.dialects.plain.Plain`, by topic filter."""

    topics: dict[str, dict[str, Meaning]]
    addresses: dict[str, str]
    times: dict[str, Clock]


def plain_topics(lines: Iterable[str]) -> PlainTopics:
    """`house/+/data leak=water_leak_alarm bat.v=battery_mv*1000 @address=id @time=ts*0.001`, a line a filter.

    Raises ValueError that says which line and what to do.
    """
    found = PlainTopics({}, {}, {})
    for line in lines:
        topic, *words = line.split()
        if topic in found.topics:
            raise ValueError(f"{topic}: there are two lines for it")
        found.topics[topic] = {}
        for word in words:
            _take(found, topic, word)
    Plain(*found)
    return found


def _take(found: PlainTopics, topic: str, word: str) -> None:
    field, equals, meaning = word.partition("=")
    if not equals or not meaning:
        forms = "field=quantity, field=quantity*factor, @address=field or @time=field"
        raise ValueError(f"{topic}: `{word}` is none of {forms}")
    name, factor = _scaled(topic, meaning)
    if field == "@address":
        found.addresses[topic] = meaning
    elif field == "@time":
        found.times[topic] = name if factor is None else (name, factor)
    else:
        found.topics[topic]["" if field == "." else field] = name if factor is None else (name, factor)


def _scaled(topic: str, meaning: str) -> tuple[str, float | None]:
    name, star, factor = meaning.partition("*")
    if not star:
        return name, None
    try:
        return name, float(factor)
    except ValueError:
        raise ValueError(f"{topic}: `{factor}` is no factor; give a number, as in battery_mv*1000") from None


def push_fields(lines: Iterable[str]) -> dict[str, dict[str, Meaning]]:
    """`onenet 3300_0_5700=smoke_alarm` or `ctwing Level=water_level_mm*10`, by platform.

    Raises ValueError that says which line and what to do.
    """
    found: dict[str, dict[str, Meaning]] = {name: {} for name in PLATFORMS}
    for line in lines:
        platform, _, word = line.strip().partition(" ")
        name, equals, meaning = (part.strip() for part in word.rpartition("="))
        if platform not in found or not (name and equals and meaning):
            forms = "onenet field=quantity or ctwing field=quantity*factor"
            raise ValueError(f"`{line}` is none of {forms}; platforms: {', '.join(PLATFORMS)}")
        quantity, factor = _scaled(platform, meaning)
        found[platform][name] = quantity if factor is None else (quantity, factor)
        Fields({}, found[platform])
    return found


def tasmota_switches(lines: Iterable[str]) -> dict[str, str]:
    """`Switch1=water_leak_alarm` or `garage/Switch2=fault`. Raises ValueError that says what to do."""
    found: dict[str, str] = {}
    for line in lines:
        switch, _, quantity = line.partition("=")
        found[switch.strip()] = quantity.strip()
    Tasmota(switches=found)
    return found
