"""Plays recorded fires to the real service as heat detectors, on a scaled clock, and looks when it speaks.

Everything is as in production except the clock: a broker, the native dialect, the log, the shipped rules,
the incidents, the outbox. The speed is what the machine can do: the clock slows down rather than let the
service fall behind the recording.
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import aiomqtt

from alerts.broadcasts.broadcast import Purpose, send_key
from alerts.broadcasts.delivery import State
from alerts.incidents.events import Announced, Changed, Delivered, Joined, Opened, Worsened
from anmin.clock import Clock, PacedClock
from anmin.community import to_yaml
from anmin.fires import QUADRANTS, Fire, FireLine, FireReport, fixed_s, group_of, read, rise_s
from anmin.prepare import prepare
from anmin.view import Happening, IncidentView
from anmin.wiring import Running, service
from devices.instant import SECOND, Instant, instant, rfc3339
from devices.level import Level
from ingest.ports import SourceDown

COMMUNITY = "fires"
BEGINS = instant(datetime(2021, 6, 1, tzinfo=UTC))
"""When the replay begins in its own time. Admission believes no device whose clock is before 2020."""

LEAD_S = 2
"""Recorded seconds between the start of the service and the first reading."""
GRACE_S = 15
"""Recorded seconds after the last reading for what is still under way."""
BUSY = 0.4
"""Share of each recorded second that the service may need for its readings; the rest is air."""
FIRST_COST_S = 0.002
"""Real seconds that one reading costs, until it is known."""
STUCK_AFTER_S = 60.0

Out = Callable[[str], None]


class NothingToPlay(ValueError):
    """No recording has that name."""


async def replay_fires(
    data: Path,
    *,
    speed: float = 30.0,
    only: str = "",
    limit: int = 0,
    whole: bool = False,
    out: Out,
) -> FireReport:
    """Play the recordings in `data`, all aligned to one ignition, at most `speed` times as fast as they were.

    `only` keeps experiments whose name holds it, `limit` the first so many; `whole` plays each to its end
    instead of to the hand-off of its alarm. `out` gets the progress. Raises RecordingInvalid, NothingToPlay,
    and what a service cannot be started with.
    """
    found = await asyncio.to_thread(read, data)
    fires = [fire for fire in found if only.lower() in fire.name.lower()][: limit or None]
    if not fires:
        raise NothingToPlay(f"no experiment of {len(found)} has {only!r} in its name")
    clock = PacedClock(speed, BEGINS, Clock())
    rooms = [Room(f"e{number:03d}", fire) for number, fire in enumerate(fires, 1)]
    with tempfile.TemporaryDirectory(prefix="anmin-replay-") as folder:
        prepared = prepare(None, {}, _flags(Path(folder), community(rooms)))
        async with service(
            prepared.settings, prepared.inventory_body, prepared.rules_body, scaled=clock
        ) as running:
            replay = Replay(rooms, running, clock, speed, whole, out)
            await replay.play()
            return replay.report()


class Findings(NamedTuple):
    """When the service first said what of one room, in its own time."""

    prealarm_at: Instant | None = None
    told_at: Instant | None = None
    alarm_at: Instant | None = None
    handed_at: Instant | None = None


# The rooms --------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Room:
    """One experiment as a household with four detectors, and what the service said of it so far."""

    id: str
    fire: Fire
    seen: Findings = field(default_factory=Findings)

    @property
    def home(self) -> str:
        return f"{COMMUNITY}.{self.id}.u1.f1.101"

    @property
    def devices(self) -> tuple[str, ...]:
        return tuple(f"{self.id}-{quadrant.lower()}" for quadrant in QUADRANTS)

    def says(self, second: int) -> Iterator[tuple[str, float]]:
        """Which detector measures what at one second from ignition."""
        for device, value in zip(self.devices, self.fire.at(second), strict=True):
            if value is not None:
                yield device, value


def community(rooms: Iterable[Room]) -> dict[str, Any]:
    """The community file: a building for each experiment, so that none is a neighbour of another.

    Somebody lives in each, for a duty officer alone is told of a hundred fires one after the other.
    """
    floors = {"id": "u1", "floors": [1], "per_floor": [1]}
    duty = {"id": "duty", "name": "值班员", "role": "duty", "languages": ["zh", "en"]}
    return {
        "county": {"id": "recorded", "zh": "记录", "en": "Recorded"},
        "street": {"id": "rooms", "zh": "试验间", "en": "Rooms"},
        "community": {"id": COMMUNITY, "zh": "真实火灾记录", "en": "Recorded fires"},
        "buildings": [
            {"id": room.id, "zh": room.fire.name, "en": room.fire.name, "units": [floors]} for room in rooms
        ],
        "devices": [
            {"id": device, "profile": "native-heat", "place": room.home}
            for room in rooms
            for device in room.devices
        ],
        "residents": [
            {"household": room.home, "name": "住户", "contacts": [{"file": room.id}]} for room in rooms
        ],
        "staff": [duty | {"contacts": [{"file": "duty"}]}],
    }


def _flags(folder: Path, document: dict[str, Any]) -> dict[str, Any]:
    path = folder / "community.yaml"
    path.write_text(to_yaml(document), encoding="utf-8")
    return {
        "site.data_dir": str(folder / "data"),
        "site.community": str(path),
        "web.port": 0,
        "mqtt.url": "",
        "logging.level": "warning",
    }


# What the service said --------------------------------------------------------------------------------------


def findings(seen: IncidentView) -> Findings:
    """From an incident's own timeline, which is in the order of what happened."""
    timeline = seen.timeline
    prealarm = _first(timeline, Level.PREALARM)
    alarm = _first(timeline, Level.ALARM)
    announced = [event for event in timeline if isinstance(event, Announced)]
    alarming = [event.version for event in announced if event.purpose != Purpose.NOTICE]
    handed = [event for event in timeline if isinstance(event, Delivered) and State(event.state).reached]
    return Findings(
        prealarm.at if prealarm else None,
        handed[0].at if handed else None,
        alarm.at if alarm else None,
        next((event.at for event in handed if _is_of(event, alarming)), None),
    )


def _first(timeline: Iterable[Happening], level: Level) -> Happening | None:
    return next((e for e in timeline if isinstance(e, _LEVELLED) and e.level >= level), None)


_LEVELLED = (Opened, Joined, Changed, Worsened)


def _is_of(event: Delivered, versions: Iterable[int]) -> bool:
    """Whether a delivery is of one of these versions; the key says so."""
    return any(
        send_key(event.incident_id, version, event.recipient, event.channel) == event.key
        for version in versions
    )


# The play ---------------------------------------------------------------------------------------------------


class Replay:
    """One run: second by second to the broker, then wait until the service has taken it, then the next."""

    def __init__(
        self, rooms: Sequence[Room], running: Running, clock: PacedClock, speed: float, whole: bool, out: Out
    ) -> None:
        self._rooms = rooms
        self._running = running
        self._clock = clock
        self._speed = speed
        self._whole = whole
        self._out = out
        self._first = min(room.fire.first_s for room in rooms)
        self._last = max(room.fire.last_s for room in rooms)
        self._ignition_at = BEGINS
        self._by_home = {room.home: room for room in rooms}
        self._cost_s = FIRST_COST_S
        self._sequence = 0
        self._published_at: list[Instant] = []
        self._lags: list[Instant] = []
        self._played = (0, 0)

    async def play(self) -> None:
        """Raises SourceDown when the broker or the service is lost."""
        broker = self._running.broker
        assert broker is not None  # the replay always has a private one
        if broker.grade != "mosquitto":
            self._out(broker.note_en)
        user = broker.roles.devices
        began, real = self._clock.now(), self._clock.real(self._clock.now())
        try:
            async with aiomqtt.Client(
                broker.host,
                broker.port,
                username=user.username,
                password=user.password,
                identifier="anmin-replay",
                max_inflight_messages=1000,
            ) as client:
                client.pending_calls_threshold = 65_535  # a whole second is under way at once
                await self._seconds(client)
        except aiomqtt.MqttError as error:
            raise SourceDown(f"the replay lost its broker: {error}") from error
        await self._clock.sleep_until(self._clock.now() + GRACE_S * SECOND if self._waiting() else 0)
        self._look()
        now = self._clock.now()
        self._played = (now - began, self._clock.real(now) - real)

    async def _seconds(self, client: aiomqtt.Client) -> None:
        self._ignition_at = (self._clock.now() // SECOND + LEAD_S - self._first) * SECOND
        for second in range(self._first, self._last + 1):
            playing = [room for room in self._rooms if self._plays(room, second)]
            if not self._whole and not self._waiting():
                return
            self._pace(len(playing))
            at = self._ignition_at + second * SECOND
            await self._clock.sleep_until(at)
            began = self._clock.now()
            self._published_at.append(began)
            await self._say(client, at, [said for room in playing for said in room.says(second)])
            self._lags.append(self._clock.now() - at)
            self._note_cost(began, len(playing))
            self._look()
            self._tell(second, len(playing))

    def _plays(self, room: Room, second: int) -> bool:
        """Until its end, or until people have its alarm."""
        fire = room.fire
        return fire.first_s <= second <= fire.last_s and (self._whole or room.seen.handed_at is None)

    async def _say(self, client: aiomqtt.Client, at: Instant, said: Sequence[tuple[str, float]]) -> None:
        """Publish a second of readings and return once the service has dealt with them."""
        stamp = rfc3339(at)
        sends = []
        for device, value in said:
            self._sequence += 1
            sends.append(client.publish(_topic(device), _body(self._sequence, stamp, value), qos=1))
        try:
            async with asyncio.timeout(STUCK_AFTER_S):
                await asyncio.gather(*sends)
                while self._running.taken < self._sequence:  # noqa: ASYNC110 a counter is no event
                    await asyncio.sleep(0.002)
        except TimeoutError:
            behind = self._sequence - self._running.taken
            raise SourceDown(
                f"the service did not take {behind} readings within {STUCK_AFTER_S:g} s"
            ) from None

    # How fast ---------------------------------------------------------------------------------------------

    def _pace(self, rooms: int) -> None:
        self._clock.pace(bearable(self._speed, self._cost_s * rooms * len(QUADRANTS)))

    def _note_cost(self, began: Instant, rooms: int) -> None:
        if rooms:
            spent = self._clock.real(self._clock.now()) - self._clock.real(began)
            cost_s = spent / SECOND / (rooms * len(QUADRANTS))
            self._cost_s += 0.2 * (cost_s - self._cost_s)

    def _tell(self, second: int, playing: int) -> None:
        if second % 30 == 0:
            told = sum(room.seen.handed_at is not None for room in self._rooms)
            self._out(
                f"{second:+5d} s: {playing} rooms playing, {told} of {len(self._rooms)} alarms handed off, "
                f"speed {self._clock.speed:.1f}"
            )

    # What came of it --------------------------------------------------------------------------------------

    def _look(self) -> None:
        """At the service's own picture."""
        for seen in self._running.view.incidents.values():
            room = self._by_home.get(seen.incident.place_id)
            if room is not None and room.seen.handed_at is None:
                room.seen = findings(seen)

    def _waiting(self) -> bool:
        return any(room.seen.handed_at is None for room in self._rooms)

    def report(self) -> FireReport:
        lines = tuple(self._line(room) for room in self._rooms)
        waits = sorted(line.latency_ms for line in lines if line.latency_ms is not None)
        played, real = self._played
        return FireReport(
            lines,
            self._sequence,
            self._speed,
            round(played / real, 2) if real else 0.0,
            (median(self._lags) / SECOND, max(self._lags) / SECOND) if self._lags else (0.0, 0.0),
            {"p50": _quantile(waits, 0.5), "p99": _quantile(waits, 0.99)},
        )

    def _line(self, room: Room) -> FireLine:
        fire, seen = room.fire, room.seen
        return FireLine(
            fire.name,
            group_of(fire),
            fixed_s(fire),
            rise_s(fire),
            self._sample_s(seen.prealarm_at),
            self._later_s(seen.prealarm_at, seen.told_at),
            self._sample_s(seen.alarm_at),
            self._later_s(seen.alarm_at, seen.handed_at),
            self._waited_ms(seen.alarm_at, seen.handed_at),
        )

    def _sample_s(self, at: Instant | None) -> int | None:
        """The second whose readings the service had last: the next follow only when it has taken them."""
        if at is None:
            return None
        return self._first + max(bisect_right(self._published_at, at) - 1, 0)

    def _waited_ms(self, because_at: Instant | None, at: Instant | None) -> float | None:
        """Real time since the sample that was the reason was published."""
        second = self._sample_s(because_at)
        if second is None or at is None:
            return None
        published_at = self._published_at[second - self._first]
        return round((self._clock.real(at) - self._clock.real(published_at)) / 1000, 1)

    def _later_s(self, because_at: Instant | None, at: Instant | None) -> float | None:
        """The second of the sample that was the reason, and the real time from there on."""
        second, waited_ms = self._sample_s(because_at), self._waited_ms(because_at, at)
        return None if second is None or waited_ms is None else round(second + waited_ms / 1000, 2)


def bearable(asked: float, needed_s: float) -> float:
    """The speed at which what one recorded second needs of real time stays within its share."""
    return min(asked, BUSY / needed_s) if needed_s > 0 else asked


def _topic(device: str) -> str:
    return f"anmin/{COMMUNITY}/{device}/reading"


def _body(sequence: int, stamp: str, value: float) -> bytes:
    body = {"v": 1, "boot": 1, "seq": sequence, "at": stamp, "values": {"temperature_c": value}}
    return json.dumps(body, separators=(",", ":")).encode()


def _quantile(values: Sequence[float], share: float) -> float | None:
    return values[min(len(values) - 1, int(len(values) * share))] if values else None
