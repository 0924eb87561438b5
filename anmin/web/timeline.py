"""What happened to an incident, in words, newest first: the system's deeds apart from people's (R23)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from itertools import groupby
from typing import Any, NamedTuple

from alerts.incidents.events import Delivered, Event
from anmin.web.wording import Wording
from devices.instant import Instant


class Entry(NamedTuple):
    """`who` is empty for what the system did by itself; `via` names the channel where there is one."""

    at: Instant
    who: str
    via: str
    text: str


def entries(timeline: Sequence[Event], wording: Wording) -> tuple[Entry, ...]:
    """Newest first; a run of delivery outcomes becomes one entry per channel and state."""
    found: list[Entry] = []
    for is_delivery, run in groupby(timeline, key=lambda event: isinstance(event, Delivered)):
        if is_delivery:
            found.extend(_deliveries([event for event in run if isinstance(event, Delivered)], wording))
        else:
            found.extend(_entry(event, wording) for event in run)
    return tuple(reversed(found))


def _entry(event: Event, wording: Wording) -> Entry:
    by = str(getattr(event, "by", "") or "")
    who = wording.person(by) if by and by != "system" else ""
    text = wording.t(f"happened_{event.kind}", **dict(_said(event, wording)))
    return Entry(event.at, who, "", text)


def _deliveries(run: Sequence[Delivered], wording: Wording) -> Iterator[Entry]:
    counted = Counter((event.channel, event.state) for event in run)
    newest = {(event.channel, event.state): event.at for event in run}
    for (channel, state), n in counted.items():
        said = wording.t("happened_delivered", channel=channel, state=state_word(state, wording), n=n)
        yield Entry(newest[channel, state], "", channel, said)


def state_word(state: str, wording: Wording) -> str:
    return _known(wording, f"delivery.{state}", state)


def reason_word(reason: str, wording: Wording) -> str:
    return _known(wording, f"dispute.{reason}", reason)


def _known(wording: Wording, key: str, otherwise: str) -> str:
    try:
        return wording.t(key)
    except KeyError:
        return otherwise


def _said(event: Event, wording: Wording) -> Iterator[tuple[str, object]]:
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
    "subject": lambda wording, value: wording.subject(value),
    "station_id": lambda wording, value: wording.station(value),
    "household_id": lambda wording, value: wording.place(value),
    "until": lambda wording, value: wording.clock(value) if value else "–",
    "reason": lambda wording, value: reason_word(value, wording),
    "reply": lambda wording, value: wording.t(f"reply.{value}"),
    "clock": lambda wording, value: wording.t(f"clock.{value}"),
    "disposition": lambda wording, value: wording.t(f"disposition.{value}"),
    "purpose": lambda wording, value: _known(wording, f"purpose.{value}", value),
}
