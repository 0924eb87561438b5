"""`anmin rules`: what the rules do, before and after it matters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urlencode

import typer

from anmin import rule_schema, rule_tests, why_text
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
from anmin.doorbell import NotRunning, ask
from anmin.rule_tests import Ran
from anmin.settings import Settings
from anmin.shadow import lines as shadow_lines
from anmin.why import NoSuchDevice, why_of_folder
from devices.instant import HOUR
from rules.trial import BEGINS

rules_app = typer.Typer(no_args_is_help=True, help="What the rules do, before and after it matters.")


@rules_app.callback()
def rules() -> None:
    """What the rules do, before and after it matters."""


@rules_app.command("test")
def run_tests(
    files: Annotated[
        list[Path] | None, typer.Argument(help="Rule files; default: those of the settings.", exists=True)
    ] = None,
    packs: Annotated[bool, typer.Option(help="The shipped packs too.")] = True,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Name the tests that passed too.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Run the tests that stand beside rules; exit code 1 when one fails, 3 when a file has errors.

    Example: anmin rules test my-rules.yaml
    """
    own = list(files) if files else configured(config).site.rules
    ran, errors = rule_tests.run(own, packs=packs)
    if errors:
        tell(errors)
        raise typer.Exit(EXIT_CONFIGURATION)
    if as_json:
        typer.echo(json.dumps([_plain(one) for one in ran], ensure_ascii=False))
    else:
        for one in ran:
            if verbose and not one.findings:
                typer.echo(f"{one.file}:{one.line}: ok: {one.outcome.trial.name}")
            tell(one.findings)
        if verbose:
            tell(rule_tests.untested(ran, own, packs=packs))
        say(rule_tests.summary(ran, language()))
    if any(one.findings for one in ran):
        raise typer.Exit(EXIT_PROBLEM)


@rules_app.command()
def why(
    device: Annotated[str, typer.Argument(help="The id of a device.")],
    at: Annotated[
        str | None, typer.Argument(help="When, as 2026-11-23T03:10:00+08:00; now unless told.")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, help="How far back the replay of the log begins.")] = 48,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Why it alarmed, or why it did not: every rule on the device at that time, from the log.

    Asks the running service; where none runs it reads the data directory itself.

    Example: anmin rules why smoke-1203 2026-11-23T03:10:00+08:00
    """
    settings = configured(config)
    query = urlencode({"hours": hours} | ({"at": at} if at else {}))
    try:
        answer = ask(settings.site.data_dir, f"/api/v1/devices/{quote(device, safe='')}/why?{query}")
    except NotRunning:
        guarded(_offline(settings, device, at, hours, as_json))
        return
    if answer.status != 200:
        refuse(answer.body["detail"])
    _show(answer.body, as_json)


@rules_app.command()
def shadow(config: Config = None, as_json: AsJson = False) -> None:
    """How the rules on trial (`[site] shadow`) compare with those in force: alerts of one side alone.

    Example: anmin rules shadow
    """
    try:
        answer = ask(configured(config).site.data_dir, "/api/v1/rules/shadow")
    except NotRunning as error:
        refuse(str(error))
    if answer.status != 200:
        refuse(answer.body["detail"])
    if as_json:
        typer.echo(json.dumps(answer.body, ensure_ascii=False))
        return
    for line in shadow_lines(answer.body, language()):
        typer.echo(line)


@rules_app.command()
def schema() -> None:
    """Print the JSON Schema of rule files, for editors.

    Example: anmin rules schema > rules.schema.json
    """
    typer.echo(json.dumps(rule_schema.schema(), indent=1, ensure_ascii=False))


async def _offline(settings: Settings, device: str, at: str | None, hours: int, as_json: bool) -> None:
    try:
        found = await why_of_folder(settings, device, at, hours * HOUR)
    except (NoSuchDevice, ValueError) as error:
        refuse(f"no such device: {error}" if isinstance(error, NoSuchDevice) else str(error))
    _show(why_text.body(found), as_json)


def _show(said: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        for line in why_text.lines(said, language()):
            typer.echo(line)


def _plain(ran: Ran) -> dict[str, Any]:
    return {
        "file": ran.file,
        "line": ran.line,
        "name": ran.outcome.trial.name,
        "good": not ran.findings,
        "problems": [{"zh": one.zh, "en": one.en} for one in ran.findings],
        "edges": [
            {
                "at_s": (edge.at - BEGINS) / 1e6,
                "rule": edge.rule_id,
                "of": edge.subject,
                "from": edge.before.word,
                "to": edge.after.word,
            }
            for edge in ran.outcome.edges
        ],
    }
