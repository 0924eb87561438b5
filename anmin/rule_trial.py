"""A backtest of rules that are to be changed, beside the running service: it reads, a child process judges.

The history belongs to the service, so its own store is asked, on a thread of its own; judging is what takes
the time, and that is another process with the lowest priority.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import Any, Final

from anmin.backtest.compare import Alert
from anmin.backtest.past import readings, watched
from anmin.backtest.run import Report, backtest
from anmin.canon import canonical, from_canonical
from anmin.history.ports import HistoryStore
from anmin.house import House, Terms
from anmin.houses import rules_of
from devices.instant import DAY, Instant, rfc3339
from devices.level import Level
from devices.reading import Reading

BACK_FOR: Final = 30 * DAY
_PAGE: Final = 5_000
_REST: Final = 1.0
"""For each second of reading a second in which everybody else has the store to himself."""
_NICE: Final = 15


@dataclass(frozen=True, slots=True)
class _Job:
    inventory: str
    new: str
    old: str
    terms: Terms


def try_out(
    house: House,
    old_body: str,
    new_body: str,
    store: HistoryStore,
    until: Instant,
    told: Callable[[float], None],
) -> dict[str, Any]:
    """What the new rules would have said of the last thirty days, beside the old ones. Takes minutes and
    blocks: call it on a thread. `told` gets the share that is done. Raises HistoryAway, RuntimeError."""
    here, there = get_context("spawn").Pipe()
    job = _Job(canonical(house.inventory), new_body, old_body, house.terms)
    child = get_context("spawn").Process(target=_judge, args=(there, job), daemon=True)
    child.start()
    there.close()
    try:
        for page in _pages(house, old_body, new_body, store, until, told):
            here.send(page)
        here.send(None)
        found = here.recv()
    except (EOFError, BrokenPipeError):
        raise RuntimeError("the process that judged the rules died") from None
    finally:
        here.close()
        child.join(5)
        if child.is_alive():
            child.terminate()
    if isinstance(found, str):
        raise RuntimeError(found)
    result: dict[str, Any] = found
    return result


def _pages(
    house: House,
    old_body: str,
    new_body: str,
    store: HistoryStore,
    until: Instant,
    told: Callable[[float], None],
) -> Iterator[list[Reading]]:
    """In the order of time, resting between them."""
    past = watched(rules_of(old_body), rules_of(new_body))
    reached = [until - BACK_FOR]
    with asyncio.Runner() as runner:
        source = readings(store, house.inventory, past, until - BACK_FOR, until, reached)

        async def page() -> list[Reading]:
            found = []
            async for one in source:
                found.append(one)
                if len(found) == _PAGE:
                    break
            return found

        while True:
            began = time.monotonic()  # noqa: TID251 how long to rest is no engine time
            found = runner.run(page())
            yield found
            told((reached[0] - until + BACK_FOR) / BACK_FOR)
            if len(found) < _PAGE:
                return
            time.sleep(_REST * (time.monotonic() - began))  # noqa: TID251 as above


def _judge(pipe: Connection, job: _Job) -> None:
    """The child: everything that comes, then one answer: what came of it, or what went wrong."""
    os.nice(_NICE)
    try:
        report = backtest(
            from_canonical(job.inventory),
            rules_of(job.new),
            _coming(pipe),
            against=rules_of(job.old),
            terms=job.terms,
        )
        pipe.send(summary(report))
    except Exception as error:
        pipe.send(f"{type(error).__name__}: {error}")


def _coming(pipe: Connection) -> Iterator[Reading]:
    while (page := pipe.recv()) is not None:
        yield from page


def summary(report: Report) -> dict[str, Any]:
    """The part of a backtest that people decide by: alerts by rule, `[before, after]`; `silenced`: alarms
    that would not have been told any more (requirement S48)."""
    assert report.b is not None
    names = sorted({*report.a.alerts, *report.b.alerts})
    compared = report.compared
    lost = () if compared is None else compared.only_b
    return {
        "readings": report.readings,
        "devices": report.devices,
        "from": None if report.first is None else rfc3339(report.first),
        "to": None if report.last is None else rfc3339(report.last),
        "alerts": {name: [report.b.alerts.get(name, 0), report.a.alerts.get(name, 0)] for name in names},
        "incidents": [report.b.incidents_in_all, report.a.incidents_in_all],
        "only_after": 0 if compared is None else compared.only_a_in_all,
        "only_before": 0 if compared is None else compared.only_b_in_all,
        "silenced": [_alarm(one) for one in lost if one.level >= Level.ALARM],
    }


def _alarm(alert: Alert) -> dict[str, str]:
    """An alarm of the past that the new rules would not have told."""
    return {
        "at": rfc3339(alert.at),
        "rule": alert.rule_id,
        "of": alert.subject,
        "place": alert.place_id,
        "level": alert.level.word,
    }
