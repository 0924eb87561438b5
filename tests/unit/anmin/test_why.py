"""Why it alarmed, why it did not: asked of a log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from alerts.incidents.command import Acknowledge
from anmin import houses, why_text
from anmin.folder import FolderUnusable
from anmin.houses import VersionMissing
from anmin.sections import Settings, Site
from anmin.why import NoSuchDevice, Why, why, why_of_folder
from devices.instant import DAY, SECOND, rfc3339
from devices.level import Level
from ingest.message import Record
from rules.account import Account
from tests.support.community import T0
from tests.support.monitor import dialects
from tests.support.workplace import TICK, alarm, asked, home_house, message, opened, rules_body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    asyncio.run(_night(tmp_path))
    return tmp_path


async def _night(folder: Path) -> None:
    """A smoke alarm, a heat detector that gets warm and cools down again."""
    async with opened(folder) as place:
        house = home_house()
        await houses.keep(place.ledger, house, rules_body(), T0)
        await place.lived(houses.entry(house), alarm(), seconds=0)
        (incident,) = place.monitor.desk.incidents
        await place.lived(asked(Acknowledge(incident_id=incident, by="duty-1")), seconds=5)
        for number, degrees in enumerate((21.5, 22.0, 44.0, 50.0, 30.0), 1):
            await place.lived(message("heat-302", seq=number, temperature_c=degrees), seconds=number * 60)
        await place.lived(TICK, seconds=400)


def asked_of(folder: Path, device: str, seconds: float) -> Why:
    settings = Settings(site=Site(data_dir=folder))
    at = rfc3339(T0 + round(seconds * SECOND))
    return asyncio.run(why_of_folder(settings, device, at, DAY))


def rule(found: Why, name: str) -> Account:
    return next(one for one in found.accounts if one.rule.id == name)


def test_what_stood_then_and_how_far_it_was_from_something_else(folder: Path) -> None:
    warm = asked_of(folder, "heat-302", 190)
    assert (warm.last["temperature_c"].value, warm.heard) == (44.0, 3)
    fixed = rule(warm, "fire.temperature")
    assert fixed.level is Level.CLEAR
    assert [(one.have, one.need) for one in fixed.gauges] == [(44.0, 57.0), (44.0, 48.0)]
    hot = rule(asked_of(folder, "heat-302", 250), "fire.temperature")
    assert hot.level is Level.PREALARM
    assert [(one.have, one.need) for one in hot.gauges] == [(50.0, 57.0), (50.0, 43.0)]


def test_the_changes_of_level_up_to_then_are_told(folder: Path) -> None:
    found = asked_of(folder, "heat-302", 400)
    steps = [(edge.rule_id, edge.before.word, edge.after.word) for edge in found.edges]
    assert ("fire.temperature", "clear", "prealarm") in steps
    assert ("fire.temperature", "prealarm", "clear") in steps
    assert rule(found, "fire.temperature").level is Level.CLEAR


def test_a_device_of_which_nothing_was_heard_says_what_is_missing(folder: Path) -> None:
    said = why_text.body(asked_of(folder, "gas-301", 400))
    (first,) = (one for one in said["rules"] if one["id"] == "gas.alarm")
    assert (first["level"], first["why"][0]["en"]) == ("unknown", "never heard: `gas_alarm`")


def test_rules_by_place_are_asked_too(folder: Path) -> None:
    found = rule(asked_of(folder, "heat-302", 250), "fire.two-signs")
    assert (found.subject, [(one.have, one.need) for one in found.gauges]) == ("c.b1.u1.f3.302", [(1, 2)])


def test_an_unknown_device_and_a_time_before_everything_are_refused(folder: Path) -> None:
    with pytest.raises(NoSuchDevice):
        asked_of(folder, "heat-999", 10)
    with pytest.raises(VersionMissing):
        asked_of(folder, "heat-302", -10)
    with pytest.raises(ValueError, match="soon"):
        asyncio.run(why_of_folder(Settings(site=Site(data_dir=folder)), "heat-302", "soon", DAY))


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable):
        asked_of(tmp_path / "nowhere", "heat-302", 0)


async def test_the_replay_begins_where_it_is_told_with_what_was_in_force(folder: Path) -> None:
    async with opened(folder) as place:

        class Cut:
            first = 1

            async def read(self, after: int, until: int | None = None) -> AsyncIterator[Record]:
                async for record in place.log.read(after, until):
                    yield record

        at = T0 + 400 * SECOND
        late = await why(Cut(), place.ledger, lambda _: dialects(), "heat-302", at, 170 * SECOND)
        assert late.heard == 2
        assert late.since == T0 + 240 * SECOND
        empty = await why(Cut(), place.ledger, lambda _: dialects(), "heat-302", at + DAY, SECOND)
        assert (empty.heard, empty.records) == (0, 0)
        assert all(one.level is Level.UNKNOWN for one in empty.accounts)


def test_old_readings_count_for_nothing_and_are_counted(folder: Path) -> None:
    async def more() -> None:
        async with opened(folder) as place:
            await place.lived(message("heat-302", seq=1, temperature_c=90.0), seconds=500)

    asyncio.run(more())
    found = asked_of(folder, "heat-302", 600)
    assert found.past == 1
    assert found.last["temperature_c"].value == 30.0
