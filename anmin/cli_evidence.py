"""`anmin replay` and `anmin verify`: what recordings and the log itself say of the service."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from anmin import fire_plot, flood_plot, flood_report
from anmin.cli_shared import (
    EXIT_CONFIGURATION,
    EXIT_PROBLEM,
    AsJson,
    Config,
    chosen,
    configured,
    guarded,
    language,
    refuse,
    say,
    tell,
)
from anmin.fires import RecordingInvalid, table
from anmin.flood_replay import replay_floods
from anmin.prepare import NotReady
from anmin.recording import NothingRecorded, read_file, replay_messages, told
from anmin.replay import NothingToPlay, replay_fires
from anmin.verify import report
from anmin.verify import verify as verify_log
from ingest.sources.replay import NotRecorded

replay_app = typer.Typer(no_args_is_help=True, help="Play recordings to the real service on a scaled clock.")


@replay_app.callback()
def replay() -> None:
    """Play recordings to the real service on a scaled clock."""


@replay_app.command()
def fires(
    data: Annotated[Path, typer.Option("--data", help="Folder with the recorded room fires.")],
    speed: Annotated[
        float, typer.Option(min=0.1, help="How many times faster than they burnt, at most.")
    ] = 30.0,
    only: Annotated[str, typer.Option(help="Only experiments whose name holds this.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="Only the first so many; 0 is all.")] = 0,
    whole: Annotated[bool, typer.Option(help="Play each to its end, not just to its hand-off.")] = False,
    write: Annotated[Path | None, typer.Option(help="Write fires.md and fires.svg to this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Room fires as heat detectors: seconds from ignition to pre-alarm, alarm and hand-off.

    Example: anmin replay fires --data recordings/fsri_fires --only RedAccent
    """

    async def work() -> None:
        try:
            found = await replay_fires(data, speed=speed, only=only, limit=limit, whole=whole, out=say)
        except (RecordingInvalid, NothingToPlay) as error:
            refuse(str(error))
        if write is not None:
            fire_plot.write(found, write)
        if as_json:
            typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
        else:
            for line in table(found, language()):
                typer.echo(line)

    guarded(work())


@replay_app.command()
def floods(
    data: Annotated[Path, typer.Option("--data", help="Folder with the recorded street floods.")],
    limit: Annotated[int, typer.Option(min=0, help="Only the first so many; 0 is all.")] = 0,
    write: Annotated[Path | None, typer.Option(help="Write floods.md and floods.svg to this folder.")] = None,
    as_json: AsJson = False,
) -> None:
    """Street floods as water level sensors: alerts missed, early, late and repeated, against a plain limit.

    Example: anmin replay floods --data recordings/floodnet --write docs/evidence
    """
    try:
        found = replay_floods(data, limit=limit, out=say)
        if write is not None and found.deep:
            flood_plot.write(found, write)
    except RecordingInvalid as error:
        refuse(str(error))
    except OSError as error:
        refuse(f"{write}: {error.strerror or error}")
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False))
    else:
        for line in flood_report.table(found, language()):
            typer.echo(line)


@replay_app.command()
def messages(
    file: Annotated[Path, typer.Argument(help="What mosquitto_sub -t '#' -F %j wrote.")],
    config: Config = None,
    speed: Annotated[float, typer.Option(min=0.1, help="How many times faster than it was.")] = 60.0,
    as_json: AsJson = False,
) -> None:
    """A recorded night, heard again with this community and these rules; nothing is sent to anybody.

    Example: anmin replay messages night.jsonl --config anmin.toml
    """
    found = None

    async def work() -> None:
        nonlocal found
        try:
            recording = await asyncio.to_thread(read_file, file)
            found = await replay_messages(recording, chosen(config), speed=speed, out=say)
        except (OSError, NotRecorded, NothingRecorded) as error:
            refuse(f"{file}: {getattr(error, 'strerror', None) or error}")

    try:
        guarded(work())
    except NotReady as not_ready:
        tell(not_ready.findings)
        raise typer.Exit(EXIT_CONFIGURATION) from None
    assert found is not None
    typer.echo(json.dumps(found.as_json(), ensure_ascii=False) if as_json else told(found))


def verify(config: Config = None, as_json: AsJson = False) -> None:
    """Replay the whole log, with the service stopped, and compare it with what the ledger holds."""
    settings = configured(config)
    clean = True

    async def work() -> None:
        nonlocal clean
        found = await verify_log(settings)
        clean = found.clean
        typer.echo(report(found, "json" if as_json else language()))

    guarded(work())
    if not clean:
        raise typer.Exit(EXIT_PROBLEM)
