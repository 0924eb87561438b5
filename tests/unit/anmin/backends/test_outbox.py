"""Every step of a send's life: leased once, superseded in order, never taken back once it arrived."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from sqlalchemy.dialects import sqlite

from alerts.broadcasts.broadcast import AnySend, DrillSend
from alerts.broadcasts.delivery import State
from anmin.backends.ledger import Ledger
from anmin.backends.outbox import (
    _IN_FLIGHT,
    SentRow,
    conclude,
    lease,
    open_sends,
    overdue,
    put,
    sends_of,
    settle,
    void_leases,
)
from tests.support.ledger import opened, send, url_in

NOW = 100
UNTIL = 200


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with opened(url_in(tmp_path)) as ledger:
        yield ledger


def states(connection: Connection) -> dict[int, State]:
    return {row.send.version: row.state for row in sends_of(connection, "i1")}


def take(connection: Connection, one: AnySend, now: int = NOW) -> AnySend | None:
    return lease(connection, [one.key], now + 100, now)[0]


async def test_a_send_comes_back_as_it_was_put(ledger: Ledger) -> None:
    live, drill = send("wang"), send("li", drill=True)
    await ledger.write(lambda c: put(c, [live, drill]))
    found = {row.send.recipient.id: row.send for row in await ledger.read(open_sends)}
    assert found == {"wang": live, "li": drill}
    assert isinstance(found["li"], DrillSend)


async def test_newer_version_supersedes_what_has_not_left(ledger: Ledger) -> None:
    old, other, new = send(version=1), send("li", 1), send(version=2)
    await ledger.write(lambda c: put(c, [old, other]))
    assert await ledger.write(lambda c: put(c, [new])) == [old.key]
    assert await ledger.write(lambda c: take(c, old)) is None
    assert await ledger.write(lambda c: take(c, other)) == other
    assert await ledger.write(lambda c: put(c, [new])) == []


async def test_two_addresses_of_one_version_both_leave(ledger: Ledger) -> None:
    home, mobile = send(address="home"), send(address="mobile")
    assert await ledger.write(lambda c: put(c, [home, mobile])) == []
    assert await ledger.write(lambda c: [take(c, home), take(c, mobile)]) == [home, mobile]


async def test_a_send_is_leased_once(ledger: Ledger) -> None:
    one = send()
    await ledger.write(lambda c: put(c, [one]))
    assert await ledger.write(lambda c: take(c, one)) == one
    assert await ledger.write(lambda c: take(c, one)) is None


async def test_nothing_overtakes_what_is_in_flight_to_the_same_address(ledger: Ledger) -> None:
    first, second = send(version=1), send(version=2)
    await ledger.write(lambda c: put(c, [first]))
    await ledger.write(lambda c: take(c, first))
    assert await ledger.write(lambda c: put(c, [second])) == []  # in flight is not superseded
    assert await ledger.write(lambda c: take(c, second)) is None
    await ledger.write(lambda c: conclude(c, [(first.key, State.HANDED_OFF, "p1", NOW)]))
    assert await ledger.write(lambda c: take(c, second)) == second


async def test_many_are_leased_and_concluded_at_once_each_by_itself(ledger: Ledger) -> None:
    first, second, li, late = (
        send(version=1),
        send(version=2),
        send("li", 1),
        send("zhao", 1, deadline_at=NOW),
    )
    await ledger.write(lambda c: put(c, [li, late, first]))
    keys = [first.key, "nobody", late.key, li.key, first.key]
    leased = await ledger.write(lambda c: lease(c, keys, UNTIL, NOW))
    assert leased == [first, None, None, li, None]
    await ledger.write(lambda c: put(c, [second]))
    assert await ledger.write(lambda c: lease(c, [second.key], UNTIL, NOW)) == [None]
    done = [(first.key, State.HANDED_OFF, "p1", NOW), (li.key, State.HANDED_OFF, "p2", NOW)]
    seen = [(li.key, State.SEEN, "", NOW), (late.key, State.EXPIRED, "too late", NOW)]
    await ledger.write(lambda c: conclude(c, [*done, *seen]))
    rows = {(row.send.recipient.id, row.send.version): row for row in await ledger.read(_rows)}
    assert {who: row.state for who, row in rows.items()} == {
        ("wang", 1): State.HANDED_OFF,
        ("wang", 2): State.QUEUED,
        ("li", 1): State.SEEN,
        ("zhao", 1): State.EXPIRED,
    }
    assert rows["wang", 1].detail == "p1"
    assert await ledger.write(lambda c: lease(c, [second.key], UNTIL, NOW)) == [second]


def _rows(connection: Connection) -> list[SentRow]:
    return sends_of(connection, "i1")


async def test_what_is_in_flight_is_found_by_its_index(tmp_path: Path) -> None:
    """Else every lease would read every row that was ever sent."""
    asked = _IN_FLIGHT.params(recipients=["wang"], now=NOW)
    sql = asked.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
    async with opened(f"sqlite:///{tmp_path / 'ledger.sqlite3'}") as ledger:
        plan = await ledger.read(lambda c: c.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}").all())
    assert "INDEX outbox_open" in str(plan)


async def test_failed_attempt_is_not_repeated_after_a_newer_version(ledger: Ledger) -> None:
    alarm, all_clear = send(version=1), send(version=2)
    await ledger.write(lambda c: put(c, [alarm]))
    await ledger.write(lambda c: take(c, alarm))
    await ledger.write(lambda c: put(c, [all_clear]))
    state = await ledger.write(lambda c: settle(c, alarm.key, State.RETRYING, "busy", 1, NOW, NOW))
    assert state is State.SUPERSEDED
    assert await ledger.write(lambda c: take(c, all_clear)) == all_clear


async def test_retry_keeps_its_count_and_time(ledger: Ledger) -> None:
    one = send()
    await ledger.write(lambda c: put(c, [one]))
    await ledger.write(lambda c: take(c, one))
    state = await ledger.write(lambda c: settle(c, one.key, State.RETRYING, "busy", 3, 150, NOW))
    (row,) = await ledger.read(open_sends)
    assert (state, row.state, row.attempts, row.not_before_at) == (State.RETRYING, State.RETRYING, 3, 150)
    assert await ledger.write(lambda c: settle(c, "nobody", State.FAILED, "", 1, 0, 0)) is None


async def test_past_its_deadline_nothing_is_leased(ledger: Ledger) -> None:
    late = send(deadline_at=NOW)
    await ledger.write(lambda c: put(c, [late]))
    assert await ledger.read(lambda c: overdue(c, NOW - 1)) == []
    assert await ledger.write(lambda c: take(c, late)) is None
    assert await ledger.read(lambda c: overdue(c, NOW)) == [late]


async def test_expired_lease_may_be_taken_over_as_a_possible_repeat(ledger: Ledger) -> None:
    one = send()
    await ledger.write(lambda c: put(c, [one]))
    await ledger.write(lambda c: take(c, one))
    assert await ledger.write(lambda c: take(c, one, now=UNTIL)) == one
    assert [row.possible_repeat for row in await ledger.read(open_sends)] == [True]


async def test_leases_found_at_start_are_void_and_marked(ledger: Ledger) -> None:
    leased, replaced, waiting = send("wang", 1), send("li", 1), send("zhao", 1)
    await ledger.write(lambda c: put(c, [leased, replaced, waiting]))
    await ledger.write(lambda c: [take(c, leased), take(c, replaced)])
    await ledger.write(lambda c: put(c, [send("li", 2)]))
    assert await ledger.write(lambda c: void_leases(c, NOW)) == 2
    rows = {(row.send.recipient.id, row.send.version): row for row in await ledger.read(open_sends)}
    assert set(rows) == {("wang", 1), ("li", 2), ("zhao", 1)}
    assert (rows["wang", 1].state, rows["wang", 1].possible_repeat) == (State.RETRYING, True)
    assert (rows["wang", 1].attempts, rows["wang", 1].leased_until) == (1, None)
    assert rows["zhao", 1].possible_repeat is False
    assert await ledger.write(lambda c: take(c, leased)) == leased


KEPT = [
    (State.DELIVERED, State.HANDED_OFF),
    (State.DELIVERED, State.FAILED),
    (State.DELIVERED, State.RETRYING),
    (State.SEEN, State.DELIVERED),
    (State.SEEN, State.SUPERSEDED),
    (State.HANDED_OFF, State.RETRYING),
    (State.FAILED, State.RETRYING),
    (State.EXPIRED, State.RETRYING),
    (State.SUPERSEDED, State.QUEUED),
]
MOVES = [
    (State.QUEUED, State.EXPIRED),
    (State.LEASED, State.HANDED_OFF),
    (State.RETRYING, State.FAILED),
    (State.HANDED_OFF, State.DELIVERED),
    (State.HANDED_OFF, State.FAILED),
    (State.EXPIRED, State.DELIVERED),
    (State.SUPERSEDED, State.HANDED_OFF),
    (State.DELIVERED, State.SEEN),
]


async def put_in(ledger: Ledger, state: State) -> AnySend:
    one = send()
    await ledger.write(lambda c: put(c, [one]))
    if state is State.LEASED:
        await ledger.write(lambda c: take(c, one))
    elif state is not State.QUEUED:
        await ledger.write(lambda c: conclude(c, [(one.key, state, "first", 1)]))
    assert await ledger.read(states) == {1: state}
    return one


@pytest.mark.parametrize(("before", "late"), KEPT)
async def test_late_outcome_takes_nothing_back(ledger: Ledger, before: State, late: State) -> None:
    one = await put_in(ledger, before)
    await ledger.write(lambda c: conclude(c, [(one.key, late, "late", 2)]))
    assert await ledger.read(states) == {1: before}


@pytest.mark.parametrize(("before", "after"), MOVES)
async def test_outcome_moves_a_send_on(ledger: Ledger, before: State, after: State) -> None:
    one = await put_in(ledger, before)
    await ledger.write(lambda c: conclude(c, [(one.key, after, "said", 2)]))
    (row,) = await ledger.read(lambda c: sends_of(c, "i1"))
    assert (row.state, row.detail, row.changed_at) == (after, "said", 2)
