"""What a run of the demonstration amounts to, from both sides; and that it runs, and ends, and says so."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

import pytest

from alerts.broadcasts.broadcast import Audience, Recipient
from alerts.broadcasts.delivery import State
from alerts.incidents.events import Announced, Delivered, Event, Reply
from alerts.incidents.state import Incident, Stage, Standing
from anmin.demo import _until, demo, summary
from anmin.prepare import NotReady
from anmin.view import DeliveryView, IncidentView, View
from anmin.wiring import Running
from devices.instant import SECOND, Instant, rfc3339
from devices.level import Hazard, Level
from simulator.play import Play
from simulator.provider import Message, Provider
from tests.support.community import T0, home, inventory
from tests.support.services import need
from tests.support.shell import process_as_before

MS = SECOND // 1000


@dataclass
class Played:
    """What the outsider says of its run."""

    readings: int = 0
    published_at: dict[str, Instant] = field(default_factory=dict)
    accepted: set[str] = field(default_factory=set)
    sounding: list[str] = field(default_factory=list)


@dataclass
class Shown:
    """The parts of a running service that a summary looks at."""

    view: View
    broker: object | None = None


async def nobody(message: Message) -> None:
    """No telephone rings."""


def figures(play: Played, *seen: IncidentView, received: tuple[Message, ...] = ()) -> dict[str, Any]:
    view = View(inventory())
    view.incidents = {one.incident.id: one for one in seen}
    provider = Provider(b"", nobody)
    provider.received.extend(received)
    return summary(cast(Running, Shown(view)), cast(Play, play), provider)


def incident(name: str, *sources: str, at: Instant = T0, **more: Any) -> Incident:
    standings = tuple(
        Standing("fire.smoke", "1", source, home(3), Level.ALARM, Level.ALARM, at, ()) for source in sources
    )
    return replace(
        Incident(
            name, Hazard.FIRE, home(3), at, stage=Stage.ACTIVE, peak=Level.CRITICAL, standings=standings
        ),
        stages=((Stage.VERIFYING, at), (Stage.ACTIVE, at + SECOND)),
        **more,
    )


def announced(version: int) -> Announced:
    return Announced(
        id=f"a{version}", incident_id="i", at=T0, version=version, purpose="alert", recipients=1, households=0
    )


def delivered(at: Instant, state: State = State.HANDED_OFF) -> Delivered:
    return Delivered(
        id=f"d{at}{state}",
        incident_id="i",
        at=at,
        key="k",
        recipient="r",
        channel="webhook",
        state=state.value,
    )


def delivery(channel: str, state: State) -> DeliveryView:
    return DeliveryView(Recipient("r", Audience.DUTY, channel, "a"), 1, state, "", T0)


def message(key: str, *, incident_id: str = "i", version: int = 1, recipient: str = "r") -> Message:
    return Message(key, {"incident_id": incident_id, "version": version, "recipient": recipient})


# The figures ------------------------------------------------------------------------------------------------


def test_a_run_in_which_nothing_happened_is_all_noughts_and_no_latency() -> None:
    assert figures(Played()) == {
        "readings": 0,
        "incidents": [],
        "broadcasts": 0,
        "deliveries": {},
        "latency_ms": {"p50": None, "p99": None},
        "lost": 0,
        "duplicates": 0,
        "residents": {},
        "sirens": 0,
        "broker": "external",
    }


def test_incidents_are_told_oldest_first_with_place_level_and_stages() -> None:
    late = incident("i2", "x", at=T0 + SECOND)
    found = figures(Played(), IncidentView(late, (), ()), IncidentView(incident("i1", "a", "b"), (), ()))
    assert [one["id"] for one in found["incidents"]] == ["i1", "i2"]
    assert found["incidents"][0] == {
        "id": "i1",
        "hazard": "fire",
        "place": inventory().tree.name(home(3), "en"),
        "level": "critical",
        "stage": "active",
        "stages": {"verifying": rfc3339(T0), "active": rfc3339(T0 + SECOND)},
        "sources": 2,
    }


def test_deliveries_are_counted_by_channel_and_state_and_broadcasts_by_version() -> None:
    told = (
        delivery("webhook", State.HANDED_OFF),
        delivery("webhook", State.HANDED_OFF),
        delivery("webhook", State.SEEN),
        delivery("siren", State.DELIVERED),
    )
    found = figures(Played(), IncidentView(incident("i", "a"), (announced(1), announced(2)), told))
    assert found["deliveries"] == {"webhook": {"handed_off": 2, "seen": 1}, "siren": {"delivered": 1}}
    assert found["broadcasts"] == 2


def test_an_accepted_alarm_that_is_in_no_incident_is_lost() -> None:
    play = Played(accepted={"a", "b"})
    assert figures(play, IncidentView(incident("i", "a"), (), ()))["lost"] == 1
    assert figures(play, IncidentView(incident("i", "a", "b"), (), ()))["lost"] == 0


def test_latency_counts_from_the_first_alarm_said_to_the_first_hand_off() -> None:
    play = Played(published_at={"a": T0, "b": T0 + 50 * MS})
    timeline: tuple[Event, ...] = (
        delivered(T0 + 30 * MS, State.FAILED),
        delivered(T0 + 90 * MS),
        delivered(T0 + 40 * MS, State.DELIVERED),
    )
    found = figures(play, IncidentView(incident("i", "a", "b"), timeline, ()))
    assert found["latency_ms"] == {"p50": 40.0, "p99": 40.0}
    assert figures(play, IncidentView(incident("i", "a"), (), ()))["latency_ms"]["p50"] is None
    assert figures(play, IncidentView(incident("i", "z"), timeline, ()))["latency_ms"]["p50"] is None


def test_latency_is_over_all_incidents() -> None:
    play = Played(published_at={f"s{n}": T0 for n in range(10)})
    seen = [IncidentView(incident(f"i{n}", f"s{n}"), (delivered(T0 + (n + 1) * MS),), ()) for n in range(10)]
    assert figures(play, *seen)["latency_ms"] == {"p50": 6.0, "p99": 10.0}


def test_the_same_message_again_under_one_key_is_no_duplicate_and_under_two_it_is() -> None:
    again = (message("k1"), message("k1"), message("k2", version=2), message("k3", recipient="other"))
    assert figures(Played(), received=again)["duplicates"] == 0
    assert figures(Played(), received=(*again, message("k4"), message("k5")))["duplicates"] == 2


def test_answers_of_residents_and_sirens_that_sounded_are_counted_once() -> None:
    answered = incident("i", "a", replies=(("h1", Reply.SAFE), ("h2", Reply.SAFE), ("h3", Reply.HELP)))
    found = figures(Played(sounding=["k1", "k1", "k2"], readings=9), IncidentView(answered, (), ()))
    assert found["residents"] == {"safe": 2, "help": 1}
    assert (found["sirens"], found["readings"]) == (2, 9)
    assert json.loads(json.dumps(found))["residents"] == {"safe": 2, "help": 1}


# How long it lasts ------------------------------------------------------------------------------------------


async def test_it_lasts_until_the_time_is_over_or_somebody_stops_it() -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    stop = asyncio.Event()
    work = asyncio.create_task(for_ever())
    await asyncio.wait_for(_until(stop, 0.01, work), 2)
    stop.set()
    await asyncio.wait_for(_until(stop, None, work), 2)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)


async def test_a_play_that_breaks_is_an_error_to_be_seen() -> None:
    async def breaks() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(_until(asyncio.Event(), None, asyncio.create_task(breaks())), 2)


# The whole --------------------------------------------------------------------------------------------------


@pytest.fixture
def as_before() -> Iterator[None]:
    with process_as_before():
        yield


async def test_it_starts_plays_and_ends_with_its_figures(as_before: None) -> None:
    need("mosquitto")
    lines: list[str] = []
    found = await demo(for_s=2.0, port=0, seed=7, language="en", stop=asyncio.Event(), say=lines.append)
    assert found["readings"] > 0
    assert (found["incidents"], found["lost"], found["duplicates"]) == ([], 0, 0)
    assert found["broker"] == "mosquitto"
    assert any("http://127.0.0.1:" in line for line in lines)


async def test_a_port_that_cannot_be_is_told_before_anything_starts(tmp_path: Path) -> None:
    with pytest.raises(NotReady) as raised:
        await demo(for_s=1.0, port=-1, seed=7, language="en", stop=asyncio.Event(), say=lambda line: None)
    assert [finding.file for finding in raised.value.findings] == ["flag:web.port"]
