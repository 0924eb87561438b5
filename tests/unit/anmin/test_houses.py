"""Versions in the log, bodies in the ledger: what is named comes back, and what is missing is named."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Table, delete, select

from anmin import houses
from anmin.backends import schema
from anmin.backends.ledger import Ledger
from anmin.canon import canonical
from anmin.houses import VersionMissing
from devices.instant import HOUR, SECOND
from devices.inventory import Inventory
from ingest.message import Record, RecordKind
from tests.support.community import T0, inventory, places
from tests.support.ledger import opened, url_in
from tests.support.monitor import TERMS
from tests.support.rulebook import pack
from tests.support.workplace import home_house, rules_body


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with opened(url_in(tmp_path)) as one:
        yield one


def smaller() -> str:
    """The canonical text of another community."""
    devices = [device for device in inventory().devices.values() if device.id != "smoke-301"]
    return canonical(Inventory.of("c", "", places(), devices))


def test_the_rules_of_a_body_are_those_of_its_documents_in_order() -> None:
    assert houses.rules_of(rules_body()) == pack()
    two = json.dumps([{"rules": [rule]} for rule in json.loads(rules_body("fire"))[0]["rules"][:2]])
    assert [rule.id for rule in houses.rules_of(two).rules] == ["fire.smoke", "fire.heat"]
    assert houses.rules_of(rules_body("fire")).version != pack().version


def test_a_house_from_its_bodies_has_their_versions() -> None:
    house = home_house()
    assert house.inventory.devices.keys() == inventory().devices.keys()
    assert house.rules.version == pack().version
    assert houses.build(smaller(), rules_body(), TERMS).inventory.version != house.inventory.version


async def test_a_house_that_was_kept_comes_back_by_what_its_record_says(ledger: Ledger) -> None:
    terms = replace(
        TERMS, partners=("https://a.example/", "https://b.example/"), tiers=(SECOND,), utc_offset_for=HOUR
    )
    house = replace(home_house(), terms=terms)
    await houses.keep(ledger, house, rules_body(), T0)
    entry = houses.entry(house)
    assert entry.kind is RecordKind.VERSION
    record = Record(1, T0, entry.kind, entry.source, entry.topic, entry.payload)
    assert await houses.of_record(ledger, record) == house
    assert await houses.named(ledger, houses.signature(house)) == house


def test_a_signature_tells_houses_apart_by_each_of_their_parts() -> None:
    house = home_house()
    others = (
        home_house("fire"),
        replace(house, terms=replace(TERMS, verify_for=SECOND)),
        houses.build(smaller(), rules_body(), TERMS),
    )
    assert len({houses.signature(one) for one in (house, *others)}) == 4
    assert houses.signature(houses.build(canonical(inventory()), rules_body(), TERMS)) == houses.signature(
        house
    )


@pytest.mark.parametrize(("table", "what"), [(schema.community, "community"), (schema.rulebook, "rules")])
async def test_a_missing_body_says_which_it_is_and_what_to_do(
    ledger: Ledger, table: Table, what: str
) -> None:
    house = home_house()
    await houses.keep(ledger, house, rules_body(), T0)
    await ledger.write(lambda c: c.execute(delete(table)))
    with pytest.raises(VersionMissing) as raised:
        await houses.named(ledger, houses.signature(house))
    version = house.inventory.version if what == "community" else house.rules.version
    assert (raised.value.what, raised.value.version) == (what, version)
    assert f"{what} version {version}" in str(raised.value)
    assert "same backup" in str(raised.value)


async def test_the_community_put_last_is_the_active_one(ledger: Ledger) -> None:
    assert await houses.active_community(ledger) is None
    first, second = canonical(inventory()), smaller()
    for version, body in (("v1", first), ("v2", second), ("v1", first)):
        await houses.put_community(ledger, version, body, T0)
        assert await houses.active_community(ledger) == body
    query = select(schema.community.c.version).where(schema.community.c.active)
    assert await ledger.read(lambda c: c.execute(query).scalars().all()) == ["v1"]


async def test_keeping_the_same_house_again_changes_nothing(ledger: Ledger) -> None:
    house = home_house()
    for at in (T0, T0 + SECOND):
        await houses.keep(ledger, house, rules_body(), at)
    times = [select(table.c.at) for table in (schema.community, schema.rulebook)]
    found = await ledger.read(lambda c: [list(c.execute(query).scalars()) for query in times])
    assert found == [[T0], [T0]]
    assert await houses.named(ledger, houses.signature(house)) == house


async def test_a_house_of_another_community_stays_known_when_a_new_one_is_active(ledger: Ledger) -> None:
    """A replay needs it."""
    old = home_house()
    await houses.keep(ledger, old, rules_body(), T0)
    await houses.put_community(ledger, "other", smaller(), T0)
    assert await houses.named(ledger, houses.signature(old)) == old
