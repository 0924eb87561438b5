"""JSON for machines: read-only lists, the verbs of an incident, and what providers say of their sends."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Literal

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerts.broadcasts.delivery import State
from alerts.incidents.command import Ask, Declined
from anmin.accounts import Role
from anmin.view import DeviceView, IncidentView
from anmin.web import board as boards
from anmin.web.asking import CREW_VERBS, command, in_time
from anmin.web.deps import WebDeps, deps_of
from anmin.web.pages import by_name
from anmin.web.security import bearer, token_matches
from anmin.web.session import is_locked, session_of
from devices.instant import MINUTE, rfc3339
from devices.level import Level
from devices.liveness import Liveness

RECEIPT_AGE_FOR = 5 * MINUTE
STATUS_OF = {"no_such_incident": 404}


class Action(BaseModel):
    """`by` and `via` are for holders of the API token; a session speaks for itself."""

    model_config = ConfigDict(extra="forbid")

    verb: str = Field(max_length=40)
    by: str = Field("", max_length=200)
    via: Literal["api", "crew", "resident"] = "api"
    reason: str = Field("", max_length=40)
    disposition: str = Field("", max_length=40)
    household_id: str = Field("", max_length=200)
    reply: str = Field("", max_length=40)


class Receipt(BaseModel):
    """The key of the send and what became of it at the far end."""

    key: str = Field(min_length=1, max_length=200)
    state: Literal["delivered", "seen"]


def problem(status: int, code: str, detail: str) -> web.Response:
    """RFC 9457. `code` is stable, `detail` is for people."""
    body = {"type": f"/docs/errors/{code}", "title": code, "status": status, "code": code, "detail": detail}
    return _json(body, status, "application/problem+json")


async def incidents(request: web.Request) -> web.Response:
    if (refused := refuse(request)) is not None:
        return refused
    found = sorted(deps_of(request).view.incidents.values(), key=lambda seen: boards.urgency(seen.incident))
    wanted = request.query.get("state", "all")
    shown = [seen for seen in found if wanted == "all" or seen.incident.is_open == (wanted == "open")]
    return _json({"items": [_incident(seen) for seen in shown], "next_cursor": None})


async def incident(request: web.Request) -> web.Response:
    if (refused := refuse(request)) is not None:
        return refused
    seen = deps_of(request).view.incidents.get(request.match_info["incident_id"])
    if seen is None:
        return problem(404, "no_such_incident", "there is no incident with that id")
    return _json(_incident(seen) | {"timeline": plain(seen.timeline), "deliveries": plain(seen.deliveries)})


async def devices(request: web.Request) -> web.Response:
    if (refused := refuse(request)) is not None:
        return refused
    view = deps_of(request).view
    found = (
        view.devices.get(known.id, DeviceView(known, Liveness.UNKNOWN, None))
        for _, known in sorted(view.inventory.devices.items())
    )
    return _json({"items": [device_row(seen) for seen in found], "next_cursor": None})


async def act(request: web.Request) -> web.Response:
    """Answers after the ledger's commit; the same stage again is 200."""
    if (refused := refuse(request)) is not None:
        return refused
    try:
        action = Action.model_validate_json(await in_time(request.read()))
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    by = _speaker(request, action)
    if by is None:
        return problem(403, "not_allowed", "this account or token may not use that verb for that name")
    via = action.via if session_of(request) is None else "web"
    head = Ask(incident_id=request.match_info["incident_id"], by=by, via=via)
    asked = command(head, action.model_dump())
    if asked is None:
        return problem(400, "invalid", "unknown verb, or its reason, disposition or reply is missing")
    answer = await deps_of(request).ask(asked)
    if isinstance(answer, Declined):
        return problem(STATUS_OF.get(answer.code, 409), answer.code, answer.detail)
    return _json({"incident_id": answer.incident_id, "stage": str(answer.stage)})


async def receipts(request: web.Request) -> web.Response:
    """Standard Webhooks signature over id, time and body, by one of the configured secrets."""
    deps = deps_of(request)
    body = await in_time(request.read())
    if not _is_signed(request, body, deps):
        return problem(401, "not_signed", "the webhook signature is missing, wrong or too old")
    try:
        receipt = Receipt.model_validate_json(body)
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    if not await deps.receipts(receipt.key, State(receipt.state)):
        return problem(404, "no_such_send", "no send has that key")
    return _json({"key": receipt.key, "state": receipt.state}, 202)


def signature(secret: bytes, webhook_id: str, timestamp: str, body: bytes) -> str:
    """`v1,<base64>` as Standard Webhooks defines it."""
    mac = hmac.digest(secret, f"{webhook_id}.{timestamp}.".encode() + body, "sha256")
    return f"v1,{base64.b64encode(mac).decode()}"


def _is_signed(request: web.Request, body: bytes, deps: WebDeps) -> bool:
    webhook_id, timestamp = (
        request.headers.get("webhook-id", ""),
        request.headers.get("webhook-timestamp", ""),
    )
    if not webhook_id or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    if abs(deps.now() - int(timestamp) * 1_000_000) > RECEIPT_AGE_FOR:
        return False
    given = request.headers.get("webhook-signature", "").split()
    return any(
        hmac.compare_digest(each.encode(), signature(secret, webhook_id, timestamp, body).encode())
        for secret in deps.webhook_secrets
        for each in given
    )


def webhook_secret(text: str) -> bytes:
    """The raw bytes of `whsec_<base64>`. Raises ValueError."""
    try:
        return base64.b64decode(text.removeprefix("whsec_"), validate=True)
    except binascii.Error as error:
        raise ValueError("a webhook secret is whsec_ followed by base64") from error


def holds_token(request: web.Request) -> bool:
    return token_matches(bearer(request), deps_of(request).api_token)


def refuse(request: web.Request) -> web.Response | None:
    if holds_token(request):
        return None
    if session_of(request) is None or is_locked(request):
        return problem(401, "not_signed_in", "sign in, or send an API token")
    return None


def _speaker(request: web.Request, action: Action) -> str | None:
    """In whose name: the session's own, or what the holder of the token says. None is refused."""
    session = session_of(request)
    if session is None or holds_token(request):
        return action.by or None
    if action.by or action.verb == "respond":
        return None
    crew = session.account.role is Role.CREW
    return by_name(request) if not crew or action.verb in CREW_VERBS else None


def first_error(error: ValidationError) -> str:
    """Where and what, without what was sent."""
    first = error.errors(include_url=False, include_input=False)[0]
    where = "/".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _incident(seen: IncidentView) -> dict[str, Any]:
    incident = seen.incident
    shown: dict[str, Any] = plain(incident)
    stages = {stage.value: rfc3339(at) for stage, at in incident.stages}
    replies = {home: answer.value for home, answer in incident.replies}
    return shown | {"is_open": incident.is_open, "stages": stages, "replies": replies}


def device_row(seen: DeviceView) -> dict[str, Any]:
    device = seen.device
    return {
        "id": device.id,
        "kind": device.kind.value,
        "place_id": device.place_id,
        "name_zh": device.zh,
        "name_en": device.en,
        "mode": device.mode.value,
        "liveness": seen.liveness.value,
        "online": seen.online,
        "heard_at": rfc3339(seen.heard_at) if seen.heard_at is not None else None,
        "proved_at": rfc3339(seen.proved_at) if seen.proved_at is not None else None,
        "troubles": list(seen.troubles),
        "walk": plain(seen.walk),
        "latest": {name: {"value": value, "at": rfc3339(at)} for name, (value, at) in seen.latest.items()},
    }


def plain(value: Any, name: str = "") -> Any:
    """A frozen value as JSON: levels by their word, instants (`…_at`, `at`, `until`) as RFC 3339."""
    if isinstance(value, Level):
        return value.word
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name), each.name) for each in fields(value)}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {key: plain(item, key) for key, item in value._asdict().items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    if isinstance(value, int) and _is_time(name):
        return rfc3339(value)
    return value


def _is_time(name: str) -> bool:
    return name in ("at", "until") or name.endswith(("_at", "_until"))


def _json(body: Any, status: int = 200, content_type: str = "application/json") -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type=content_type, charset="utf-8")
