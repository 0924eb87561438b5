"""A small community with something going on, for tests of what people look at."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from alerts.broadcasts.broadcast import Audience, Recipient
from alerts.broadcasts.delivery import State
from alerts.incidents import events as e
from alerts.incidents.state import Ack, Condition, Incident, Stage, Standing
from anmin.view import DeliveryView, DeviceView, Health, IncidentView, StrangerView, View
from devices.device import Device, DeviceKind, DeviceMode, Profile
from devices.instant import HOUR, MINUTE, SECOND, Instant, parse_rfc3339
from devices.inventory import Inventory
from devices.level import Hazard, Level
from devices.liveness import Liveness
from devices.place import Place, PlaceKind
from devices.resident import Contact, Need, Resident
from devices.station import Responder, Role, Station
from rules.verdict import Evidence

NOW: Instant = parse_rfc3339("2026-11-23T06:02:11Z")
FIRE, FLOOD, CLOSED = "inc_01FIRE", "inc_02FLOOD", "inc_03CLOSED"
HOME = "b3-u2-f12-1203"
SMOKE = Profile("smoke-1", DeviceKind.SMOKE, frozenset({"smoke_alarm", "smoke_obscuration_db_per_m"}))
WATER = Profile("water-1", DeviceKind.WATER_LEVEL, frozenset({"water_level_mm"}))


def inventory() -> Inventory:
    return Inventory.of("xfl", "v1", _places(), _devices(), _residents(), _responders(), (_station(),))


def view(now: Instant = NOW) -> View:
    """A fire that nobody has taken, a flood in hand, a closed false alarm; one silent, one unknown device."""
    shown = View(inventory())
    shown.now = now
    shown.incidents = {seen.incident.id: seen for seen in (fire(now), flood(now), closed(now))}
    shown.devices = {seen.device.id: seen for seen in _device_views(shown.inventory, now)}
    said: dict[str, tuple[float | None, Instant]] = {"smoke_alarm": (0.0, now - 5 * MINUTE)}
    stranger = StrangerView("zigbee2mqtt", "0x00158d00012f", now - 5 * MINUTE, said)
    shown.inbox = {"unknown:zigbee2mqtt:0x00158d00012f": stranger}
    shown.health = (
        Health("broker", True, "127.0.0.1:1883"),
        Health("sms", None, ""),
        Health("siren", False, "siren-3: no answer for 4 min"),
    )
    return shown


def fire(now: Instant = NOW) -> IncidentView:
    opened = now - 102 * SECOND
    evidence = (
        Evidence("smoke-1203", "smoke_obscuration_db_per_m", 0.31, 0.15, opened, 4711),
        Evidence("smoke-1203", "smoke_alarm", 1.0, None, opened, 4712),
    )
    standing = Standing(
        "fire-smoke", "3", "smoke-1203", HOME, Level.CRITICAL, Level.CRITICAL, opened, evidence
    )
    incident = Incident(
        id=FIRE,
        hazard=Hazard.FIRE,
        place_id=HOME,
        opened_at=opened,
        stage=Stage.ACTIVE,
        level=Level.CRITICAL,
        peak=Level.CRITICAL,
        standings=(standing,),
        alarm_at=opened,
        station_id="station-1",
        dispatched_at=opened + 2 * SECOND,
        replies=(("b3-u2-f12-1201", e.Reply.SAFE), ("b3-u2-f11-1103", e.Reply.HELP)),
        stages=((Stage.VERIFYING, opened), (Stage.ACTIVE, opened + 40 * SECOND)),
    )
    return IncidentView(incident, _fire_timeline(opened, evidence), _fire_deliveries(opened))


def flood(now: Instant = NOW) -> IncidentView:
    opened = now - 14 * MINUTE
    evidence = (Evidence("water-garage", "water_level_mm", 182.0, 150.0, opened, 4200),)
    incident = Incident(
        id=FLOOD,
        hazard=Hazard.FLOOD,
        place_id="garage",
        opened_at=opened,
        stage=Stage.RESPONDING,
        level=Level.ALARM,
        peak=Level.ALARM,
        ack=Ack("wang", Level.ALARM, opened + MINUTE, now + MINUTE),
        standings=(
            Standing(
                "flood-depth", "1", "water-garage", "garage", Level.ALARM, Level.ALARM, opened, evidence
            ),
        ),
        stages=((Stage.ACTIVE, opened), (Stage.RESPONDING, opened + 2 * MINUTE)),
    )
    return IncidentView(incident, (_opened(FLOOD, Hazard.FLOOD, "garage", opened, evidence),), ())


def closed(now: Instant = NOW) -> IncidentView:
    opened = now - HOUR
    incident = Incident(
        id=CLOSED,
        hazard=Hazard.GAS,
        place_id="b3-u2-f11-1103",
        opened_at=opened,
        stage=Stage.CLOSED,
        condition=Condition.NORMAL,
        level=Level.CLEAR,
        peak=Level.PREALARM,
        stages=((Stage.VERIFYING, opened), (Stage.CLOSED, opened + 9 * MINUTE)),
        disposition=e.Disposition.FALSE_COOKING,
    )
    return IncidentView(incident, (_opened(CLOSED, Hazard.GAS, "b3-u2-f11-1103", opened, ()),), ())


def with_incident(seen: IncidentView, **changes: object) -> IncidentView:
    return replace(seen, incident=replace(seen.incident, **changes))  # type: ignore[arg-type]  # test data


def unreachable_at(known: Inventory, *people: str) -> Inventory:
    """The same community, but these residents have no contact at all."""
    residents = (replace(each, contacts=()) if each.id in people else each for each in known.residents)
    return Inventory.of(
        "xfl", "v2", _places(), _devices(), tuple(residents), known.responders, known.stations
    )


def _opened(
    incident_id: str, hazard: Hazard, place_id: str, at: Instant, evidence: tuple[Evidence, ...]
) -> e.Opened:
    return e.Opened(
        id=f"{incident_id}-0",
        incident_id=incident_id,
        at=at,
        hazard=hazard,
        place_id=place_id,
        source_place_id=place_id,
        level=Level.ALARM,
        subject="smoke-1203",
        rule_id="fire-smoke",
        rule_version="3",
        evidence=evidence,
    )


def _fire_timeline(at: Instant, evidence: tuple[Evidence, ...]) -> tuple[e.Event, ...]:
    def sent(n: int, after: int, channel: str, state: State) -> e.Delivered:
        return e.Delivered(
            id=f"{FIRE}-9{n}",
            incident_id=FIRE,
            at=at + after * SECOND,
            key=f"k{n}",
            recipient="",
            channel=channel,
            state=state.value,
        )

    head: dict[str, Any] = {"incident_id": FIRE}
    return (
        _opened(FIRE, Hazard.FIRE, HOME, at, evidence),
        e.Verifying(id="e1", at=at, until=at + 60 * SECOND, **head),
        e.Dispatched(id="e2", at=at + 2 * SECOND, station_id="station-1", **head),
        e.Activated(id="e3", at=at + 40 * SECOND, because=e.Because.CORROBORATED, **head),
        e.Announced(
            id="e4", at=at + 40 * SECOND, version=2, purpose="evacuate", recipients=6, households=4, **head
        ),
        sent(1, 41, "webhook", State.DELIVERED),
        sent(2, 41, "webhook", State.DELIVERED),
        sent(3, 42, "webhook", State.FAILED),
        e.Replied(
            id="e5",
            at=at + 60 * SECOND,
            household_id="b3-u2-f11-1103",
            by="b3-u2-f11-1103",
            reply=e.Reply.HELP,
            **head,
        ),
        e.Overdue(id="e6", at=at + 62 * SECOND, clock="accept", **head),
    )


def _fire_deliveries(at: Instant) -> tuple[DeliveryView, ...]:
    def one(person: str, home: str | None, state: State, detail: str = "") -> DeliveryView:
        audience = Audience.RESIDENT if home else Audience.CREW
        recipient = Recipient(person, audience, "webhook", f"webhook:{person}", ("zh",), home)
        return DeliveryView(recipient, 2, state, detail, at + 41 * SECOND)

    return (
        one("r-1203", HOME, State.DELIVERED),
        one("r-1201", "b3-u2-f12-1201", State.SEEN),
        one("r-1103", "b3-u2-f11-1103", State.HANDED_OFF),
        one("r-1403", "b3-u2-f14-1403", State.FAILED, "502 from the gateway"),
        one("li", None, State.DELIVERED),
    )


def _places() -> tuple[Place, ...]:
    homes = ((12, "1201"), (12, "1203"), (11, "1103"), (14, "1403"))
    floors = sorted({floor for floor, _ in homes})
    return (
        Place("xfl", PlaceKind.COMMUNITY, None, "幸福里社区", "Xingfuli Community"),
        Place("b3", PlaceKind.BUILDING, "xfl", "3号楼", "Building 3"),
        Place("b3-u2", PlaceKind.UNIT, "b3", "2单元", "Stair 2"),
        *(Place(f"b3-u2-f{n}", PlaceKind.FLOOR, "b3-u2", f"{n}层", f"floor {n}", n) for n in floors),
        *(
            Place(f"b3-u2-f{n}-{name}", PlaceKind.HOUSEHOLD, f"b3-u2-f{n}", name, f"flat {name}", n)
            for n, name in homes
        ),
        Place("garage", PlaceKind.GARAGE, "xfl", "5号楼地下车库", "Garage under building 5", -1),
    )


def _devices() -> tuple[Device, ...]:
    return (
        Device("smoke-1203", SMOKE, HOME, "native", "smoke-1203", "厨房烟感", "kitchen smoke"),
        Device(
            "smoke-1403", SMOKE, "b3-u2-f14-1403", "native", "smoke-1403", "客厅烟感", "living room smoke"
        ),
        Device("water-garage", WATER, "garage", "native", "water-garage", "车库水位", "garage water level"),
        Device("smoke-test", SMOKE, "b3", "native", "smoke-test", "楼道烟感", "hall smoke", DeviceMode.TEST),
    )


def _device_views(known: Inventory, now: Instant) -> tuple[DeviceView, ...]:
    devices = known.devices
    return (
        DeviceView(
            devices["smoke-1203"],
            Liveness.HEARD,
            now - 4 * SECOND,
            {
                "smoke_obscuration_db_per_m": (0.31, now - 4 * SECOND),
                "smoke_alarm": (1.0, now - 4 * SECOND),
                "battery_percent": (None, now - HOUR),
            },
        ),
        DeviceView(devices["water-garage"], Liveness.HEARD, now, {"water_level_mm": (182.0, now)}, True),
        DeviceView(devices["smoke-1403"], Liveness.SILENT, now - 5 * HOUR, {}, False),
    )


def _residents() -> tuple[Resident, ...]:
    phone = (Contact("webhook", "webhook"),)
    return (
        Resident("r-1203", HOME, "赵敏", ("zh",), phone),
        Resident("r-1201", "b3-u2-f12-1201", "Anna Schmidt", ("en",), phone),
        Resident(
            "r-1103",
            "b3-u2-f11-1103",
            "孙爷爷",
            ("zh",),
            phone,
            frozenset({Need.WHEELCHAIR, Need.LIVES_ALONE}),
        ),
        Resident("r-1403", "b3-u2-f14-1403", "钱多多", ("zh",), phone),
    )


def _responders() -> tuple[Responder, ...]:
    return (
        Responder("wang", "王芳", Role.DUTY),
        Responder("li", "李强", Role.MEMBER, station_id="station-1"),
    )


def _station() -> Station:
    return Station("station-1", "xfl", "幸福里微型消防站", "Xingfuli micro station", ("xfl",))
