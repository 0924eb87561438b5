"""What happened to an incident, in words, newest first: the system's deeds apart from people's (R23)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from alerts.incidents.events import Announced, Delivered
from anmin.view import Happening
from anmin.web.wording import Wording, begun
from devices.instant import Instant


class Entry(NamedTuple):
    """`who` is empty for what the system did by itself."""

    at: Instant
    who: str
    text: str


def entries(timeline: Sequence[Happening], wording: Wording) -> tuple[Entry, ...]:
    """Newest first; what became of the sends since a message was planned is one entry."""
    found: list[Entry] = []
    newest: dict[str, Delivered] = {}
    for event in timeline:
        if isinstance(event, Delivered):
            newest[event.key] = event
            continue
        if isinstance(event, Announced) and newest:
            found.append(_deliveries(newest.values(), wording))
            newest = {}
        found.append(_entry(event, wording))
    if newest:
        found.append(_deliveries(newest.values(), wording))
    found.reverse()  # of one instant too, what came later stands first
    return tuple(sorted(found, key=lambda entry: -entry.at))


def _entry(event: Happening, wording: Wording) -> Entry:
    by = str(getattr(event, "by", "") or "")
    who = wording.person(by) if by and by != "system" else ""
    text = wording.t(f"happened_{event.kind}", **dict(_said(event, wording)))
    return Entry(event.at, who, begun(text))


def _deliveries(run: Collection[Delivered], wording: Wording) -> Entry:
    """How many got how far, by channel."""
    channels: dict[str, Counter[str]] = defaultdict(Counter)
    for event in run:
        channels[event.channel][event.state] += 1
    said = (
        wording.t(
            "happened_delivered",
            channel=wording.channel(channel),
            states=wording.t("comma").join(
                f"{state_word(state, wording)} {n}" for state, n in states.items()
            ),
        )
        for channel, states in channels.items()
    )
    return Entry(max(event.at for event in run), "", begun(" · ".join(said)))


def state_word(state: str, wording: Wording) -> str:
    return wording.known(f"delivery.{state}", state)


def reason_word(reason: str, wording: Wording) -> str:
    return wording.known(f"dispute.{reason}", reason)


def _said(event: Happening, wording: Wording) -> Iterator[tuple[str, object]]:
    """The fields of an event, each in words."""
    for each in fields(event):
        value = getattr(event, each.name)
        speak = _SPEAK.get(each.name)
        yield each.name, speak(wording, value) if speak else value
    if (because := getattr(event, "because", None)) is not None:
        key = f"lapsed.{because}" if event.kind == "lapsed" else f"because.{because}"
        yield "because", wording.t(key)


_SPEAK: dict[str, Callable[[Wording, Any], str]] = {
    "hazard": lambda wording, value: wording.hazard(value),
    "level": lambda wording, value: wording.level(value),
    "subject": lambda wording, value: wording.located(value),
    "station_id": lambda wording, value: wording.station(value),
    "household_id": lambda wording, value: wording.place(value),
    "until": lambda wording, value: wording.clock(value) if value else "–",
    "reason": lambda wording, value: reason_word(value, wording),
    "reply": lambda wording, value: wording.t(f"reply.{value}"),
    "clock": lambda wording, value: wording.t(f"clock.{value}"),
    "disposition": lambda wording, value: wording.t(f"disposition.{value}"),
    "action": lambda wording, value: wording.t(f"action.{value}"),
    "progress": lambda wording, value: wording.t(f"progress.{value}"),
    "purpose": lambda wording, value: wording.known(f"purpose.{value}", value),
}
