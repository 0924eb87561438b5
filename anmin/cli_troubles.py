"""`anmin troubles` and `anmin device walk`: what is wrong with the devices, and the proof that one works."""

from __future__ import annotations

import json
import time
from typing import Annotated
from urllib.parse import quote, urlencode

import typer

from anmin.cli_shared import EXIT_PROBLEM, AsJson, Config, configured, language, refuse
from anmin.doorbell import ask
from anmin.words import WORDS

POLL_S = 1.0
_MOST_POLLS = 90
"""A test lasts a minute; then somebody else started another."""


def troubles(
    kind: Annotated[str, typer.Option(help="Only of one kind: battery, lost, fault ...")] = "",
    place: Annotated[str, typer.Option(help="Only there and below: the id of a place.")] = "",
    own: Annotated[bool, typer.Option("--own", help="See to those shown: not told again for a day.")] = False,
    by: Annotated[str, typer.Option(help="Who sees to them.")] = "cli",
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What is wrong with the devices now, worst first; exit code 1 when anything is.

    Example: anmin troubles --kind battery --own --by wang
    """
    folder = configured(config).site.data_dir
    asked = {key: value for key, value in (("kind", kind), ("place", place)) if value}
    answer = ask(folder, f"/api/v1/troubles?{urlencode(asked)}")
    if answer.status != 200:
        refuse(answer.body["detail"])
    items = answer.body["items"]
    for item in items:
        if as_json:
            typer.echo(json.dumps(item, ensure_ascii=False))
            continue
        what = WORDS[f"trouble.{item['kind']}"][0 if language() == "zh" else 1]
        many = f" x{item['devices']}" if item["devices"] else ""
        owner = f"  ({item['acknowledged_by']})" if item["acknowledged_by"] else ""
        typer.echo(f"{item['since']}  {item['subject']:<28} {what}{many}  {item['place_id']}{owner}")
    if not items:
        if not as_json:
            typer.echo("没有已知的设备故障。" if language() == "zh" else "no trouble is known.")
        return
    if own:
        ids = [item["id"] for item in items]
        answer = ask(folder, "/api/v1/troubles/own", method="POST", body={"ids": ids, "by": by})
        if answer.status != 200:
            refuse(answer.body["detail"])
    raise typer.Exit(EXIT_PROBLEM)


def walk(
    device: Annotated[str, typer.Argument(help="The device's id.")],
    by: Annotated[str, typer.Option(help="Who stands there.")] = "cli",
    config: Config = None,
) -> None:
    """Test a device on foot: press its button within a minute. Exit code 0 when it was heard, 1 when not.

    Its alarm reaches nobody meanwhile; one that still stands after the minute is a real alarm.
    """
    folder, zh = configured(config).site.data_dir, language() == "zh"
    path = f"/api/v1/devices/{quote(device, safe='')}"
    started = ask(folder, f"{path}/walk", method="POST", body={"by": by})
    if started.status != 202:
        refuse(started.body["detail"])
    typer.echo("请按测试键……" if zh else "press its test button ...")
    for _ in range(_MOST_POLLS):
        time.sleep(POLL_S)
        seen = ask(folder, path)
        if seen.status != 200:
            refuse(seen.body["detail"])
        test = seen.body["walk"]
        if test is None or (test["ended_at"] is not None and test["ended_at"] < started.body["at"]):
            continue  # an earlier test is shown until this one has begun to be
        if test["passed"]:
            typer.echo("收到了：测试通过。" if zh else "it was heard: passed.")
            return
        if test["ended_at"] is not None:
            break
    refuse("没有收到：查电池和信号，再试一次" if zh else "not heard: check battery and signal, try again")
