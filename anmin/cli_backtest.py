"""`anmin backtest`: what rules would have said of readings that are past."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Final, NamedTuple, NoReturn

import typer

from anmin.backtest import truth
from anmin.backtest.choose import rules_of
from anmin.backtest.feed import Feed, NothingKept, of_history, of_log
from anmin.backtest.mistakes import InputInvalid
from anmin.backtest.past import enveloped, judgeable, watched
from anmin.backtest.report import body
from anmin.backtest.run import Report, backtest
from anmin.backtest.table import Table
from anmin.backtest.table_text import lines
from anmin.cli_shared import (
    EXIT_CONFIGURATION,
    EXIT_PROBLEM,
    AsJson,
    Config,
    configured,
    guarded,
    language,
    refuse,
    say,
    tell,
)
from anmin.clock import Clock
from anmin.community import to_inventory
from anmin.document import open_file
from anmin.finding import Finding
from anmin.history.ports import HistoryAway
from anmin.house import Terms
from anmin.settings import Settings
from devices.instant import HOUR, MINUTE, SECOND, Instant, Micros, parse_rfc3339
from devices.inventory import Inventory
from rules.spec import RuleSet

_STEPS: Final = {"": 0, "minute": MINUTE, "hour": HOUR}
_TELL_EVERY: Final = 2 * SECOND


class _Asked(NamedTuple):
    """What is tested on what."""

    settings: Settings
    inventory: Inventory
    rules: RuleSet
    against: RuleSet | None
    truth: tuple[truth.Truth, ...] | None
    readings: Path | None
    log: bool
    step: Micros
    since: Instant | None
    until: Instant | None
    grace: Micros


def command(
    community: Annotated[
        Path | None, typer.Option(help="Community file; default: that of the settings.", exists=True)
    ] = None,
    rules: Annotated[
        list[str] | None,
        typer.Option(help="Rule file, shipped pack, or `packs`; repeatable; default: those in force."),
    ] = None,
    readings: Annotated[
        Path | None, typer.Option(help="CSV: at,device,quantity,value.", exists=True, dir_okay=False)
    ] = None,
    log: Annotated[bool, typer.Option("--log", help="The accepted messages of the data directory.")] = False,
    history: Annotated[bool, typer.Option("--history", help="The history of the data directory.")] = False,
    step: Annotated[
        str, typer.Option(help="Envelopes of the history instead of samples: minute or hour.")
    ] = "",
    truth_file: Annotated[
        Path | None, typer.Option("--truth", help="CSV: start,end,place,hazard.", exists=True, dir_okay=False)
    ] = None,
    against: Annotated[
        list[str] | None, typer.Option(help="Rules to compare with, named as for --rules; repeatable.")
    ] = None,
    since: Annotated[str | None, typer.Option("--from", help="First time, with a zone.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="End, not included.")] = None,
    grace: Annotated[
        int, typer.Option(min=0, help="Minutes after an event in which an alarm is not false.")
    ] = 30,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What rules would have said of past readings: alarms, delays, misses, false alarms.

    Exit code 1 when an event of --truth was missed.

    Example: anmin backtest --community c.yaml --rules flood --readings june.csv --truth june-floods.csv
    """
    if (readings is not None) + log + history != 1:
        raise typer.BadParameter("give exactly one of --readings, --log and --history")
    if step not in _STEPS or (step and not history):
        raise typer.BadParameter("--step is minute or hour, and belongs to --history")
    span = _instant(since, "--from"), _instant(until, "--to")
    found = _prepared(config, community, rules or [], against or [], truth_file)
    asked = found._replace(
        readings=readings, log=log, step=_STEPS[step], since=span[0], until=span[1], grace=grace * MINUTE
    )
    reports: list[Report] = []
    guarded(_work(asked, reports.append))
    (report,) = reports
    if as_json:
        typer.echo(json.dumps(body(report), ensure_ascii=False))
    else:
        for line in lines(report, language()):
            typer.echo(line)
    if report.missed:
        raise typer.Exit(EXIT_PROBLEM)


def _instant(text: str | None, option: str) -> Instant | None:
    try:
        return None if text is None else parse_rfc3339(text)
    except ValueError:
        raise typer.BadParameter(f"{option}: write a time with a zone, 2026-11-23T03:10:00+08:00") from None


def _prepared(
    config: Path | None, community: Path | None, rules: list[str], against: list[str], truth_file: Path | None
) -> _Asked:
    """Every file but the readings, or every error of all of them and exit code 3."""
    settings = configured(config)
    inventory, said = to_inventory(open_file(community or settings.site.community))
    findings: list[Finding] = [one for one in said if one.is_error]
    if inventory is None:
        _stop(findings)
    book, other = rules_of(rules, settings.site, inventory), None
    findings += [one for one in book.findings if one.is_error]
    if against:
        other = rules_of(against, settings.site, inventory)
        findings += [one for one in other.findings if one.is_error]
    events = None
    if truth_file is not None:
        try:
            events = truth.read(truth_file, inventory)
        except InputInvalid as invalid:
            findings += invalid.findings
    if findings or book.rules is None:
        _stop(findings)
    second = other.rules if other is not None else None
    return _Asked(settings, inventory, book.rules, second, events, None, False, 0, None, None, 0)


def _stop(findings: list[Finding]) -> NoReturn:
    tell(tuple(findings))
    raise typer.Exit(EXIT_CONFIGURATION)


# The work ---------------------------------------------------------------------------------------------------


async def _work(asked: _Asked, done: Callable[[Report], None]) -> None:
    """On a thread of its own, for the readings of a service come from a loop; stopped by Ctrl-C."""
    progress = _Progress()
    try:
        done(await asyncio.to_thread(_judge, asked, progress))
    except InputInvalid as invalid:
        _stop(list(invalid.findings))
    except (NothingKept, HistoryAway) as error:
        refuse(str(error))
    finally:
        progress.stopped = True


def _judge(asked: _Asked, progress: _Progress) -> Report:
    rules, against = asked.rules, asked.against
    notes: tuple[tuple[str, str], ...] = ()
    if asked.step:
        rules, against, notes = _coarse(asked)
    with _feed(asked._replace(rules=rules, against=against)) as feed:
        progress.share = feed.share
        report = backtest(
            asked.inventory,
            rules,
            feed.readings,
            asked.truth,
            against,
            terms=_terms(asked.settings),
            grace=asked.grace,
            progress=progress,
        )
    return replace(report, notes=notes)


def _coarse(asked: _Asked) -> tuple[RuleSet, RuleSet | None, tuple[tuple[str, str], ...]]:
    """The rules that envelopes are enough for, and a note for each of the others."""
    others = () if asked.against is None else (asked.against,)
    first = judgeable(asked.rules, asked.step, *others)
    second = None if asked.against is None else judgeable(asked.against, asked.step, asked.rules)
    refused = dict.fromkeys((*first.refused, *(second.refused if second is not None else ())))
    notes = [(f"未评规则 `{name}`：{zh}", f"rule `{name}` is not judged: {en}") for name, zh, en in refused]
    return first.rules, second.rules if second is not None else None, tuple(notes)


@contextmanager
def _feed(asked: _Asked) -> Iterator[Feed]:
    span = asked.since, asked.until
    if asked.readings is not None:
        table = Table(asked.readings, asked.inventory, *span)
        yield Feed(table, lambda: table.progress.share)
    elif asked.log:
        with of_log(asked.settings, asked.inventory, *span) as feed:
            yield feed
    else:
        sets = [asked.rules] if asked.against is None else [asked.rules, asked.against]
        past = enveloped(asked.step, *sets) if asked.step else watched(*sets)
        with of_history(asked.settings, asked.inventory, past, Clock().now, *span) as feed:
            yield feed


def _terms(settings: Settings) -> Terms:
    """Of the settings, without partners and without what runs by itself: nothing leaves a backtest."""
    alerts = settings.alerts
    return Terms(
        alerts.verify_for, alerts.tiers, alerts.acknowledged_for, (), settings.site.utc_offset_for, ()
    )


class _Stopped(Exception):
    """Ctrl-C: nobody waits for the result any more."""


class _Progress:
    """Tells people, on standard error, how far it is and how long it will take."""

    def __init__(self) -> None:
        self.stopped = False
        self.share: Callable[[], float] = lambda: 0.0
        self._clock = Clock()
        self._began = self._told = self._clock.now()

    def __call__(self, count: int) -> None:
        if self.stopped:
            raise _Stopped
        now = self._clock.now()
        if now - self._told < _TELL_EVERY:
            return
        self._told = now
        share = min(1.0, self.share())
        took_s = (now - self._began) / SECOND
        left_s = took_s * (1 - share) / share if share else 0.0
        each_us = took_s * 1e6 / count
        if language() == "zh":
            say(f"{share:.0%}，读数 {count}，每个 {each_us:.1f} 微秒，还需约 {left_s:.0f} 秒")
        else:
            say(f"{share:.0%}, {count} readings, {each_us:.1f} us each, about {left_s:.0f} s left")
