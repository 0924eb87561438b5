"""Commands to devices: the interface, and the forms of a device's page."""

from __future__ import annotations

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from alerts.incidents.command import Declined
from alerts.operations.action import ACTIONS, SPEAKS, Action
from alerts.operations.command import Operate
from anmin.web.api import first_error, plain, problem, refuse
from anmin.web.asking import declined_words, form_of, in_time
from anmin.web.deps import deps_of
from anmin.web.pages import by_name
from anmin.web.render import page, wording_of
from anmin.web.session import staff_only
from anmin.web.troubles import speaker
from devices.device import Device

STATUS_OF = {"no_such_device": 404}


class Order(BaseModel):
    """`confirmed`: a person knows that it is dangerous. `by` is for holders of the token."""

    model_config = ConfigDict(extra="forbid")

    action: str = Field(max_length=40)
    confirmed: bool = False
    incident_id: str = Field("", max_length=64)
    by: str = Field("", max_length=200)


def actions_of(device: Device) -> tuple[Action, ...]:
    """What it can be told; nothing where its dialect has no commands that can be proved."""
    return ACTIONS.get(device.kind, ()) if device.dialect in SPEAKS else ()


async def ordered(request: web.Request) -> web.Response:
    """Answers once the command is in the ledger, before the device has it; the same again is the same."""
    by = speaker(request)
    if isinstance(by, web.Response):
        return by
    try:
        order = Order.model_validate_json(await in_time(request.read()))
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    command = Operate(
        device_id=request.match_info["device_id"],
        action=order.action,
        by=by or order.by,
        incident_id=order.incident_id,
        confirmed=order.confirmed,
        via="api",
    )
    answer = await deps_of(request).ask(command)
    if isinstance(answer, Declined):
        return problem(STATUS_OF.get(answer.code, 409), answer.code, answer.detail)
    return web.json_response({"operation_id": answer.incident_id, "progress": answer.stage}, status=202)


async def listed(request: web.Request) -> web.Response:
    """The newest commands of a device, newest first."""
    if (refused := refuse(request)) is not None:
        return refused
    device_id = request.match_info["device_id"]
    view = deps_of(request).view
    if device_id not in view.inventory.devices:
        return problem(404, "no_such_device", "there is no device with that id")
    seen = view.devices.get(device_id)
    items = [plain(one) for one in reversed(seen.operations if seen else ())]
    return web.json_response({"items": items, "next_cursor": None})


@staff_only
async def act(request: web.Request) -> web.Response:
    """A button of a device's page."""
    form = await form_of(request)
    device_id = request.match_info["device_id"]
    if device_id not in deps_of(request).view.inventory.devices:
        raise web.HTTPNotFound
    command = Operate(
        device_id=device_id,
        action=form.get("action", ""),
        by=by_name(request),
        incident_id=form.get("incident_id", ""),
        confirmed=form.get("sure") == "yes",
    )
    answer = await deps_of(request).ask(command)
    if isinstance(answer, Declined):
        words = declined_words(answer, wording_of(request))
        return page(request, "message.html", 409, title=words, home=f"/devices/{device_id}")
    raise web.HTTPSeeOther(f"/devices/{device_id}#operations")
