"""Coverage: nothing counts as fine without proof."""

from __future__ import annotations

from dataclasses import replace

import pytest

from devices.coverage import Gap, Seen, gaps_of, survey
from devices.device import Device, DeviceKind, DeviceMode, Profile
from devices.instant import DAY
from devices.inventory import Inventory
from devices.level import Hazard
from devices.liveness import Liveness
from devices.place import Place, PlaceKind
from devices.resident import Contact, Resident

NOW = 1_790_000_000_000_000
YEAR = 365 * DAY
SMOKE = Profile("s", DeviceKind.SMOKE, frozenset({"smoke_alarm"}), test_every_for=YEAR, lasts_for=10 * YEAR)
GOOD = Seen(Liveness.HEARD, NOW - DAY)
DEVICE = Device("a", SMOKE, "h1", "native", "a", "烟感", "smoke", installed_at=NOW - YEAR)


def town(*devices: Device) -> Inventory:
    places = [
        Place("c", PlaceKind.COMMUNITY, None, "社区", "Community"),
        Place("b", PlaceKind.BUILDING, "c", "1号楼", "Building 1"),
        Place("h1", PlaceKind.HOUSEHOLD, "b", "101", "101"),
        Place("h2", PlaceKind.HOUSEHOLD, "b", "102", "102"),
    ]
    people = [
        Resident("p1", "h1", "甲", ("zh",), (Contact("webhook", "1"),)),
        Resident("p2", "h2", "乙", ("zh",), (Contact("pigeon", "2"),)),
    ]
    return Inventory.of("c", "v", places, devices, people)


def test_a_point_that_is_heard_proved_and_in_date_has_no_gap() -> None:
    assert gaps_of(DEVICE, GOOD, NOW) == ()


@pytest.mark.parametrize(
    ("device", "seen", "gap"),
    [
        (DEVICE, Seen(Liveness.UNKNOWN, NOW), Gap.NEVER_HEARD),
        (DEVICE, Seen(Liveness.SILENT, NOW), Gap.SILENT),
        (DEVICE, Seen(Liveness.HEARD, None), Gap.NOT_PROVED),
        (DEVICE, Seen(Liveness.HEARD, NOW - YEAR - 1), Gap.PROOF_OLD),
        (replace(DEVICE, installed_at=None), GOOD, Gap.DATE_UNKNOWN),
        (replace(DEVICE, installed_at=NOW - 10 * YEAR), GOOD, Gap.OUT_OF_DATE),
        (replace(DEVICE, expires_at=NOW), GOOD, Gap.OUT_OF_DATE),
        (DEVICE, GOOD._replace(troubled=True), Gap.TROUBLE),
        (replace(DEVICE, mode=DeviceMode.TEST), GOOD, Gap.UNDER_TEST),
    ],
)
def test_each_lack_of_proof_is_a_gap_of_its_own(device: Device, seen: Seen, gap: Gap) -> None:
    assert gaps_of(device, seen, NOW) == (gap,)


def test_late_is_still_heard_and_a_model_without_an_age_needs_no_date() -> None:
    ageless = replace(DEVICE, profile=replace(SMOKE, lasts_for=None, test_every_for=None), installed_at=None)
    assert gaps_of(ageless, Seen(Liveness.LATE, 1), NOW) == ()


def test_places_count_what_is_below_them() -> None:
    gateway = replace(DEVICE, id="g", profile=Profile("g", DeviceKind.GATEWAY, frozenset()))
    siren = replace(DEVICE, id="s", place_id="b", profile=replace(SMOKE, kind=DeviceKind.SIREN))
    rows = survey(town(DEVICE, gateway, siren), {"a": GOOD}, NOW, {"webhook"})
    home, empty, building, community = (rows[name] for name in ("h1", "h2", "b", "c"))
    assert (home.points, home.good, home.equipped, home.reachable, home.gaps) == (1, 1, 1, 1, [])
    assert home.hazards == {Hazard.FIRE}
    assert empty.gaps == [("h2", Gap.NO_DEVICE), ("h2", Gap.NOBODY_REACHABLE)]
    assert (building.points, building.heard, building.tested, building.in_date, building.sound) == (
        2,
        1,
        1,
        2,
        2,
    )
    assert (building.households, building.equipped, building.reachable, building.good) == (2, 1, 1, 1)
    assert set(building.gaps) == {
        ("s", Gap.NEVER_HEARD),
        ("s", Gap.NOT_PROVED),
        ("h2", Gap.NO_DEVICE),
        ("h2", Gap.NOBODY_REACHABLE),
    }
    assert (community.points, community.households, community.gaps) == (2, 2, building.gaps)


def test_what_was_never_seen_is_no_protection() -> None:
    rows = survey(town(DEVICE), {}, NOW, {"webhook"})
    assert (rows["c"].points, rows["c"].good, rows["c"].heard, rows["c"].hazards) == (1, 0, 0, set())
