"""`anmin sim` and `anmin score`: a town with truth, played in process or to a real service, and its score."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import aiomqtt
import typer

from anmin import calibration_page, scenarios, scoring, sim_story
from anmin.calibration import calibrate
from anmin.cli_shared import (
    EXIT_CONFIGURATION,
    EXIT_DEPENDENCY,
    EXIT_PROBLEM,
    AsJson,
    language,
    refuse,
    say,
    tell,
)
from anmin.clock import Clock
from anmin.community import to_yaml
from anmin.fires import RecordingInvalid
from anmin.scenarios import Named
from anmin.simulated import Simulated, play_on_air, rehearse
from anmin.web.api import webhook_secret
from simulator.device import BrokerAddress
from simulator.happening import town_of
from simulator.load import Load, documents, press
from simulator.onair import Service
from simulator.places import Nowhere

sim_app = typer.Typer(no_args_is_help=True, help="Play a simulated community with truth.")

Scenario = Annotated[str, typer.Argument(help="A scenario file, or the name of a shipped one.")]
Seed = Annotated[int, typer.Option(help="The same seed makes the same town and the same day.")]


@sim_app.callback()
def sim() -> None:
    """Play a simulated community with truth."""


@sim_app.command("list")
def list_() -> None:
    """The scenarios that come with Anmin, each with its story.

    Example: anmin sim list
    """
    for name, script in found(()):
        title, story = (
            (script.title.zh, script.story.zh) if language() == "zh" else (script.title.en, script.story.en)
        )
        typer.echo(f"{name}\n    {title}\n    {story}")


@sim_app.command()
def town(scenario: Scenario, seed: Seed = 1, inbox: Annotated[str, typer.Option()] = "webhook") -> None:
    """The community file of a scenario's town, for a service that it is to be played to.

    Example: anmin sim town bad-radio --seed 3 > community.yaml
    """
    (named,) = found((scenario,))
    typer.echo(to_yaml(town_of(named.script, str(seed), inbox=inbox).document), nl=False)


@sim_app.command()
def run(
    scenario: Scenario,
    seed: Seed = 1,
    truth: Annotated[
        Path | None, typer.Option(help="Write what really happened to this NDJSON file.")
    ] = None,
    broker: Annotated[
        str, typer.Option(help="Play it there instead of in process: mqtt://user:password@host:1883.")
    ] = "",
    speed: Annotated[float, typer.Option(min=0.01, max=1000, help="With --broker: faster than life.")] = 1.0,
    api: Annotated[
        str, typer.Option(help="With --broker: the service, http://host:8080, for its people.")
    ] = "",
    token: Annotated[
        str, typer.Option(envvar="ANMIN_API_TOKEN", help="Its API token ([web] api_token).")
    ] = "",
    secret: Annotated[
        str, typer.Option(envvar="ANMIN_WEBHOOK_SECRET", help="whsec_...: phones send receipts.")
    ] = "",
    connections: Annotated[int, typer.Option(min=1, max=1000, help="With --broker: MQTT connections.")] = 4,
    as_json: AsJson = False,
) -> None:
    """One day of a town: what really happened, what the system made of it, and the score.

    With --broker it is played to a service that runs, as fast as --speed says; its community file is what
    `anmin sim town` prints for the same scenario and seed.
    Example: anmin sim run kitchen-fire-door-open --seed 3
    """
    (named,) = found((scenario,))
    try:
        if broker:
            place = _service(broker, api, token, secret, connections, speed)
            played = asyncio.run(_until_stopped(named, seed, place))
        else:
            played = rehearse(named.script, str(seed))
    except Nowhere as error:
        refuse(f"{named.name}: {error}")
    except aiomqtt.MqttError as error:
        say(f"anmin: {broker.rpartition('@')[2]}: {error}")
        raise typer.Exit(EXIT_DEPENDENCY) from None
    if truth is not None:
        lines = (json.dumps(row, ensure_ascii=False) for row in sim_story.truths(played.world))
        truth.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if as_json:
        said = {"scenario": named.name, "seed": seed, **played.more, **played.score.as_json()}
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        for line in sim_story.story(played.world, language()):
            typer.echo(line)
        typer.echo(json.dumps({**played.more, **played.score.as_json()}, ensure_ascii=False, indent=1))
    if any(played.score.counts[kind] for kind in scoring.FORBIDDEN):
        raise typer.Exit(EXIT_PROBLEM)


@sim_app.command("calibrate")
def fit(
    data: Annotated[Path, typer.Option("--data", help="Folder with the recorded fires and floods.")],
    write: Annotated[Path, typer.Option(help="Folder for the page and its plots.")] = Path("docs/reference"),
) -> None:
    """Fit the physics to recorded fires and floods, and write how far off it still is.

    Example: anmin sim calibrate --data recordings
    """
    try:
        for path in calibration_page.write(calibrate(data), write):
            say(str(path))
    except RecordingInvalid as error:
        refuse(str(error))


@sim_app.command()
def load(
    broker: Annotated[str, typer.Option(help="mqtt://user:password@127.0.0.1:1883")],
    devices: Annotated[int, typer.Option(min=1, max=100_000)] = 10_000,
    every: Annotated[float, typer.Option(min=0.05, help="Seconds between two readings of a device.")] = 10.0,
    lasts: Annotated[float, typer.Option("--for", min=1, max=3600, help="Seconds; then it stops.")] = 60.0,
    connections: Annotated[int, typer.Option(min=1, max=10_000, help="That all devices share.")] = 8,
    single: Annotated[bool, typer.Option(help="A connection for each device instead.")] = False,
    anywhere: Annotated[bool, typer.Option(help="Also to a broker that is not on this machine.")] = False,
    town: Annotated[bool, typer.Option(help="Only print the community file with these devices.")] = False,
) -> None:
    """Readings of many devices to a broker of this machine: how long each takes to be taken, as JSON.

    Example: anmin sim load --broker mqtt://127.0.0.1:1883 --devices 10000 --for 30
    """
    wanted = Load(devices, every, lasts, connections, single)
    if town:
        typer.echo(to_yaml(documents(wanted)), nl=False)
        return
    address = _broker(broker)
    if address.host not in ("127.0.0.1", "localhost", "::1") and not anywhere:
        refuse(f"{address.host} is another machine: load is for this one; --anywhere if it is meant")
    try:
        measured = asyncio.run(press(address, wanted, Clock().now, say))
    except (aiomqtt.MqttError, OSError) as error:
        say(f"anmin: {address.host}:{address.port}: {error}")
        raise typer.Exit(EXIT_DEPENDENCY) from None
    typer.echo(json.dumps(measured.as_json()))


def score(
    scenario: Annotated[
        list[str] | None,
        typer.Argument(help="Scenario files, folders or shipped names; default all shipped."),
    ] = None,
    seeds: Annotated[str, typer.Option(help="A-B, or one.")] = "1-4",
    jobs: Annotated[int, typer.Option(min=0, help="Processes at a time; 0 is one per core.")] = 0,
    against: Annotated[
        Path | None, typer.Option("--baseline", help="A baseline of the same seeds that may not be worse.")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option("--write-baseline", help="Write what it came to as a baseline.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Truth against what the system did: missed, late, false, duplicate, historic, leaked.

    Exit code 1 when anything was missed, late, duplicate, historic, leaked or not as the scenario expects, or
    worse than the baseline. Example: anmin score --seeds 1-20
    """
    wanted = _seeds(seeds)
    try:
        result = scoring.play_all(found(scenario or ()), wanted, jobs=jobs, out=say)
    except Nowhere as error:
        refuse(str(error))
    complaints = scoring.worse(result, against.read_text("utf-8")) if against is not None else []
    if keep is not None:
        keep.write_text(scoring.baseline(result, seeds), encoding="utf-8")
    if not as_json:
        for line in scoring.table(result, language()):
            typer.echo(line)
    for line in complaints:
        say(line)
    if as_json:
        typer.echo(json.dumps(result.as_json(), ensure_ascii=False))
    if complaints or not result.total.clean:
        raise typer.Exit(EXIT_PROBLEM)


def found(wanted: Sequence[str]) -> tuple[Named, ...]:
    """The scenarios that are meant, or every error of them and exit code 3."""
    shipped = set(scenarios.shipped_names())
    names = [one for one in wanted if one in shipped]
    paths = [Path(one) for one in wanted if one not in shipped]
    for path in paths:
        if not path.exists():
            refuse(f"{path}: no such file, and no such scenario; anmin sim list names those that there are")
    named, findings = scenarios.shipped(names) if names or not paths else ((), ())
    own, more = scenarios.load(paths)
    if findings or more:
        tell((*findings, *more))
        raise typer.Exit(EXIT_CONFIGURATION)
    return (*named, *own)


async def _until_stopped(named: Named, seed: int, place: Service) -> Simulated:
    """Ctrl-C ends the day early, and what was played is told."""
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return await play_on_air(named.script, str(seed), place, stop)


def _broker(url: str) -> BrokerAddress:
    parts = urlsplit(url)
    if parts.scheme != "mqtt" or not parts.hostname:
        raise typer.BadParameter(f"`{url}`: write mqtt://user:password@host:1883", param_hint="--broker")
    user, password = (unquote(one) if one else None for one in (parts.username, parts.password))
    return BrokerAddress(parts.hostname, parts.port or 1883, user, password)


def _service(broker: str, api: str, token: str, secret: str, connections: int, speed: float) -> Service:
    return Service(
        _broker(broker),
        Clock().now,
        api.rstrip("/"),
        token,
        webhook_secret(secret) if secret else b"",
        connections,
        speed,
    )


def _seeds(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or int(last or first) < int(first):
        raise typer.BadParameter(f"`{text}`: write A-B, for instance 1-20", param_hint="--seeds")
    return tuple(range(int(first), int(last or first) + 1))
