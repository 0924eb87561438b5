"""`anmin user`: who may sign in. Nobody types a password here: a link that works once sets it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from anmin.accounts import LINK_FOR, Role
from anmin.cli_shared import AsJson, Config, configured, refuse
from anmin.doorbell import ask
from devices.instant import MINUTE

app = typer.Typer(no_args_is_help=True, help="Accounts: add, link, list, disable.")

Name = Annotated[str, typer.Argument(help="The name to sign in with.")]


@app.command()
def add(
    name: Name,
    role: Annotated[Role, typer.Option(help="operator: the board; crew: the page of the station.")],
    responder: Annotated[
        str | None, typer.Option(help="Id of the person in the community file; crew must have one.")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make an account and print the link with which its owner sets a password.

    Example: anmin user add 陈杰 --role crew --responder chen-jie
    """
    body = {"name": name, "role": role.value, "responder": responder}
    _tell_link(_asked(config, "", method="POST", body=body), as_json=as_json)


@app.command()
def link(name: Name, config: Config = None, as_json: AsJson = False) -> None:
    """Print a new link, for whoever lost the first one or the password."""
    _tell_link(_asked(config, f"/{quote(name, safe='')}/link", method="POST"), as_json=as_json)


@app.command("list")
def listed(config: Config = None, as_json: AsJson = False) -> None:
    """Everybody who may sign in."""
    for row in _asked(config, "")["items"]:
        if as_json:
            typer.echo(json.dumps(row, ensure_ascii=False))
        else:
            waits = "" if row["has_password"] else "  (no password yet)"
            typer.echo(f"{row['role']:<9} {row['name']}  {row['id']}{waits}")


@app.command()
def disable(name: Name, config: Config = None) -> None:
    """Take an account back: whoever is signed in with it is out at once."""
    row = _asked(config, f"/{quote(name, safe='')}/disable", method="POST")
    typer.echo(f"{row['name']} cannot sign in any more")


def _asked(config: Path | None, path: str, *, method: str = "GET", body: object = None) -> dict[str, Any]:
    answer = ask(configured(config).site.data_dir, f"/api/v1/users{path}", method=method, body=body)
    if answer.status >= 400:
        refuse(answer.body["detail"])
    return answer.body


def _tell_link(row: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(row, ensure_ascii=False))
        return
    typer.echo(row["link"])
    typer.echo(
        f"works once, within {LINK_FOR // MINUTE} minutes, for {row['name']} ({row['role']})", err=True
    )
