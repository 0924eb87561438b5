"""Versions of the rules: which is in force at a start, and what two people do."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from anmin.backends.ledger import Ledger
from anmin.backends.schema import audit
from anmin.houses import rules_of
from anmin.rule_keeper import Refusal, RuleKeeper, State
from rules.spec import RuleSet
from tests.support.ledger import opened, url_in


def body(degrees: int, leak: str = "alarm") -> str:
    heat = {"id": "heat", "hazard": "fire", "kind": "threshold", "quantity": "temperature_c", "source": "a"}
    wet = {"id": "leak", "hazard": "water_leak", "kind": "alarm_bit", "quantities": ["water_leak_alarm"]}
    rules = [
        heat | {"levels": {"alarm": {"above": degrees}}},
        wet | {"level": leak, "source": "a"},
    ]
    return json.dumps([{"rules": rules}])


OLD, NEW = body(57), body(50)


def version(text: str) -> str:
    return rules_of(text).version


class Office:
    """A keeper, what it put in force, and its trial."""

    def __init__(self, ledger: Ledger, *, two: bool = True) -> None:
        self.ledger = ledger
        self.keeper = RuleKeeper(ledger, lambda: 7, two=two)
        self.put: list[tuple[str, str]] = []
        self.full = False
        self.trial: Exception | dict[str, Any] = {"readings": 3}
        self.keeper.connect(self._try, self._put)

    async def _put(self, by: str, rules: RuleSet, body: str) -> None:
        if self.full:
            raise OSError("no space")
        self.put.append((by, rules.version))

    def _try(self, old: str, new: str, told: Callable[[float], None]) -> dict[str, Any]:
        told(0.5)
        assert (version(old), version(new)) == (version(OLD), version(NEW))
        if isinstance(self.trial, Exception):
            raise self.trial
        return self.trial

    async def tested(self) -> State:
        for _ in range(200):
            proposal = (await self.keeper.standing()).proposal
            assert proposal is not None
            if proposal.state is not State.TESTING:
                return proposal.state
            await asyncio.sleep(0.01)
        raise AssertionError("still testing")

    async def refuses(self, work: Any) -> str:
        with pytest.raises(Refusal) as caught:
            await work
        return caught.value.code

    async def said(self) -> list[tuple[str, str]]:
        rows = await self.ledger.read(lambda c: c.execute(select(audit.c.who, audit.c.what)).all())
        return [(who, what) for who, what in rows]


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """The old rules in force, the new ones in the files."""
    async with opened(url_in(tmp_path)) as ledger:
        made = Office(ledger)
        assert await made.keeper.begin(OLD) == OLD
        assert await made.keeper.begin(NEW) == OLD
        yield made
        await made.keeper.close()


async def test_the_first_rules_are_in_force_at_once_and_a_grave_change_waits(office: Office) -> None:
    standing = await office.keeper.standing()
    assert (standing.active, standing.draft) == (version(OLD), version(NEW))
    assert standing.difference.grave == ("heat",)
    assert await office.keeper.begin(OLD) == OLD  # the file was put back
    assert (await office.keeper.standing()).draft is None


async def test_what_guards_no_life_and_a_site_of_one_person_wait_for_nobody(tmp_path: Path) -> None:
    async with opened(url_in(tmp_path)) as ledger:
        alone = Office(ledger, two=False)
        await alone.keeper.begin(OLD)
        wet = body(57, "notice")
        assert await RuleKeeper(ledger, lambda: 7).begin(wet) == wet
        assert await alone.keeper.begin(NEW) == NEW
        standing = await alone.keeper.standing()
        assert (standing.active, standing.former) == (version(NEW), version(wet))


async def test_one_proposes_and_another_one_approves_after_the_test(office: Office) -> None:
    assert await office.refuses(office.keeper.approve("zhou")) == "no_proposal"
    standing = await office.keeper.propose("sun", "steam")
    assert standing.proposal is not None
    assert standing.proposal.reason == "steam"
    assert await office.tested() is State.TESTED
    assert await office.refuses(office.keeper.approve("sun")) == "same_person"
    standing = await office.keeper.approve("zhou")
    assert (standing.active, standing.former) == (version(NEW), version(OLD))
    assert (standing.draft, standing.proposal) == (None, None)
    assert office.put == [("zhou", version(NEW))]
    assert await office.keeper.begin(NEW) == NEW
    assert await office.said() == [("sun", "rules_proposed"), ("zhou", "rules_approved")]


async def test_a_test_that_failed_approves_nothing_and_may_be_repeated(office: Office) -> None:
    office.trial = RuntimeError("the store is away")
    await office.keeper.propose("sun", "")
    assert await office.tested() is State.FAILED
    assert await office.refuses(office.keeper.approve("zhou")) == "not_tested"
    office.trial = {"readings": 1}
    await office.keeper.propose("wu", "")
    assert await office.tested() is State.TESTED
    assert (await office.keeper.approve("sun")).active == version(NEW)


async def test_without_a_history_two_people_are_enough(office: Office) -> None:
    office.keeper.connect(None, office._put)
    await office.keeper.propose("sun", "")
    assert await office.tested() is State.TESTED
    proposal = (await office.keeper.standing()).proposal
    assert proposal is not None
    assert (proposal.report, proposal.error) == (None, "no_history")


async def test_what_is_withdrawn_or_belongs_to_another_draft_is_not_approved(office: Office) -> None:
    await office.keeper.propose("sun", "")
    await office.tested()
    await office.keeper.withdraw("sun")
    assert await office.refuses(office.keeper.approve("zhou")) == "no_proposal"
    assert await office.refuses(office.keeper.withdraw("zhou")) == "no_proposal"
    await office.keeper.propose("sun", "")
    await office.tested()
    await office.keeper.begin(body(45))
    assert await office.refuses(office.keeper.approve("zhou")) == "no_proposal"


async def test_one_person_goes_one_step_back_and_the_present_one_waits(office: Office) -> None:
    assert await office.refuses(office.keeper.step_back("sun")) == "no_former"
    await office.keeper.propose("sun", "")
    await office.tested()
    await office.keeper.approve("zhou")
    standing = await office.keeper.step_back("sun")
    assert (standing.active, standing.former, standing.draft) == (version(OLD), version(NEW), version(NEW))
    assert await office.keeper.begin(NEW) == OLD  # the files still hold what was taken back


async def test_a_full_disk_leaves_everything_as_it_was(office: Office) -> None:
    await office.keeper.propose("sun", "")
    await office.tested()
    office.full = True
    with pytest.raises(OSError, match="no space"):
        await office.keeper.approve("zhou")
    standing = await office.keeper.standing()
    assert (standing.active, standing.draft) == (version(OLD), version(NEW))
    office.full = False
    assert (await office.keeper.approve("zhou")).active == version(NEW)


async def test_a_test_that_died_with_the_service_is_proposed_again(office: Office) -> None:
    went_on = threading.Event()

    def slow(old: str, new: str, told: Callable[[float], None]) -> dict[str, Any]:
        went_on.wait(5)
        return {}

    office.keeper.connect(slow, office._put)
    await office.keeper.propose("sun", "")
    assert await office.refuses(office.keeper.propose("wu", "")) == "testing"
    await office.keeper.close()
    went_on.set()
    after = RuleKeeper(office.ledger, lambda: 8)
    await after.begin(NEW)
    assert (await after.standing()).proposal is None
