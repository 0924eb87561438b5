"""`anmin decode`: ask a dialect what a message means, with the settings of this place or without any."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from anmin.cli_shared import EXIT_CONFIGURATION, EXIT_PROBLEM, Config, chosen, refuse, tell
from anmin.decoding import FORMS, NotInForm, shown, unpack
from anmin.dialects import registry_of
from anmin.settings import SettingsInvalid, load
from ingest.registry import Dialect


def decode(
    files: Annotated[list[Path], typer.Argument(help="A message each; - is standard input.")],
    dialect: Annotated[str, typer.Option(help="Name of the dialect (docs/reference/dialects.md).")],
    topic: Annotated[str, typer.Option(help="The topic that the messages came on.")] = "",
    form: Annotated[str, typer.Option(help=f"How the files hold the bytes: {', '.join(FORMS)}.")] = "raw",
    lines: Annotated[bool, typer.Option(help="Every line of a file is a message of its own.")] = False,
    retain: Annotated[bool, typer.Option(help="The broker had kept them.")] = False,
    config: Config = None,
) -> None:
    """Print what messages say, as a line of JSON each: readings, or the reason why there are none.

    Example: anmin decode --dialect zigbee2mqtt --topic zigbee2mqtt/kitchen message.json
    """
    if form not in FORMS:
        refuse(f"--form {form}: give one of {', '.join(FORMS)}")
    speaker = _dialect(dialect, config)
    fine = True
    for file in files:
        for where, raw in _messages(file, lines):
            try:
                said = shown(speaker, topic, unpack(raw, form), retain=retain)
            except NotInForm as error:
                refuse(f"{where}: {error}")
            fine = fine and "rejected" not in said
            typer.echo(json.dumps({"file": where, **said}, ensure_ascii=False))
    if not fine:
        raise typer.Exit(EXIT_PROBLEM)


def _dialect(name: str, config: Path | None) -> Dialect:
    """As it is set up here; with its defaults where it is not set up."""
    try:
        settings = load(chosen(config), os.environ)
    except SettingsInvalid as invalid:
        tell(invalid.problems)
        raise typer.Exit(EXIT_CONFIGURATION) from None
    registry = registry_of(settings, None, every=True)
    found = registry.named(name)
    if found is None:
        refuse(f"there is no dialect {name!r}; there are {', '.join(registry.names)}")
    return found


def _messages(file: Path, lines: bool) -> list[tuple[str, bytes]]:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        refuse(f"{file}: {error.strerror}")
    if not lines:
        return [(str(file), raw)]
    return [(f"{file}:{n}", line) for n, line in enumerate(raw.splitlines(), 1) if line.strip()]
