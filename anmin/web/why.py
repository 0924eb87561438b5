"""What the rules say of themselves: why a device stands where it stands, and how rules on trial compare."""

from __future__ import annotations

from typing import Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anmin import why_text
from anmin.houses import VersionMissing
from anmin.web.api import first_error, problem, refuse
from anmin.web.deps import deps_of
from anmin.why import BACK_FOR, NoSuchDevice
from devices.instant import HOUR, parse_rfc3339

_MOST_H: Final = 24 * 60


class Question(BaseModel):
    """The query. Without `at` it is now; `hours`: how far back the replay begins."""

    model_config = ConfigDict(extra="forbid")

    at: str | None = None
    hours: int = Field(BACK_FOR // HOUR, ge=1, le=_MOST_H)


async def why(request: web.Request) -> web.Response:
    """One replay of the log; live messages go first, so a long one takes its time."""
    if (refused := refuse(request)) is not None:
        return refused
    deps = deps_of(request)
    if deps.why is None:
        return problem(404, "no_log", "this service keeps no log")
    try:
        asked = Question.model_validate(dict(request.query))
        at = deps.now() if asked.at is None else parse_rfc3339(asked.at)
        found = await deps.why(request.match_info["device_id"], at, asked.hours * HOUR)
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    except ValueError as error:
        return problem(400, "invalid", str(error))
    except NoSuchDevice:
        return problem(404, "no_such_device", "there was no device with that id then")
    except VersionMissing as error:
        return problem(409, "too_long_ago", str(error))
    return web.json_response(why_text.body(found))


async def shadow(request: web.Request) -> web.Response:
    """`GET /api/v1/rules/shadow`: how the rules on trial compare with those in force."""
    if (refused := refuse(request)) is not None:
        return refused
    asked = deps_of(request).shadow
    if asked is None:
        return problem(404, "no_shadow", "no rules are on trial: [site] shadow names none")
    return web.json_response(asked())
