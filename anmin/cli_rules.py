"""`anmin rules`: what the rules do, before and after it matters."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from anmin import rule_tests
from anmin.cli_shared import EXIT_CONFIGURATION, EXIT_PROBLEM, AsJson, Config, configured, language, say, tell
from anmin.rule_tests import Ran
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
