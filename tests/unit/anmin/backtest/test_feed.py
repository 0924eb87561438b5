"""Readings out of a service's own data directory."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from alerts.incidents.command import Acknowledge
from anmin import houses
from anmin.backtest.feed import NothingKept, of_history, of_log
from anmin.backtest.past import Past
from anmin.folder import DataFolder, FolderUnusable
from anmin.history.sample import Sample
from anmin.history.sqlite_store import SqliteHistory
from anmin.sections import History, Settings, Site
from devices.instant import DAY, SECOND, Instant
from devices.reading import Reading, Trust
from tests.support.community import T0, inventory
from tests.support.workplace import TICK, alarm, asked, home_house, message, opened, rules_body

WARM = (21.5, 22.0, 44.0, 50.0, 30.0)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    async def night() -> None:
        async with opened(tmp_path) as place:
            house = home_house()
            await houses.keep(place.ledger, house, rules_body(), T0)
            await place.lived(houses.entry(house), alarm(), seconds=0)
            (incident,) = place.monitor.desk.incidents
            await place.lived(asked(Acknowledge(incident_id=incident, by="duty-1")), seconds=5)
            for number, degrees in enumerate(WARM, 1):
                await place.lived(message("heat-302", seq=number, temperature_c=degrees), seconds=number * 60)
            await place.lived(message("heat-302", seq=2, temperature_c=99), seconds=310)
            await place.lived(message("stranger", seq=1, temperature_c=20), seconds=320)
            await place.lived(TICK, seconds=400)

    asyncio.run(night())
    return tmp_path


def settings(folder: Path) -> Settings:
    return Settings(site=Site(data_dir=folder))


def heard(folder: Path, since: Instant | None = None, until: Instant | None = None) -> list[Reading]:
    with of_log(settings(folder), inventory(), since, until) as feed:
        found = list(feed.readings)
        assert feed.share() == 1
    return found


def test_the_log_gives_what_was_accepted_with_its_times(folder: Path) -> None:
    found = heard(folder)
    warm = [one for one in found if one.quantity == "temperature_c" and one.trust is Trust.NONE]
    assert [(one.value, one.at - T0) for one in warm] == [
        (degrees, number * 60 * SECOND) for number, degrees in enumerate(WARM, 1)
    ]
    assert any(one.quantity == "smoke_alarm" and one.value == 1 for one in found)


def test_whom_the_community_does_not_know_says_nothing(folder: Path) -> None:
    assert {one.device_id for one in heard(folder)} == {"heat-302", "smoke-301"}


def test_what_came_again_is_still_marked_as_that(folder: Path) -> None:
    (again,) = (one for one in heard(folder) if one.value == 99)
    assert again.trust & (Trust.DUPLICATE | Trust.BACKFILL)


def test_a_span_of_the_log_takes_its_begin_and_not_its_end(folder: Path) -> None:
    found = heard(folder, T0 + 60 * SECOND, T0 + 180 * SECOND)
    assert [one.value for one in found] == [21.5, 22.0]


def test_the_log_is_free_again_afterwards(folder: Path) -> None:
    assert heard(folder) == heard(folder)


def test_a_running_service_keeps_its_folder(folder: Path) -> None:
    running = DataFolder(folder, reserve_bytes=settings(folder).log.reserve_bytes)
    try:
        with pytest.raises(FolderUnusable), of_log(settings(folder), inventory()):
            pytest.fail("the folder was opened twice")
    finally:
        running.close()


def test_no_folder_and_an_empty_log_are_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable), of_log(settings(tmp_path / "no"), inventory()):
        pytest.fail("there is none")
    with pytest.raises(NothingKept, match="empty"), of_log(settings(tmp_path), inventory()):
        pytest.fail("it is empty")


# History ----------------------------------------------------------------------------------------------------


def kept(folder: Path, *samples: Sample) -> None:
    async def write() -> None:
        store = SqliteHistory(folder / "history")
        await store.write(samples)
        await store.close()

    asyncio.run(write())


def remembered(folder: Path, past: Past, since: Instant | None = None) -> list[Reading]:
    with of_history(settings(folder), inventory(), past, lambda: T0, since) as feed:
        found = list(feed.readings)
        assert feed.share() == 1
    return found


def test_the_history_is_read_from_its_first_day_to_its_last(tmp_path: Path) -> None:
    device, quantity = "level-1", "water_level_mm"
    kept(
        tmp_path,
        *(Sample(device, quantity, T0 + day * DAY, float(day), 0, day + 1) for day in range(3)),
    )
    past = Past(frozenset({quantity}))
    assert [one.value for one in remembered(tmp_path, past)] == [0, 1, 2]
    assert [one.value for one in remembered(tmp_path, past, T0 + DAY)] == [1, 2]


def test_a_service_without_history_says_what_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(NothingKept, match=r"history\.enabled"):
        remembered(tmp_path, Past(frozenset()))


def test_a_server_must_be_told_the_span(tmp_path: Path) -> None:
    there = Settings(
        site=Site(data_dir=tmp_path), history=History(url="http://127.0.0.1:9", bucket="b", org="o")
    )
    with (
        pytest.raises(NothingKept, match="--from and --to"),
        of_history(there, inventory(), Past(frozenset()), lambda: T0),
    ):
        pytest.fail("it was not told")
    assert os.listdir(tmp_path / "history") == []
