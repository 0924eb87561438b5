"""A history that is as the log says verifies; whatever was changed, taken away or added is named."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from alerts.incidents.command import Acknowledge
from anmin import houses, verify
from anmin.folder import DataFolder, FolderInUse, FolderUnusable
from anmin.houses import VersionMissing
from anmin.sections import Settings, Site
from anmin.verify import Difference, Verified, report
from tests.support.community import T0
from tests.support.workplace import TICK, alarm, asked, home_house, message, opened, rules_body


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two homes burn, one is acknowledged, a tier is told; a snapshot in the middle, and more after it."""
    asyncio.run(_history(tmp_path))
    return tmp_path


async def _history(folder: Path) -> None:
    async with opened(folder) as place:
        house = home_house()
        await houses.keep(place.ledger, house, rules_body(), T0)
        await place.lived(houses.entry(house), alarm(), seconds=0)
        (incident,) = place.monitor.desk.incidents
        await place.lived(asked(Acknowledge(incident_id=incident, by="duty-1")), seconds=5)
        await place.lived(message("heat-302", seq=1, temperature_c=21.5), TICK, seconds=65)
        await place.books.finish(place.monitor)
        await place.lived(alarm("smoke-501"), seconds=70)


def verified(folder: Path) -> Verified:
    return asyncio.run(verify.verify(Settings(site=Site(data_dir=folder))))


def change(folder: Path, database: str, statement: str, *values: object) -> None:
    with closing(sqlite3.connect(folder / database)) as file, file:
        assert file.execute(statement, values).rowcount == 1


def first(folder: Path, query: str) -> str:
    with closing(sqlite3.connect(folder / "ledger.db")) as ledger:
        return str(ledger.execute(query).fetchone()[0])


def test_a_history_as_the_log_says_is_clean(folder: Path) -> None:
    found = verified(folder)
    assert found.clean, found.differences
    assert found.records == 6
    assert min(found.events, found.incidents, found.sends, found.state) > 0


def test_the_order_of_keys_in_a_text_is_no_difference(folder: Path) -> None:
    body = json.loads(first(folder, "SELECT body FROM incident"))
    turned = json.dumps(dict(reversed(body.items())))
    change(folder, "ledger.db", "UPDATE incident SET body = ? WHERE id = ?", turned, body["id"])
    assert verified(folder).clean


def test_an_incident_that_was_changed_is_named(folder: Path) -> None:
    body = json.loads(first(folder, "SELECT body FROM incident ORDER BY id"))
    other = json.dumps(body | {"stage": "closed"})
    change(folder, "ledger.db", "UPDATE incident SET body = ? WHERE id = ?", other, body["id"])
    assert verified(folder).differences == [Difference("incident", body["id"], "other")]


def test_an_event_that_was_taken_away_and_one_that_was_added_are_named(folder: Path) -> None:
    name = first(folder, "SELECT id FROM event ORDER BY sequence, position")
    change(folder, "ledger.db", "UPDATE event SET id = 'evt_x' WHERE id = ?", name)
    differences = verified(folder).differences
    assert differences == [Difference("event", name, "missing"), Difference("event", "evt_x", "surplus")]


def test_a_send_that_was_taken_away_and_one_that_was_added_are_named(folder: Path) -> None:
    key = first(folder, "SELECT key FROM outbox ORDER BY key")
    change(folder, "ledger.db", "UPDATE outbox SET key = 'x' WHERE key = ?", key)
    differences = verified(folder).differences
    assert differences == [
        Difference("send", key, "missing"),
        Difference("send", "1 in the outbox", "surplus"),
    ]


def test_a_snapshot_that_says_something_else_is_named(folder: Path) -> None:
    statement = "UPDATE entry SET body = 'true' WHERE room = 'monitor' AND key = 'holding'"
    change(folder, "snapshot.db", statement)
    assert verified(folder).differences == [Difference("state", "monitor holding", "other")]


def test_an_empty_log_has_nothing_to_verify(tmp_path: Path) -> None:
    asyncio.run(_empty(tmp_path))
    assert verified(tmp_path) == Verified()


async def _empty(folder: Path) -> None:
    async with opened(folder):
        return


async def test_a_log_that_names_no_version_cannot_be_replayed(tmp_path: Path) -> None:
    async with opened(tmp_path) as place:
        await place.lived(alarm())
    with pytest.raises(VersionMissing):
        await verify.verify(Settings(site=Site(data_dir=tmp_path)))


async def test_a_folder_that_is_not_there_or_in_use_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FolderUnusable, match="no such data directory"):
        await verify.verify(Settings(site=Site(data_dir=tmp_path / "none")))
    folder = DataFolder(tmp_path / "data")
    with pytest.raises(FolderInUse):
        await verify.verify(Settings(site=Site(data_dir=tmp_path / "data")))
    folder.close()


def test_the_report_counts_and_names_what_differs() -> None:
    found = Verified(records=7, events=3, differences=[Difference("event", "evt_1", "missing")])
    assert report(found, "en").splitlines() == [
        "7 records: 3 events, 0 incidents, 0 sends, 0 states",
        "differences: 1",
        "  event evt_1: follows from the log and is not kept",
    ]
    assert "不一致：1" in report(found, "zh")
    said = json.loads(report(found, "json"))
    assert (said["differences"], said["clean"], said["shown"][0]["name"]) == (1, False, "evt_1")


@pytest.mark.parametrize("form", ["zh", "en"])
def test_a_log_without_its_beginning_is_not_called_clean(form: str) -> None:
    found = Verified(first=1001)
    assert not found.clean
    assert "1001" in report(found, form)
