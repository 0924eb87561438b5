"""Where protection is proved and where it is only hoped for: per place, what is heard from, tested, in date,
sound and reachable. Nothing counts as fine without proof."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from devices.device import SENSING, Device, DeviceKind, DeviceMode
from devices.instant import Instant
from devices.inventory import Inventory
from devices.level import Hazard
from devices.liveness import Liveness
from devices.place import PlaceKind

SOUNDING: Final = frozenset({DeviceKind.SIREN, DeviceKind.LOUDSPEAKER, DeviceKind.SOUNDER})
POINTS: Final = SENSING | SOUNDING
"""What can raise an alarm or sound one; gateways and what only moves are no points of protection."""
HAZARDS: Final[Mapping[DeviceKind, Hazard]] = {
    DeviceKind.SMOKE: Hazard.FIRE,
    DeviceKind.HEAT: Hazard.FIRE,
    DeviceKind.CALL_POINT: Hazard.FIRE,
    DeviceKind.GAS: Hazard.GAS,
    DeviceKind.CO: Hazard.CO,
    DeviceKind.WATER_LEAK: Hazard.WATER_LEAK,
    DeviceKind.WATER_LEVEL: Hazard.FLOOD,
    DeviceKind.ELECTRICAL: Hazard.ELECTRICAL,
    DeviceKind.SOS: Hazard.SOS,
}


class Gap(StrEnum):
    """Why a point or a home does not count as protected."""

    NEVER_HEARD = "never_heard"
    SILENT = "silent"
    NOT_PROVED = "not_proved"  # nobody ever saw its alarm arrive
    PROOF_OLD = "proof_old"
    DATE_UNKNOWN = "date_unknown"  # its model wears out and nobody wrote down since when it hangs there
    OUT_OF_DATE = "out_of_date"
    TROUBLE = "trouble"
    UNDER_TEST = "under_test"  # its alarms reach nobody
    NO_DEVICE = "no_device"  # of a household
    NOBODY_REACHABLE = "nobody_reachable"


UNHEARD: Final = frozenset({Gap.NEVER_HEARD, Gap.SILENT})
UNTESTED: Final = frozenset({Gap.NOT_PROVED, Gap.PROOF_OLD})
UNDATED: Final = frozenset({Gap.DATE_UNKNOWN, Gap.OUT_OF_DATE})


class Seen(NamedTuple):
    """What is known of a device now. `troubled`: something is wrong with it beyond its dates and tests."""

    liveness: Liveness = Liveness.UNKNOWN
    proved_at: Instant | None = None
    troubled: bool = False


@dataclass(slots=True)
class Row:
    """One place with all below. `good`: points without any gap; `hazards`: what its good points are for.

    `heard`, `tested`, `in_date`, `sound` count points that have none of the gaps of that sort.
    """

    place_id: str
    points: int = 0
    heard: int = 0
    tested: int = 0
    in_date: int = 0
    sound: int = 0
    good: int = 0
    households: int = 0
    equipped: int = 0
    reachable: int = 0
    hazards: set[Hazard] = field(default_factory=set)
    gaps: list[tuple[str, Gap]] = field(default_factory=list)


def gaps_of(device: Device, seen: Seen, now: Instant) -> tuple[Gap, ...]:
    """Everything that keeps a point from counting."""
    return tuple(_gaps(device, seen, now))


def _gaps(device: Device, seen: Seen, now: Instant) -> Iterator[Gap]:
    profile = device.profile
    if seen.liveness is Liveness.UNKNOWN:
        yield Gap.NEVER_HEARD
    elif seen.liveness is Liveness.SILENT:
        yield Gap.SILENT
    if seen.proved_at is None:
        yield Gap.NOT_PROVED
    elif profile.test_every_for is not None and now > seen.proved_at + profile.test_every_for:
        yield Gap.PROOF_OLD
    if device.out_of_date_at is not None:
        if now >= device.out_of_date_at:
            yield Gap.OUT_OF_DATE
    elif profile.lasts_for is not None:
        yield Gap.DATE_UNKNOWN
    if seen.troubled:
        yield Gap.TROUBLE
    if device.mode is DeviceMode.TEST:
        yield Gap.UNDER_TEST


def survey(
    inventory: Inventory, seen: Mapping[str, Seen], now: Instant, channels: Collection[str]
) -> dict[str, Row]:
    """A row for each place. `channels`: by whose ways a person can be reached."""
    rows = {place_id: Row(place_id) for place_id in inventory.tree.places}
    for device in inventory.devices.values():
        if device.kind in POINTS:
            gaps = gaps_of(device, seen.get(device.id, Seen()), now)
            for place in inventory.tree.up(device.place_id):
                _count(rows[place.id], device, gaps)
    for place_id, place in inventory.tree.places.items():
        if place.kind is PlaceKind.HOUSEHOLD:
            gaps = tuple(_of_home(inventory, place_id, rows[place_id], channels))
            for around in inventory.tree.up(place_id):
                _count_home(rows[around.id], place_id, gaps)
    return rows


def _of_home(inventory: Inventory, place_id: str, row: Row, channels: Collection[str]) -> Iterator[Gap]:
    if not row.points:
        yield Gap.NO_DEVICE
    contacts = (contact for person in inventory.living_in(place_id) for contact in person.contacts)
    if not any(contact.channel in channels for contact in contacts):
        yield Gap.NOBODY_REACHABLE


def _count(row: Row, device: Device, gaps: tuple[Gap, ...]) -> None:
    row.points += 1
    row.heard += not UNHEARD & set(gaps)
    row.tested += not UNTESTED & set(gaps)
    row.in_date += not UNDATED & set(gaps)
    row.sound += Gap.TROUBLE not in gaps
    row.gaps += [(device.id, gap) for gap in gaps]
    if not gaps:
        row.good += 1
        if device.kind in HAZARDS:
            row.hazards.add(HAZARDS[device.kind])


def _count_home(row: Row, place_id: str, gaps: tuple[Gap, ...]) -> None:
    row.households += 1
    row.equipped += Gap.NO_DEVICE not in gaps
    row.reachable += Gap.NOBODY_REACHABLE not in gaps
    row.gaps += [(place_id, gap) for gap in gaps]
