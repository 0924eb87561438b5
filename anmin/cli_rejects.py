"""`anmin rejects`: what was not understood, one of them whole, and putting it through again."""

from __future__ import annotations

import base64
import json
from typing import Annotated

import typer

from anmin.cli_shared import AsJson, Config, configured, refuse
from anmin.doorbell import ask

app = typer.Typer(no_args_is_help=True, help="Messages that were not understood: list, show, replay.")


@app.command("list")
def listed(
    config: Config = None,
    limit: Annotated[int, typer.Option(help="How many, newest first.")] = 50,
    as_json: AsJson = False,
) -> None:
    """The newest messages that were not understood."""
    answer = ask(configured(config).site.data_dir, f"/api/v1/rejects?limit={limit}")
    if answer.status != 200:
        refuse(answer.body["detail"])
    for row in answer.body["items"]:
        if as_json:
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            typer.echo(
                f"{row['sequence']:>10}  {row['at']}  {row['reason']:<16} {row['topic']}  {row['detail']}"
            )


@app.command()
def show(sequence: int, config: Config = None, as_json: AsJson = False) -> None:
    """One message, whole: why it was rejected, and its payload as it came."""
    answer = ask(configured(config).site.data_dir, f"/api/v1/rejects/{sequence}")
    if answer.status != 200:
        refuse(answer.body["detail"])
    if as_json:
        typer.echo(json.dumps(answer.body, ensure_ascii=False))
        return
    payload = base64.b64decode(answer.body.pop("payload"))
    for name, value in answer.body.items():
        typer.echo(f"{name}: {value}")
    typer.echo(payload.decode("utf-8", "backslashreplace"))


@app.command()
def replay(sequence: int, config: Config = None) -> None:
    """Put one message through again, for instance after its device was registered."""
    answer = ask(configured(config).site.data_dir, f"/api/v1/rejects/{sequence}/replay", method="POST")
    if answer.status != 202:
        refuse(answer.body["detail"])
    typer.echo(f"put through again as record {answer.body['sequence']}")
