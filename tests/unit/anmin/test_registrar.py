"""A change of the registry takes effect by a record of the log, while everything runs."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest

from anmin import houses
from anmin.canon import canonical
from anmin.registrar import Outcome, Registrar
from anmin.registry import Wanted
from devices.inventory import Inventory
from ingest.message import RecordKind
from tests.support.community import T0
from tests.support.workplace import rules_body
from tests.unit.anmin.test_pipeline import Works, works


@pytest.fixture
async def w(tmp_path: Path) -> AsyncIterator[Works]:
    async with works(tmp_path) as made:
        await houses.keep(made.place.ledger, made.place.monitor.house, rules_body(), T0)
        yield made


def registrar(w: Works) -> Registrar:
    monitor = w.place.monitor
    return Registrar(
        w.place.ledger, w.place.log, lambda: monitor.house, w.pipeline.reached, lambda: w.place.at
    )


def in_force(w: Works) -> Inventory:
    return w.place.monitor.house.inventory


async def test_it_answers_once_the_change_is_in_force_and_kept(w: Works) -> None:
    before = in_force(w)
    said = await registrar(w).change("li", lambda draft: draft.retire("smoke-301", T0))
    assert not said.faults
    assert [(change.id, change.dangerous) for change in said.changes] == [("smoke-301", True)]
    assert "smoke-301" not in in_force(w).devices
    assert await houses.active_community(w.place.ledger) == canonical(in_force(w))
    records = [record async for record in w.place.log.read(0) if record.kind is RecordKind.VERSION]
    assert json.loads(records[-1].payload)["by"] == "li"
    assert await houses.of_record(w.place.ledger, records[-1]) == w.place.monitor.house
    assert w.place.monitor.house.rules.version
    assert before.version != in_force(w).version


async def test_what_is_wrong_changes_nothing(w: Works) -> None:
    before, last = in_force(w), w.place.log.last
    said = await registrar(w).change("li", lambda draft: draft.move("smoke-301", "nowhere"))
    assert [fault.field for fault in said.faults] == ["place"]
    assert (in_force(w), w.place.log.last) == (before, last)


async def test_a_trial_tells_the_difference_and_changes_nothing(w: Works) -> None:
    before = in_force(w)
    said = await registrar(w).change("li", lambda draft: draft.retire("smoke-301", T0), trial=True)
    assert [change.id for change in said.changes] == ["smoke-301"]
    assert in_force(w) == before


async def test_no_difference_is_no_record(w: Works) -> None:
    last = w.place.log.last
    place = in_force(w).devices["smoke-301"].place_id
    assert (await registrar(w).change("li", lambda draft: draft.move("smoke-301", place))).changes == ()
    assert w.place.log.last == last


async def test_changes_at_the_same_time_come_one_after_the_other(w: Works) -> None:
    clerk = registrar(w)

    def one(number: int) -> Awaitable[Outcome]:
        return clerk.change("li", lambda draft: draft.add(Wanted("native-gas", "c", id=f"new-{number}")))

    await asyncio.gather(*(one(number) for number in range(5)))
    assert {f"new-{number}" for number in range(5)} <= in_force(w).devices.keys()


async def test_a_writer_that_has_stopped_is_not_waited_for(w: Works) -> None:
    w.refusal = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        await registrar(w).change("li", lambda draft: draft.retire("smoke-301", T0))
    w.refusal = None
    assert w.task is not None
    w.task.cancel()
    await asyncio.gather(w.task, return_exceptions=True)
    with pytest.raises(OSError, match="stopping"):
        await registrar(w).change("li", lambda draft: draft.retire("smoke-301", T0))
