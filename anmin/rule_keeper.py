"""Versions of the rules: the one in force, the one before it, and one that waits for a second person.

Rule files are a wish. What guards lives is put in force by two people: one proposes, the last thirty days are
judged by it, another one approves. Going back to the version before takes one. Each step is kept for good.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any, Final

import structlog
from sqlalchemy import Connection, delete, insert, select

from anmin import houses
from anmin.backends.ledger import Ledger
from anmin.backends.schema import audit, meta
from anmin.houses import rules_of
from anmin.rule_change import RuleChange, change, written
from devices.instant import Instant
from rules.spec import RuleSet

_log = structlog.get_logger("anmin.rules")
_ACTIVE: Final = "rules.active"
_FORMER: Final = "rules.former"
_DRAFT: Final = "rules.draft"
_PROPOSAL: Final = "rules.proposal"

Trial = Callable[[str, str, Callable[[float], None]], dict[str, Any]]
"""Old body, new body, progress: what the new rules would have said. Blocks, on a thread."""
PutInForce = Callable[[str, RuleSet, str], Awaitable[None]]
"""By whom, the rules and their body."""


class State(StrEnum):
    TESTING = "testing"
    TESTED = "tested"
    FAILED = "failed"


class Refusal(ValueError):
    """`code`: `no_draft`, `no_proposal`, `same_person`, `not_tested`, `silences`, `no_former`, `testing`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Proposal:
    """Of the version that waits. `report` is `rule_trial.summary`'s; `error`: why there is none."""

    version: str
    by: str
    at: Instant
    reason: str
    state: State
    report: dict[str, Any] | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """`difference`: from what is in force to what waits; `before` and `after` are its rules as they are
    written. `share`: how far the test is."""

    active: str
    former: str | None
    draft: str | None
    difference: RuleChange
    proposal: Proposal | None
    share: float
    before: dict[str, str]
    after: dict[str, str]


class RuleKeeper:
    """Use `begin` before the house is built, then `connect` when there is a way to put rules in force."""

    def __init__(self, ledger: Ledger, now: Callable[[], Instant], *, two: bool = True) -> None:
        self._ledger = ledger
        self._now = now
        self._two = two
        self._trial: Trial | None = None
        self._put: PutInForce | None = None
        self._share = 0.0
        self._testing: asyncio.Task[None] | None = None
        self._turn = asyncio.Lock()

    async def begin(self, wanted: str) -> str:
        """The body of the rules in force from this start on; `wanted` is that of the rule files."""
        new = rules_of(wanted)
        active = await self._meta(_ACTIVE)
        await houses.keep_rules(self._ledger, new.version, wanted, self._now())
        if active is None or active == new.version:
            await self._note({_ACTIVE: new.version, _DRAFT: None, _PROPOSAL: None})
            return wanted
        old = await houses.rules_body(self._ledger, active)
        found = change(rules_of(old), new)
        if found.grave and self._two:
            await self._wait(new.version)
            _log.warning(
                "rules_wait_for_a_second_person",
                rules=list(found.grave),
                in_force=active,
                do="anmin rules propose, or the page of the rules; another person approves",
            )
            return old
        await self._note({_ACTIVE: new.version, _FORMER: active, _DRAFT: None, _PROPOSAL: None})
        await self._write("", "rules_changed", {"version": new.version, **found.as_json()})
        return wanted

    def connect(self, trial: Trial | None, put: PutInForce) -> None:
        """`trial` None: there is no history to test on."""
        self._trial, self._put = trial, put

    async def close(self) -> None:
        if self._testing is not None:
            self._testing.cancel()
            await asyncio.gather(self._testing, return_exceptions=True)

    async def standing(self) -> Standing:
        active, former, draft = [await self._meta(key) for key in (_ACTIVE, _FORMER, _DRAFT)]
        assert active is not None  # begin has put it there
        difference, before, after = RuleChange(), dict[str, str](), dict[str, str]()
        if draft is not None:
            old, new = [await houses.rules_body(self._ledger, version) for version in (active, draft)]
            difference = change(rules_of(old), rules_of(new))
            names = (*difference.added, *difference.removed, *difference.changed)
            before, after = written(old, names), written(new, names)
        proposal = await self._proposal()
        return Standing(active, former, draft, difference, proposal, self._share, before, after)

    # What people do ---------------------------------------------------------------------------------------

    async def propose(self, by: str, reason: str) -> Standing:
        """The test begins. The same version may be proposed again, by somebody else too. Raises Refusal."""
        async with self._turn:
            standing = await self.standing()
            if standing.draft is None:
                raise Refusal("no_draft")
            if self._testing is not None and not self._testing.done():
                raise Refusal("testing")
            proposal = Proposal(standing.draft, by, self._now(), reason, State.TESTING)
            await self._keep(proposal)
            await self._write(by, "rules_proposed", {"version": standing.draft, "reason": reason})
            self._share = 0.0
            self._testing = asyncio.create_task(self._test(standing.active, proposal), name="rules on trial")
        return await self.standing()

    async def approve(self, by: str, *, silences: bool = False) -> Standing:
        """In force when this returns. `silences`: they have seen which alarms of the past would not have been
        told, and mean it. Raises Refusal."""
        async with self._turn:
            standing = await self.standing()
            proposal = standing.proposal
            if proposal is None or standing.draft != proposal.version:
                raise Refusal("no_proposal")
            if proposal.by == by:
                raise Refusal("same_person")
            if proposal.state is not State.TESTED:
                raise Refusal("not_tested")
            if proposal.report is not None and proposal.report.get("silenced") and not silences:
                raise Refusal("silences")
            await self._in_force(by, "rules_approved", proposal.version, standing.active)
        return await self.standing()

    async def withdraw(self, by: str) -> Standing:
        """The proposal is no more; the files still hold what was proposed. Raises Refusal."""
        async with self._turn:
            proposal = await self._proposal()
            if proposal is None:
                raise Refusal("no_proposal")
            if self._testing is not None:
                self._testing.cancel()
            await self._note({_PROPOSAL: None})
            await self._write(by, "rules_withdrawn", {"version": proposal.version})
        return await self.standing()

    async def step_back(self, by: str) -> Standing:
        """The version before is in force again, and the one that was waits as a draft. Raises Refusal."""
        async with self._turn:
            standing = await self.standing()
            if standing.former is None:
                raise Refusal("no_former")
            await self._in_force(by, "rules_stepped_back", standing.former, standing.active)
            await self._wait(standing.active)
        return await self.standing()

    # ------------------------------------------------------------------------------------------------------

    async def _in_force(self, by: str, what: str, version: str, active: str) -> None:
        """Noted first: a start that follows a crash in between puts it in force."""
        body = await houses.rules_body(self._ledger, version)
        before = {key: await self._meta(key) for key in (_ACTIVE, _FORMER, _DRAFT, _PROPOSAL)}
        assert self._put is not None  # connected before anybody can ask
        await self._note({_ACTIVE: version, _FORMER: active, _DRAFT: None, _PROPOSAL: None})
        try:
            await self._put(by, rules_of(body), body)
        except OSError:
            await self._note(before)
            raise
        await self._write(by, what, {"version": version, "before": active})

    async def _test(self, active: str, proposal: Proposal) -> None:
        old, new = [await houses.rules_body(self._ledger, one) for one in (active, proposal.version)]
        if self._trial is None:
            await self._keep(replace(proposal, state=State.TESTED, error="no_history"))
            return
        try:
            report = await asyncio.to_thread(self._trial, old, new, self._tell)
        except Exception as error:
            _log.error("rules_not_tested", version=proposal.version, why=str(error))
            await self._keep(replace(proposal, state=State.FAILED, error=str(error)))
        else:
            await self._keep(replace(proposal, state=State.TESTED, report=report))

    def _tell(self, share: float) -> None:
        self._share = share

    async def _wait(self, version: str) -> None:
        """A draft; a proposal of another version is no more."""
        proposal = await self._proposal()
        stale = proposal is not None and proposal.version != version
        died = proposal is not None and proposal.state is State.TESTING  # with the last run
        await self._note({_DRAFT: version, **({_PROPOSAL: None} if stale or died else {})})

    async def _proposal(self) -> Proposal | None:
        text = await self._meta(_PROPOSAL)
        if text is None:
            return None
        found = json.loads(text)
        return Proposal(**(found | {"state": State(found["state"])}))

    async def _keep(self, proposal: Proposal) -> None:
        await self._note({_PROPOSAL: json.dumps(asdict(proposal), ensure_ascii=False)})

    async def _meta(self, key: str) -> str | None:
        query = select(meta.c.value).where(meta.c.key == key)
        return await self._ledger.read(lambda connection: connection.execute(query).scalar())

    async def _note(self, rows: dict[str, str | None]) -> None:
        def work(connection: Connection) -> None:
            connection.execute(delete(meta).where(meta.c.key.in_(list(rows))))
            values = [{"key": key, "value": value} for key, value in rows.items() if value is not None]
            if values:
                connection.execute(insert(meta), values)

        await self._ledger.write(work)

    async def _write(self, who: str, what: str, body: dict[str, Any]) -> None:
        row = {"at": self._now(), "who": who, "what": what, "body": json.dumps(body, ensure_ascii=False)}
        await self._ledger.write(lambda connection: connection.execute(insert(audit), row))
