"""The command line. Exit codes: 0 ok, 1 a problem found, 2 usage, 3 configuration, 4 a dependency is down."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from typing import Annotated

import structlog
import typer

from anmin import (
    __version__,
    cli_backtest,
    cli_broker,
    cli_community,
    cli_coverage,
    cli_decode,
    cli_device,
    cli_evidence,
    cli_rejects,
    cli_rules,
    cli_sim,
    cli_troubles,
    cli_user,
    cli_versions,
)
from anmin.check import check as check_files
from anmin.check import exit_code
from anmin.cli_shared import (
    EXIT_CONFIGURATION,
    EXIT_DEPENDENCY,
    AsJson,
    Config,
    chosen,
    guarded,
    language,
    say,
    tell,
)
from anmin.demo import demo as play_demo
from anmin.doorbell import NotRunning
from anmin.finding import Finding, Severity
from anmin.prepare import NotReady, Prepared, prepare
from anmin.settings import describe, read, show
from anmin.wiring import service

app = typer.Typer(no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False)
config_app = typer.Typer(no_args_is_help=True, help="Show and describe the settings.")
app.add_typer(config_app, name="config")
app.add_typer(cli_rejects.app, name="rejects")
app.add_typer(cli_community.app, name="community")
app.add_typer(cli_user.app, name="user")
app.add_typer(cli_evidence.replay_app, name="replay")
app.add_typer(cli_rules.rules_app, name="rules")
cli_versions.join(cli_rules.rules_app)
app.add_typer(cli_broker.broker_app, name="broker")
app.add_typer(cli_broker.device_app, name="device")
cli_device.join(cli_broker.device_app)
cli_broker.device_app.command()(cli_troubles.walk)
app.command()(cli_troubles.troubles)
app.command()(cli_coverage.coverage)
app.command()(cli_evidence.verify)
app.command()(cli_decode.decode)
app.add_typer(cli_sim.sim_app, name="sim")
app.command()(cli_sim.score)
app.command("backtest")(cli_backtest.command)


def main() -> None:
    """Entry point of the command `anmin`."""
    try:
        app(prog_name="anmin")
    except NotRunning as error:
        typer.echo(f"anmin: {error}", err=True)
        raise SystemExit(EXIT_DEPENDENCY) from None


def _version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and stop.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Anmin (安民): from a sensor's alarm to people who know what to do."""
    # until a service sets up its own: standard output is for what the command says
    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))


@app.command()
def run(
    config: Config = None,
    accept_history: Annotated[
        bool, typer.Option(help="Start although a replay differs from the ledger; differences are reported.")
    ] = False,
) -> None:
    """Run the service until SIGINT or SIGTERM.

    Example: anmin run --config anmin.toml
    """
    try:
        prepared = prepare(chosen(config), os.environ)
    except NotReady as not_ready:
        tell(not_ready.findings)
        raise typer.Exit(EXIT_CONFIGURATION) from None
    tell(prepared.warnings)
    guarded(_serve(prepared, accept_history))


@app.command()
def demo(
    for_s: Annotated[float | None, typer.Option("--for", help="Stop after so many seconds.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="End with a line of JSON.")] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the pages; 0 takes any free one.")
    ] = 8080,
    seed: Annotated[int, typer.Option(help="Another town, another kitchen.")] = 7,
) -> None:
    """Show a community of 60 households and a kitchen fire after 20 s, on defaults, without root.

    Example: anmin demo --for 60 --json
    """

    async def work() -> None:
        figures = await play_demo(
            for_s=for_s, port=port, seed=seed, language=language(), stop=_stopped(), say=say
        )
        if as_json:
            typer.echo(json.dumps(figures, ensure_ascii=False))

    guarded(work())


@app.command()
def check(config: Config = None, as_json: AsJson = False) -> None:
    """Report every error of settings, community file and rules at once, without starting anything."""
    findings = check_files(chosen(config), os.environ)
    if as_json:
        rows = [{name: getattr(f, name) for name in Finding.__dataclass_fields__} for f in findings]
        typer.echo(json.dumps(rows, ensure_ascii=False))
    else:
        tell(findings)
        if all(finding.severity is Severity.NOTE for finding in findings):
            typer.echo("没有问题。" if language() == "zh" else "nothing is wrong.")
    raise typer.Exit(exit_code(findings))


@config_app.command("show")
def config_show(config: Config = None) -> None:
    """Every setting in force, and where it comes from; secrets are not shown."""
    loaded = read(chosen(config), os.environ)
    if loaded.settings is None:
        tell(loaded.findings)
        raise typer.Exit(EXIT_CONFIGURATION)
    for name, value, origin in show(loaded):
        typer.echo(f"{name} = {value}  # {origin}")


@config_app.command("describe")
def config_describe() -> None:
    """Every setting with its type, default and meaning."""
    for row in describe():
        typer.echo(f"{row.name} ({row.type}) = {row.default}\n    {row.description}")


def _stopped() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


async def _serve(prepared: Prepared, accept_history: bool) -> None:
    stop = _stopped()
    async with service(
        prepared.settings,
        prepared.inventory_body,
        prepared.rules_body,
        accept_history=accept_history,
        shadow=prepared.shadow,
    ) as running:
        say(f"anmin {__version__}: {running.url}")
        if running.sign_in:
            say(f"first sign-in (once): {running.sign_in}")
        await stop.wait()
