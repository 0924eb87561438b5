"""`anmin rules status`, `propose`, `approve`, `withdraw`, `back`: versions of the rules, and two people."""

from __future__ import annotations

import json
from typing import Annotated, Any, Final

import typer

from anmin.cli_shared import AsJson, Config, configured, language, refuse
from anmin.doorbell import NotRunning, ask
from anmin.web.rule_words import RULES

_SHOWN: Final = 50
By = Annotated[str, typer.Option(help="The account in whose name; its password is asked for.")]
Password = Annotated[
    str, typer.Option(envvar="ANMIN_PASSWORD", prompt=True, hide_input=True, help="Of that account.")
]


def status(config: Config = None, as_json: AsJson = False) -> None:
    """Which rules are in force, what waits for a second person, and what its test came to.

    Example: anmin rules status
    """
    _tell(_answer(config), as_json)


def propose(
    by: By,
    reason: Annotated[str, typer.Option(help="Why it is to be changed.")],
    password: Password,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Propose the change that waits; it is tested on the readings of the last thirty days.

    Example: anmin rules propose --by sun-li --reason "less steam alarms"
    """
    _tell(_answer(config, verb="propose", by=by, password=password, reason=reason), as_json)


def approve(
    by: By,
    password: Password,
    silences: Annotated[
        bool,
        typer.Option("--silences", help="Alarms that the test names are meant to be silent."),
    ] = False,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Put what was proposed and tested in force; another person than who proposed it.

    Example: anmin rules approve --by zhou-wei
    """
    _tell(_answer(config, verb="approve", by=by, password=password, silences=silences), as_json)


def withdraw(by: By, password: Password, config: Config = None, as_json: AsJson = False) -> None:
    """The proposal is no more."""
    _tell(_answer(config, verb="withdraw", by=by, password=password), as_json)


def back(by: By, password: Password, config: Config = None, as_json: AsJson = False) -> None:
    """Go back to the version before, at once; the present one stays as a draft."""
    _tell(_answer(config, verb="back", by=by, password=password), as_json)


def join(app: typer.Typer) -> None:
    for command in (status, propose, approve, withdraw, back):
        app.command()(command)


def _answer(config: Config, **wish: str | bool) -> dict[str, Any]:
    folder = configured(config).site.data_dir
    try:
        method = "POST" if wish else "GET"
        answered = ask(folder, "/api/v1/rules", method=method, body=wish or None)
    except NotRunning as error:
        refuse(str(error))
    if answered.status != 200:
        refuse(str(answered.body.get("detail", answered.status)))
    return answered.body


def _tell(body: dict[str, Any], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False))
        return
    typer.echo(f"{_t('rules_active')}: {body['active']}")
    if body["former"]:
        typer.echo(f"{_t('rules_former')}: {body['former']}")
    if not body["draft"]:
        typer.echo(_t("rules_none"))
        return
    typer.echo(f"{_t('rules_waits')}: {body['draft']}")
    for kind in ("added", "removed", "changed"):
        for name in body["difference"][kind]:
            grave = f"  ({_t('rules_grave')})" if name in body["difference"]["guarding_lives"] else ""
            typer.echo(f"  {_t(f'rules_{kind}')}: {name}{grave}")
    if (proposal := body["proposal"]) is not None:
        _proposal(proposal)


def _proposal(found: dict[str, Any]) -> None:
    typer.echo(_t("rules_proposed", name=found["by"], at=found["at"], reason=found["reason"] or "-"))
    report = found["report"]
    if found["state"] == "testing":
        typer.echo(_t("rules_testing", share=f"{100 * found['share']:.0f} %"))
    elif found["state"] == "failed":
        typer.echo(_t("rules_failed", error=found["error"]))
    elif report is None:
        typer.echo(_t("rules_no_history"))
    elif report["from"] is None:
        typer.echo(_t("rules_empty"))
    else:
        typer.echo(_t("rules_tested", n=report["readings"], from_=report["from"], to=report["to"]))
        for name, (before, after) in report["alerts"].items():
            typer.echo(f"  {name}: {before} > {after}")
        typer.echo(_t("rules_only_after", n=report["only_after"]))
        typer.echo(_t("rules_only_before", n=report["only_before"]))
        if report["silenced"]:
            typer.echo(_t("rules_silenced", n=len(report["silenced"])))
        for one in report["silenced"][:_SHOWN]:
            typer.echo(f"  {one['at']}  {one['of']}  {one['rule']}")


def _t(key: str, **fields: object) -> str:
    zh, en = RULES[key]
    return (zh if language() == "zh" else en).format(**fields)
