"""What is well and what is not: for the health strip, for readiness, and in figures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from alerts.broadcasts.broadcast import LiveSend
from alerts.broadcasts.delivery import Outcome, Refused
from alerts.broadcasts.reach import SendOutcome
from alerts.incidents.state import Incident, Stage
from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage as TroubleStage
from alerts.troubles.trouble import Trouble
from anmin.backends.disk import Space
from anmin.backends.projection import Batch, record_batch
from anmin.clock import Clock
from anmin.dispatcher import Dispatcher
from anmin.folder import DataFolder
from anmin.telemetry import Metrics
from anmin.view import DeviceView, IncidentView, StrangerView, TroubleView, View
from anmin.vitals import Vitals
from devices.instant import SECOND
from devices.level import Level
from devices.liveness import Liveness
from ingest.message import Lane
from ingest.sources.mqtt import MqttEndpoint, MqttSource
from tests.support.community import T0, inventory
from tests.support.harness import until
from tests.support.ledger import incident, send
from tests.support.workplace import Workplace, message, opened

GIB = 1 << 30


class Refusing:
    """A channel that never works."""

    name = "console"
    idempotent = True

    async def send(self, send: LiveSend) -> Outcome:
        return Refused("no such number")


@dataclass
class Patient:
    """Vitals over real parts; the wall clock and the disk are what the test says."""

    place: Workplace
    folder: DataFolder
    metrics: Metrics = field(default_factory=Metrics)
    wall: int = T0 * 1000
    handled: int = 0

    def __post_init__(self) -> None:
        self.view = View(inventory())
        self.outcomes: list[SendOutcome] = []
        self.dispatcher = Dispatcher(
            self.place.ledger,
            {"console": Refusing()},
            {},
            self.outcomes.append,
            lambda: T0,
            lambda at: 0.0,
            lambda: 0.0,
        )
        endpoint = MqttEndpoint("127.0.0.1", 1, "test")
        self.sources = [
            MqttSource(f"mqtt-{lane.value}", lane, endpoint, (f"t/{lane.value}",), lambda: T0)
            for lane in Lane
        ]
        for source in self.sources:
            source.connected, source.trouble = True, ""
        self.clock = Clock(wall=lambda: self.wall, monotonic=lambda: 0)
        self.vitals = Vitals(
            self.folder,
            self.place.log,
            self.place.ledger,
            self.dispatcher,
            self.sources,
            self.clock,
            self.metrics,
            self.view,
            lambda: self.handled,
        )

    def broken(self) -> dict[str, str]:
        return {part.name: part.detail for part in self.vitals.health() if part.ok is not True}

    def unready(self) -> list[str]:
        return [part.name for part in self.vitals.ready() if part.ok is not True]

    def figure(self, line: str) -> float | None:
        """The value of one line of the exposition, None when it is not there."""
        for said in self.metrics.text().decode().splitlines():
            if said.startswith(f"anmin_{line} "):
                return float(said.rpartition(" ")[2])
        return None


@pytest.fixture
async def p(tmp_path: Path) -> AsyncIterator[Patient]:
    folder = DataFolder(tmp_path / "data", reserve_bytes=1 << 16)
    async with opened(tmp_path) as place:
        yield Patient(place, folder)
    folder.close()


async def test_when_all_is_well_every_part_says_so(p: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(p.folder, "space", lambda: Space(90 * GIB, 100 * GIB))
    assert p.broken() == {}
    assert [part.name for part in p.vitals.health()] == [
        "mqtt-alarm",
        "mqtt-telemetry",
        "log",
        "ledger",
        "disk",
        "channels",
        "clock",
        "loop",
    ]
    assert p.unready() == []


async def test_a_lane_that_is_not_connected_is_named_with_its_trouble_and_not_ready(p: Patient) -> None:
    p.sources[0].connected, p.sources[0].trouble = False, "connection refused"
    assert p.broken()["mqtt-alarm"] == "connection refused"
    assert p.unready() == ["mqtt-alarm"]


async def test_before_there_are_sources_nobody_is_ready_for_alarms(p: Patient) -> None:
    p.sources.clear()
    assert p.unready() == ["mqtt"]


async def test_a_ledger_whose_server_is_away_is_not_ready(p: Patient) -> None:
    p.place.ledger.away = "connection refused"
    assert p.broken()["ledger"] == "connection refused"
    assert p.unready() == ["ledger"]


async def test_a_log_that_refuses_telemetry_is_not_ready(p: Patient) -> None:
    p.place.log.refusing = True
    assert "telemetry refused" in p.broken()["log"]
    assert p.unready() == ["log"]


@pytest.mark.parametrize(
    ("free", "total", "low"),
    [(11, 100, False), (1, 100, True), (3, 100, False), (1, 8, False), (0, 8, True)],
)
async def test_a_disk_is_low_below_a_tenth_but_never_while_there_is_enough(
    p: Patient, monkeypatch: pytest.MonkeyPatch, free: int, total: int, low: bool
) -> None:
    monkeypatch.setattr(p.folder, "space", lambda: Space(free * GIB, total * GIB))
    assert ("disk" in p.broken()) is low
    assert p.unready() == []  # the log says itself when it has no room


async def test_a_channel_that_fails_is_shown_and_does_not_take_readiness(p: Patient) -> None:
    one = send(deadline_at=T0 + 600 * SECOND)
    await p.place.ledger.write(lambda c: record_batch(c, Batch(cursor=1, sends=(one,))))
    running = asyncio.create_task(p.dispatcher.run())
    p.dispatcher.offer((one,))
    await until(lambda: bool(p.outcomes), 5)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert p.broken()["channels"] == "console"
    assert p.unready() == []


@pytest.mark.parametrize(("seconds", "well"), [(0, True), (4.9, True), (5.1, False), (-5.1, False)])
async def test_a_stepped_wall_clock_is_told(p: Patient, seconds: float, well: bool) -> None:
    p.wall += round(seconds * 1e9)
    assert ("clock" not in p.broken()) is well
    detail = next(part.detail for part in p.vitals.health() if part.name == "clock")
    assert detail == f"{seconds:+.1f} s"


async def test_a_loop_that_was_held_up_is_told(p: Patient, monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter((100.0, 103.5, 103.5, 104.5, 104.5))
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: next(times))
    naps = 0

    async def nap(seconds: float) -> None:
        nonlocal naps
        naps += 1
        if naps == 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", nap)
    with pytest.raises(asyncio.CancelledError):
        await p.vitals.run()
    monkeypatch.undo()
    assert p.broken()["loop"] == "2500 ms late"
    assert "loop" in p.unready()
    assert p.figure("event_loop_lag_seconds") == 2.5


async def test_the_queue_of_records_is_what_the_log_has_beyond_what_was_handled(p: Patient) -> None:
    await p.place.append(*(message("gas-101", seq=n, gas_lel_percent=0.0) for n in range(5)))
    p.handled = 3
    p.vitals.measure()
    assert p.figure('queue_depth{queue="records"}') == 2
    assert p.figure('queue_depth{queue="sends"}') == 0


async def test_every_device_counts_in_one_state_and_a_state_that_empties_is_zero(p: Patient) -> None:
    devices = list(inventory().devices.values())
    for device, liveness in zip(devices, (Liveness.HEARD, Liveness.SILENT, Liveness.SILENT), strict=False):
        p.view.devices[device.id] = DeviceView(device, liveness, T0)
    p.vitals.measure()
    assert [p.figure(f'devices{{state="{one.value}"}}') for one in Liveness] == [1, 0, 2, 0]
    p.view.devices.clear()
    p.vitals.measure()
    assert [p.figure(f'devices{{state="{one.value}"}}') for one in Liveness] == [0, 0, 0, 0]


def seen(name: str, stage: Stage, *, drill: bool = False) -> IncidentView:
    one: Incident = replace(incident(name, stage=stage), drill=drill)
    return IncidentView(one, (), ())


async def test_open_incidents_are_counted_by_level_and_drills_apart(p: Patient) -> None:
    p.view.incidents = {
        "a": seen("a", Stage.ACTIVE),
        "b": seen("b", Stage.RESOLVED, drill=True),
        "c": seen("c", Stage.CLOSED),
    }
    p.vitals.measure()
    level = Level.CRITICAL.word
    assert p.figure(f'incidents_open{{drill="false",level="{level}"}}') == 1
    assert p.figure(f'incidents_open{{drill="true",level="{level}"}}') == 1
    assert p.figure("drill_active") == 1
    p.view.incidents = {"c": seen("c", Stage.CLOSED)}
    p.vitals.measure()
    assert p.figure(f'incidents_open{{drill="false",level="{level}"}}') is None
    assert p.figure("drill_active") == 0


async def test_connections_inbox_and_disk_are_figures_too(
    p: Patient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(p.folder, "space", lambda: Space(7 * GIB, 100 * GIB))
    p.sources[1].connected = False
    p.view.inbox = {"unknown:native:x": StrangerView("native", "x", T0, {})}
    p.vitals.measure()
    assert p.figure('broker_connected{lane="alarm"}') == 1
    assert p.figure('broker_connected{lane="telemetry"}') == 0
    assert (p.figure("devices_inbox"), p.figure("disk_free_bytes")) == (1, 7 * GIB)


async def test_troubles_that_stand_are_counted_by_kind(p: Patient) -> None:
    for name, kind, stage in (
        ("a", TroubleKind.LOST, TroubleStage.STANDING),
        ("b", TroubleKind.LOST, TroubleStage.FOLDED),
        ("c", TroubleKind.AREA, TroubleStage.ENDING),
    ):
        p.view.troubles[name] = TroubleView(Trouble(name, kind, name, "c", T0, stage), 0)
    p.vitals.measure()
    assert [p.figure(f'troubles{{kind="{kind}"}}') for kind in ("lost", "area", "fault")] == [1, 1, 0]
