"""The interface of `anmin rejects`: what was not understood, and the order to try it again."""

from __future__ import annotations

import base64
from typing import Any

from aiohttp import web

from anmin.backends.projection import RejectRow
from anmin.web.api import holds_token, problem
from anmin.web.deps import deps_of
from devices.instant import rfc3339

MOST = 500


async def listed(request: web.Request) -> web.Response:
    """`?limit=50&before=SEQUENCE`, newest first."""
    if not holds_token(request):
        return problem(401, "not_signed_in", "send the API token")
    limit, before = request.query.get("limit", "50"), request.query.get("before")
    if not _is_number(limit) or (before is not None and not _is_number(before)):
        return problem(400, "invalid", "limit and before are numbers")
    rows = await deps_of(request).rejects.list(min(int(limit), MOST), int(before) if before else None)
    return web.json_response({"items": [_row(row) for row in rows]})


async def shown(request: web.Request) -> web.Response:
    """One message with its payload in base64."""
    if not holds_token(request):
        return problem(401, "not_signed_in", "send the API token")
    row = await deps_of(request).rejects.show(_sequence(request))
    if row is None:
        return problem(404, "no_such_reject", "no rejected message has that number")
    return web.json_response(_row(row) | {"payload": base64.b64encode(row.payload).decode()})


async def replayed(request: web.Request) -> web.Response:
    """Put it through again; what comes of it is a record of its own."""
    if not holds_token(request):
        return problem(401, "not_signed_in", "send the API token")
    record = await deps_of(request).rejects.replay(_sequence(request))
    if record is None:
        return problem(404, "no_such_reject", "no rejected message has that number, or the log is trimmed")
    return web.json_response({"sequence": record.sequence}, status=202)


def _is_number(text: str) -> bool:
    return text.isdecimal() and len(text) <= 18  # what the ledger can hold


def _sequence(request: web.Request) -> int:
    return int(request.match_info["sequence"])


def _row(row: RejectRow) -> dict[str, Any]:
    return {
        "sequence": row.sequence,
        "at": rfc3339(row.at),
        "source": row.source,
        "topic": row.topic,
        "reason": row.reason,
        "detail": row.detail,
        "size": row.size,
        "replayed_at": rfc3339(row.replayed_at) if row.replayed_at is not None else None,
    }
