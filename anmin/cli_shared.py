"""What the commands share: their options, and how they say that something is wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from anmin.backends.broker import BrokerFailed
from anmin.backends.disk import DiskBroken, NoSpace
from anmin.backends.segment import LogDamaged
from anmin.backends.unusable import LedgerUnusable, ServerAway
from anmin.books import HistoryDiffers, LogBehind
from anmin.finding import Finding, render
from anmin.folder import FolderUnusable
from anmin.houses import VersionMissing
from anmin.i18n import language_of
from anmin.settings import Settings, SettingsInvalid, load
from anmin.snapshot import SnapshotUnusable
from anmin.wiring import PortTaken
from ingest.ports import LogBroken, LogFull, SourceDown

EXIT_PROBLEM = 1
EXIT_CONFIGURATION = 3
EXIT_DEPENDENCY = 4

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="Settings file; default ./anmin.toml if it is there.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Machine-readable output.")]


def chosen(given: Path | None) -> Path | None:
    """The settings file: the given one, else the one here, else none."""
    here = Path("anmin.toml")
    return given or (here if here.exists() else None)


def configured(given: Path | None) -> Settings:
    """The settings, or every error of them and exit code 3."""
    try:
        return load(chosen(given), os.environ)
    except SettingsInvalid as invalid:
        tell(invalid.problems)
        raise typer.Exit(EXIT_CONFIGURATION) from None


def language() -> str:
    return language_of(os.environ)


def tell(findings: tuple[Finding, ...]) -> None:
    """Findings to standard error, one line each."""
    for finding in findings:
        typer.echo(render(finding, language()), err=True)


def refuse(why: str) -> NoReturn:
    typer.echo(f"anmin: {why}", err=True)
    raise typer.Exit(EXIT_PROBLEM)


def say(line: str) -> None:
    """To people, beside whatever standard output is for."""
    typer.echo(line, err=True)


_CONFIGURATION = (
    FolderUnusable,
    LedgerUnusable,
    SnapshotUnusable,
    LogDamaged,
    VersionMissing,
    PortTaken,
    LogBehind,
)
_DEPENDENCY = (SourceDown, BrokerFailed, ServerAway, NoSpace, DiskBroken, LogFull, LogBroken)


def guarded(work: Coroutine[Any, Any, None]) -> None:
    """Run, and turn what cannot be started with into one clear line and an exit code."""
    try:
        asyncio.run(work)
    except BaseExceptionGroup as group:
        _fail(_first(group))
    except Exception as error:
        _fail(error)


def _first(group: BaseExceptionGroup[BaseException]) -> BaseException:
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _fail(error: BaseException) -> None:
    """A bug keeps its traceback; what the operator can mend is one line."""
    if isinstance(error, HistoryDiffers):
        code = EXIT_PROBLEM
    elif isinstance(error, _DEPENDENCY):
        code = EXIT_DEPENDENCY
    elif isinstance(error, _CONFIGURATION) or (isinstance(error, OSError) and error.errno is not None):
        code = EXIT_CONFIGURATION
    else:
        raise error
    said = error.zh if isinstance(error, LedgerUnusable) and language() == "zh" else error
    say(f"anmin: {said}")
    raise typer.Exit(code)
