"""`anmin broker` and `anmin device`: the files of the site's own mosquitto, a password for each device."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from anmin.backends.broker_site import SERVICE_PORT, SiteBroker, SiteBrokerError, User
from anmin.cli_shared import EXIT_CONFIGURATION, AsJson, Config, chosen, refuse, say, tell
from anmin.prepare import NotReady, prepare
from devices.inventory import Inventory
from ingest import native

broker_app = typer.Typer(no_args_is_help=True, help="The MQTT broker of the site.")
device_app = typer.Typer(no_args_is_help=True, help="Devices: their passwords at the broker.")

Folder = Annotated[Path, typer.Option("--folder", help="Folder of the broker's files.")]
BROKER = Path("anmin-broker")

T = TypeVar("T")


@broker_app.callback()
def broker() -> None:
    """The MQTT broker of the site."""


@device_app.callback()
def device() -> None:
    """Devices: their passwords at the broker."""


@broker_app.command()
def init(
    host: Annotated[str, typer.Option(help="Name or address by which devices reach this machine.")],
    folder: Folder = BROKER,
    port: Annotated[int, typer.Option(min=1, max=65535, help="TLS port for the devices.")] = 8883,
    own_tls: Annotated[
        bool, typer.Option(help="ca.crt, server.crt and server.key are put into the folder by you.")
    ] = False,
    config: Config = None,
) -> None:
    """Write a safe mosquitto configuration: TLS, known users only, each device on its own topics.

    Example: anmin broker init --host 192.168.1.5
    """
    community = _inventory(config).community_id
    made = _tried(lambda: SiteBroker.create(folder, community, host, port, own_tls=own_tls))
    service = SERVICE_PORT if port != SERVICE_PORT else SERVICE_PORT + 1
    typer.echo(f"mosquitto -c {made.folder / 'mosquitto.conf'}")
    say(f"devices: mqtts://{host}:{port}, authority {made.folder / 'ca.crt'}; give them passwords with")
    say(f"  anmin device credentials --all --folder {folder} > passwords.csv")
    say(f'in anmin.toml: [mqtt] url = "mqtt://127.0.0.1:{service}", username = "anmin",')
    say(f'  password_file = "{made.folder / "anmin.password"}"')


@device_app.command()
def credentials(
    devices: Annotated[list[str] | None, typer.Argument(help="Ids of devices; or use --all.")] = None,
    folder: Folder = BROKER,
    every: Annotated[bool, typer.Option("--all", help="Every native device without a password.")] = False,
    rotate: Annotated[bool, typer.Option(help="New passwords for those that have one, too.")] = False,
    revoke: Annotated[bool, typer.Option(help="Take the passwords away.")] = False,
    gateway: Annotated[
        list[str] | None, typer.Option(help="NAME=TOPIC of a gateway: zigbee=zigbee2mqtt/#")
    ] = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Issue, rotate or revoke passwords. They are shown once, here; the broker keeps hashes.

    Example: anmin device credentials smoke-3-1203 --rotate
    """
    site = SiteBroker(folder)
    if revoke:
        _tried(lambda: site.revoke(devices or ()))
    else:
        wanted = _wanted(site, _inventory(config), devices or [], gateway or [], every=every, rotate=rotate)
        fresh = _tried(lambda: site.issue(wanted))
        typer.echo(json.dumps(fresh, ensure_ascii=False) if as_json else _table(fresh), nl=as_json)
    if not site.reload():
        say("the broker does not run from this folder's pid file: let it read its files again (SIGHUP)")


def _wanted(
    site: SiteBroker,
    inventory: Inventory,
    names: list[str],
    gateways: list[str],
    *,
    every: bool,
    rotate: bool,
) -> dict[str, User]:
    """Whom to give a password. Ends the command with what is wrong with the names, all of it at once."""
    ours = {one.address for one in inventory.devices.values() if one.dialect == native.NAME}
    known = _tried(site.users)
    if unknown := [name for name in names if name not in ours]:
        refuse(f"no native device of this community: {', '.join(unknown)}")
    if not rotate and (have := [name for name in names if name in known]):
        refuse(f"they have a password: {', '.join(have)}; --rotate gives new ones and ends the old")
    wanted = {name: User("device") for name in names}
    if every:
        wanted |= {name: User("device") for name in sorted(ours) if rotate or name not in known}
    for given in gateways:
        name, _, topic = given.partition("=")
        if not topic or topic.startswith(("#", "+", "$", f"{native.ROOT}/")):
            refuse(f"--gateway {given}: NAME=TOPIC, with a topic of its own such as zigbee2mqtt/#")
        wanted[name] = User("gateway", (topic,))
    if not wanted:
        refuse("nobody to give a password: name devices, or use --all or --gateway")
    return wanted


def _table(fresh: dict[str, str]) -> str:
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(("username", "password"))
    rows.writerows(fresh.items())
    return out.getvalue()


def _inventory(config: Path | None) -> Inventory:
    try:
        return prepare(chosen(config), os.environ).inventory
    except NotReady as not_ready:
        tell(not_ready.findings)
        raise typer.Exit(EXIT_CONFIGURATION) from None


def _tried(work: Callable[[], T]) -> T:
    try:
        return work()
    except (SiteBrokerError, OSError) as error:
        refuse(str(error))
