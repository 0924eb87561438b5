"""Versions of the rules for people and machines: what is in force, what waits, and who says yes to it."""

from __future__ import annotations

from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anmin.accounts import Role
from anmin.rule_keeper import Refusal, RuleKeeper, Standing
from anmin.web.api import first_error, holds_token, problem, refuse
from anmin.web.asking import form_of, in_time
from anmin.web.deps import deps_of
from anmin.web.pages import by_name
from anmin.web.render import page, wording_of
from anmin.web.session import session_of, staff_only
from devices.instant import parse_rfc3339, rfc3339


class Asked(BaseModel):
    """`by` and `password`: for the holder of a token, who speaks for a person."""

    model_config = ConfigDict(extra="forbid")

    verb: Literal["propose", "approve", "withdraw", "back"]
    by: str = Field("", max_length=200)
    password: str = Field("", max_length=1_000)
    reason: str = Field("", max_length=1_000)
    silences: bool = False


async def listed(request: web.Request) -> web.Response:
    """`GET /api/v1/rules`."""
    if (refused := refuse(request)) is not None:
        return refused
    return web.json_response(_body(await _keeper(request).standing()))


async def asked(request: web.Request) -> web.Response:
    """`POST /api/v1/rules`: who approves proves who they are, by a session or by their password."""
    if (refused := refuse(request)) is not None:
        return refused
    try:
        wish = Asked.model_validate_json(await in_time(request.read()))
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    by = await _speaker(request, wish)
    if isinstance(by, web.Response):
        return by
    try:
        standing = await _do(_keeper(request), wish.verb, by, wish.reason, wish.silences)
    except Refusal as refusal:
        return problem(409, refusal.code, wording_of(request).t(f"rules_refused_{refusal.code}"))
    except OSError:
        return problem(507, "full", wording_of(request).t("rules_refused_full"))
    return web.json_response(_body(standing))


async def _speaker(request: web.Request, wish: Asked) -> str | web.Response:
    session = session_of(request)
    if session is not None and not holds_token(request):
        if session.account.role is not Role.OPERATOR:
            return problem(403, "not_allowed", "only the duty staff do that")
        return by_name(request)
    words = wording_of(request)
    if not wish.by:
        return problem(400, "no_name", words.t("rules_refused_no_name"))
    account = await deps_of(request).accounts.check(wish.by, wish.password)
    if account is None or account.role is not Role.OPERATOR:
        return problem(403, "password", words.t("rules_refused_password"))
    return account.name


async def _do(keeper: RuleKeeper, verb: str, by: str, reason: str, silences: bool) -> Standing:
    match verb:
        case "propose":
            return await keeper.propose(by, reason)
        case "approve":
            return await keeper.approve(by, silences=silences)
        case "withdraw":
            return await keeper.withdraw(by)
        case _:
            return await keeper.step_back(by)


def _keeper(request: web.Request) -> RuleKeeper:
    keeper = deps_of(request).rules
    if keeper is None:
        raise web.HTTPNotFound
    return keeper


def _body(standing: Standing) -> dict[str, Any]:
    proposal = standing.proposal
    return {
        "active": standing.active,
        "former": standing.former,
        "draft": standing.draft,
        "difference": standing.difference.as_json(),
        "before": standing.before,
        "after": standing.after,
        "proposal": None
        if proposal is None
        else {
            "version": proposal.version,
            "by": proposal.by,
            "at": rfc3339(proposal.at),
            "reason": proposal.reason,
            "state": proposal.state.value,
            "share": round(standing.share, 3),
            "report": proposal.report,
            "error": proposal.error,
        },
    }


# The page ---------------------------------------------------------------------------------------------------


@staff_only
async def show(request: web.Request) -> web.Response:
    return await _page(request, 200, "")


@staff_only
async def act(request: web.Request) -> web.Response:
    form = await form_of(request)
    verb = form.get("verb", "")
    if verb not in ("propose", "approve", "withdraw", "back"):
        raise web.HTTPBadRequest
    try:
        reason, silences = form.get("reason", "")[:1_000], form.get("silences") == "yes"
        await _do(_keeper(request), verb, by_name(request), reason, silences)
    except Refusal as refusal:
        return await _page(request, 409, f"rules_refused_{refusal.code}")
    except OSError:
        return await _page(request, 507, "rules_refused_full")
    raise web.HTTPSeeOther("/rules")


async def _page(request: web.Request, status: int, refused: str) -> web.Response:
    standing = await _keeper(request).standing()
    report = standing.proposal.report if standing.proposal is not None else None
    spans = (
        {name: parse_rfc3339(report[name]) for name in ("from", "to")} if report and report["from"] else {}
    )
    return page(
        request,
        "rules.html",
        status,
        standing=standing,
        report=report,
        spans=spans,
        refused=wording_of(request).t(refused) if refused else "",
        me=by_name(request),
    )
