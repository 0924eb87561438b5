"""What the commands share: their options, and how they say that something is wrong."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from anmin.finding import Finding, render
from anmin.i18n import language_of
from anmin.settings import Settings, SettingsInvalid, load

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
