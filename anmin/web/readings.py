"""`GET /api/v1/history`: what one device measured, raw or in steps, as JSON, CSV or NDJSON."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Final, Literal

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anmin.history import export
from anmin.history.ports import HistoryAway, HistoryStore
from anmin.history.reader import step_for
from anmin.history.sample import Range, Step
from anmin.web.api import first_error, problem, refuse
from anmin.web.deps import deps_of
from devices.instant import HOUR, SECOND, parse_rfc3339

_MOST_BUCKETS: Final = 500
_STALLED_S: Final = 30.0
_TYPES: Final = {"json": "application/json", "csv": "text/csv", "ndjson": "application/x-ndjson"}
_log = structlog.get_logger("anmin.web")


class Question(BaseModel):
    """The query. Without `since` it is the last day; `step` is seconds, `auto` or `raw`."""

    model_config = ConfigDict(extra="forbid")

    device: str = Field(min_length=1, max_length=300)
    quantity: str = Field(min_length=1, max_length=100)
    since: str | None = None
    until: str | None = None
    step: str = Field("auto", pattern=r"^(auto|raw|[1-9][0-9]{0,8})$")
    format: Literal["json", "csv", "ndjson"] = "json"


async def history(request: web.Request) -> web.StreamResponse:
    """Steps without a reading are gaps (count 0), never lines drawn across. Times are UTC."""
    if (answer := refuse(request)) is not None:
        return answer
    deps = deps_of(request)
    if deps.history is None:
        return problem(404, "no_history", "readings are not kept: [history] enabled is false")
    try:
        asked = Question.model_validate(dict(request.query))
        span = _range(asked, deps.now())
        if asked.step == "raw":
            return await _raw(request, deps.history, asked, span)
        step = _step(asked, span, deps.utc_offset_for)
        found = await deps.history.summary(span, step)
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    except ValueError as error:
        return problem(400, "invalid", str(error))
    except HistoryAway as away:
        return problem(503, "history_away", str(away))
    if asked.format == "json":
        body = {"step_s": step.length_for // SECOND, "items": [export.bucket_body(one) for one in found]}
        return web.json_response(body)
    lines = export.csv_buckets(found) if asked.format == "csv" else export.ndjson_buckets(found)
    return await _streamed(request, asked.format, _each(lines))


def _range(asked: Question, now: int) -> Range:
    until = now + 1 if asked.until is None else parse_rfc3339(asked.until)
    since = until - 24 * HOUR if asked.since is None else parse_rfc3339(asked.since)
    return Range(asked.device, asked.quantity, since, until)


def _step(asked: Question, span: Range, offset_for: int) -> Step:
    if asked.step == "auto":
        return step_for(span, _MOST_BUCKETS, offset_for)
    return Step(int(asked.step) * SECOND, 0)


async def _raw(request: web.Request, store: HistoryStore, asked: Question, span: Range) -> web.StreamResponse:
    samples = store.read(span)
    lines = export.csv_samples(samples) if asked.format == "csv" else export.ndjson_samples(samples)
    form = "csv" if asked.format == "csv" else "ndjson"
    return await _streamed(request, form, lines)


async def _each(lines: Iterable[str]) -> AsyncIterator[str]:
    for line in lines:
        yield line


async def _streamed(request: web.Request, form: str, lines: AsyncIterator[str]) -> web.StreamResponse:
    """The first line is asked for before the head is sent, so that a store that is away is still a 503."""
    first = await anext(lines, "")
    response = web.StreamResponse(headers={"Content-Type": f"{_TYPES[form]}; charset=utf-8"})
    await response.prepare(request)
    await response.write(first.encode())
    try:
        async for line in lines:
            async with asyncio.timeout(_STALLED_S):
                await response.write(line.encode())
    except HistoryAway as away:  # the head is out: a torn answer must not look like a whole one
        _log.warning("history_export_torn", problem=str(away))
        if request.transport is not None:
            request.transport.abort()
        return response
    await response.write_eof()
    return response
