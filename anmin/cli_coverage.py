"""`anmin coverage`: place by place what is proved to protect, and every gap by name."""

from __future__ import annotations

import json
from typing import Annotated
from urllib.parse import urlencode

import typer

from anmin.cli_shared import EXIT_PROBLEM, AsJson, Config, configured, language, refuse
from anmin.doorbell import ask
from anmin.words import WORDS

_COLUMNS = ("good", "heard", "tested", "in_date", "sound")
_HEAD = {
    "zh": ("位置", "点位", "有证明", "有消息", "测试过", "在期", "无故障", "户", "有设备", "可通知"),
    "en": (
        "place",
        "points",
        "proved",
        "heard",
        "tested",
        "in date",
        "sound",
        "homes",
        "equipped",
        "reachable",
    ),
}


def coverage(
    place: Annotated[str, typer.Option(help="The id of a place; the community unless told.")] = "",
    gaps: Annotated[bool, typer.Option("--gaps", help="Every gap by name instead of the table.")] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """What is heard from, tested, in date, sound and reachable; exit code 1 where anything is not proved.

    Example: anmin coverage --place xfl.b3 --gaps
    """
    asked = urlencode({"place": place} if place else {})
    answer = ask(configured(config).site.data_dir, f"/api/v1/coverage?{asked}")
    if answer.status != 200:
        refuse(answer.body["detail"])
    body = answer.body
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False))
    elif gaps:
        for gap in body["gaps"]:
            word = WORDS[f"gap.{gap['gap']}"][0 if language() == "zh" else 1]
            typer.echo(f"{gap['subject']:<32} {word}")
    else:
        head = _HEAD["zh" if language() == "zh" else "en"]
        typer.echo("\t".join(head))
        for row in (body["place"], *body["below"]):
            counts = [row["points"], *(row[name] for name in _COLUMNS)]
            homes = [row["households"], row["equipped"], row["reachable"]]
            typer.echo("\t".join([row["place_id"], *map(str, (*counts, *homes))]))
    if body["gaps"]:
        raise typer.Exit(EXIT_PROBLEM)
