"""`anmin device`: the registry from the command line, asked of the running service."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import typer

from anmin import registry_table, workbook
from anmin.cli_shared import EXIT_PROBLEM, AsJson, Config, configured, language, refuse
from anmin.doorbell import ask
from anmin.words import WORDS

POLL_S = 1.0
_MOST_POLLS = 90

Path_ = Annotated[Path, typer.Argument(help="A .csv or .xlsx file.")]
Device = Annotated[str, typer.Argument(help="The device's id.")]
Place = Annotated[str, typer.Option(help="Where it is: b3.u2.f12.1203 or its whole name.")]
Address = Annotated[str, typer.Option(help="How its messages name it.")]
Profile = Annotated[str, typer.Option(help="Its model.")]


def listed(
    config: Config = None,
    state: Annotated[str, typer.Option(help="Only heard, late, silent or unknown ones.")] = "",
    as_json: AsJson = False,
) -> None:
    """Every device with its place, when it was heard last, and its state."""
    items = _get(config, "/api/v1/devices")["items"]
    for item in items:
        if state and item["liveness"] != state:
            continue
        if as_json:
            typer.echo(json.dumps(item, ensure_ascii=False))
            continue
        name = item["name_zh"] if language() == "zh" else item["name_en"]
        heard = item["heard_at"] or "-"
        typer.echo(f"{item['id']:<28} {item['liveness']:<8} {heard:<26} {item['place_id']}  {name}")


def inbox(config: Config = None, as_json: AsJson = False) -> None:
    """Devices that speak and are not registered, with the model that each most likely is."""
    items = _get(config, "/api/v1/inbox")["items"]
    for item in items:
        if as_json:
            typer.echo(json.dumps(item, ensure_ascii=False))
        else:
            said = " ".join(f"{name}={value[0]}" for name, value in item["latest"].items())
            likely = item["suggested"] or "-"
            typer.echo(f"{item['dialect']} {item['address']}  {item['heard_at']}  {likely}  {said}")
    if not items and not as_json:
        typer.echo("没有。" if language() == "zh" else "none.")


def claim(
    address: Annotated[str, typer.Argument(help="As `anmin device inbox` shows it.")],
    place: Place,
    profile: Profile = "",
    name: Annotated[str, typer.Option("--id", help="Made from kind and place unless told.")] = "",
    config: Config = None,
) -> None:
    """Register one that speaks; without --profile as what it most likely is.

    Example: anmin device claim 0x00158d00012f --place b3.u2.f12.1203
    """
    found = [item for item in _get(config, "/api/v1/inbox")["items"] if item["address"] == address]
    if not found:
        refuse(
            f"没有这个地址：{address}" if language() == "zh" else f"nothing there has the address {address}"
        )
    row = {"id": name, "profile": profile or found[0]["suggested"], "place": place}
    row |= {"dialect": found[0]["dialect"], "address": address}
    _put(config, [row], trial=False)


def move(device: Device, place: Place, config: Config = None) -> None:
    """It is elsewhere now; its id and its history stay."""
    _do(config, device, {"verb": "move", "place": place})


def replace(
    device: Device,
    address: Address,
    profile: Profile = "",
    dialect: Annotated[str, typer.Option(help="Where the new one speaks another.")] = "",
    serial: Annotated[str, typer.Option(help="The number on its plate.")] = "",
    config: Config = None,
) -> None:
    """Another device is in its place; id and history stay, address and dates are the new one's."""
    body = {"address": address, "profile": profile, "dialect": dialect, "serial": serial}
    _do(config, device, {"verb": "replace", **body})


def retire(
    device: Device,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    config: Config = None,
) -> None:
    """It is no more: watched no longer, its address free. Name and history stay; its id is not used again."""
    zh = language() == "zh"
    if not yes:
        typer.confirm(f"停用 {device}？" if zh else f"retire {device}?", abort=True)
    _do(config, device, {"verb": "retire"})


def imported(
    file: Path_,
    apply: Annotated[
        bool, typer.Option("--apply", help="Take it over; without this only the difference is shown.")
    ] = False,
    config: Config = None,
) -> None:
    """Devices from a list: every error at once with its row and column, then what would change.

    Example: anmin device template > devices.csv; anmin device import devices.csv --apply
    """
    try:
        rows, faults = registry_table.read(workbook.read(file.read_bytes()))
    except OSError as error:
        refuse(f"{file}: {error.strerror}")
    except workbook.NoTable as none:
        refuse(f"{file}: {none.zh if language() == 'zh' else none.en}")
    if faults:
        for cell in faults:
            said = cell.fault.zh if language() == "zh" else cell.fault.en
            typer.echo(f"{file}:{cell.row}: {cell.column}: {said}", err=True)
        raise typer.Exit(EXIT_PROBLEM)
    fields = [registry_table.fields_of(row.wanted) for row in rows]
    _put(config, fields, trial=not apply, numbers=[row.number for row in rows], name=str(file))


def template(
    excel: Annotated[Path | None, typer.Option("--xlsx", help="Write an .xlsx file there.")] = None,
) -> None:
    """An empty device list with its headings, as CSV on standard output."""
    heading = [registry_table.heading(language())]
    if excel is not None:
        excel.write_bytes(workbook.to_xlsx(heading))
    else:
        typer.echo(workbook.to_csv(heading), nl=False)


def operate(
    device: Device,
    action: Annotated[str, typer.Argument(help="close, open, start, stop, release, recall, mute ...")],
    yes: Annotated[
        bool, typer.Option("--yes", help="Agree to what is dangerous without being asked.")
    ] = False,
    by: Annotated[str, typer.Option(help="Who orders it.")] = "cli",
    config: Config = None,
) -> None:
    """Tell a device to do something and wait for its own answer. Exit code 0 when it did it.

    Example: anmin device operate valve-b1-101 close
    """
    folder, zh = configured(config).site.data_dir, language() == "zh"
    path = f"/api/v1/devices/{quote(device, safe='')}"
    body = {"action": action, "by": by, "confirmed": yes}
    answer = ask(folder, f"{path}/operate", method="POST", body=body)
    if answer.status == 409 and answer.body["code"] == "needs_confirmation":
        asked = (
            f"{action} 有危险，现场已确认？" if zh else f"{action} is dangerous. Did you check on the spot?"
        )
        typer.confirm(asked, abort=True)
        answer = ask(folder, f"{path}/operate", method="POST", body=body | {"confirmed": True})
    if answer.status != 202:
        refuse(answer.body["detail"])
    for _ in range(_MOST_POLLS):
        time.sleep(POLL_S)
        items = ask(folder, f"{path}/operations").body["items"]
        mine = next((item for item in items if item["id"] == answer.body["operation_id"]), None)
        if mine is not None and mine["progress"] != "asked":
            typer.echo(f"{WORDS['progress.' + mine['progress']][0 if zh else 1]} {mine['detail']}".strip())
            raise typer.Exit(0 if mine["progress"] == "done" else EXIT_PROBLEM)
    refuse("还没有回执" if zh else "no answer yet")


def join(app: typer.Typer) -> None:
    """Beside `anmin device credentials`."""
    for work in (inbox, claim, move, replace, retire, template, operate):
        app.command()(work)
    app.command("list")(listed)
    app.command("import")(imported)


def _get(config: Path | None, path: str) -> dict[str, Any]:
    answer = ask(configured(config).site.data_dir, path)
    if answer.status != 200:
        refuse(answer.body["detail"])
    return answer.body


def _do(config: Path | None, device: str, body: dict[str, str]) -> None:
    path = f"/api/v1/devices/{quote(device, safe='')}/registry"
    answer = ask(configured(config).site.data_dir, path, method="POST", body=body | {"by": "cli"})
    _tell(answer.status, answer.body)


def _put(
    config: Path | None,
    rows: list[dict[str, str]],
    *,
    trial: bool,
    numbers: list[int] | None = None,
    name: str = "",
) -> None:
    body = {"rows": rows, "trial": trial, "by": "cli"}
    answer = ask(configured(config).site.data_dir, "/api/v1/devices", method="POST", body=body)
    for error in answer.body.get("errors", ()):
        error["row"] = numbers[error["row"] - 1] if numbers else 0
    _tell(answer.status, answer.body, name)
    if trial and answer.body["changes"]:
        zh, en = "还没有保存；加 --apply 导入。", "nothing is saved yet; add --apply to take it over."
        typer.echo(zh if language() == "zh" else en)


def _tell(status: int, body: dict[str, Any], name: str = "") -> None:
    """What changed, or everything that is wrong; then the command has failed."""
    for error in body.get("errors", ()):
        where = f"{name}:{error['row']}: " if error["row"] else ""
        typer.echo(f"{where}{error['field']}: {error['detail']}", err=True)
    if status != 200:
        if "errors" not in body:
            refuse(body["detail"])
        raise typer.Exit(EXIT_PROBLEM)
    for change in body["changes"]:
        mark = "!" if change["dangerous"] else " "
        typer.echo(f"{mark} {change['zh'] if language() == 'zh' else change['en']}")
    if not body["changes"]:
        typer.echo("没有变化。" if language() == "zh" else "no difference.")
