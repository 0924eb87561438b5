"""`anmin sim` and `anmin score`: a town with truth, played in process or to a real service, and its score."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from anmin import scenarios, scoring, sim_story
from anmin.cli_shared import EXIT_CONFIGURATION, EXIT_PROBLEM, AsJson, language, refuse, say, tell
from anmin.community import to_yaml
from anmin.rehearsal import Rehearsal
from anmin.scenarios import Named
from simulator.happening import town_of
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
    as_json: AsJson = False,
) -> None:
    """One day of a town: what really happened, what the system made of it, and the score.

    Example: anmin sim run kitchen-fire-door-open --seed 3
    """
    (named,) = found((scenario,))
    try:
        rehearsal = Rehearsal(named.script, str(seed))
        score_ = rehearsal.run()
    except Nowhere as error:
        refuse(f"{named.name}: {error}")
    if truth is not None:
        lines = (json.dumps(row, ensure_ascii=False) for row in sim_story.truths(rehearsal.world))
        truth.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    if as_json:
        said = {"scenario": named.name, "seed": seed, "digest": rehearsal.digest, **score_.as_json()}
        typer.echo(json.dumps(said, ensure_ascii=False))
    else:
        for line in sim_story.story(rehearsal.world, language()):
            typer.echo(line)
        typer.echo(json.dumps(score_.as_json(), ensure_ascii=False, indent=1))
    if any(score_.counts[kind] for kind in scoring.FORBIDDEN):
        raise typer.Exit(EXIT_PROBLEM)


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


def _seeds(text: str) -> tuple[int, ...]:
    first, _, last = text.partition("-")
    if not first.isdigit() or (last and not last.isdigit()) or int(last or first) < int(first):
        raise typer.BadParameter(f"`{text}`: write A-B, for instance 1-20", param_hint="--seeds")
    return tuple(range(int(first), int(last or first) + 1))
