"""The registry through the web: the inbox, device lists, labels, and what is done to one device.

Pages for the duty staff and the interface of `anmin device`; both ask the registrar, which answers once a
change is in force.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeAlias

import segno
from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anmin import registry_table, workbook
from anmin.accounts import Role
from anmin.canon import natural
from anmin.dates import instant_of
from anmin.difference import Change
from anmin.registrar import Outcome, Registrar
from anmin.registry import Draft, Fault, suggested
from anmin.registry_table import CellFault, Row
from anmin.web.api import first_error, holds_token, plain, problem, refuse
from anmin.web.asking import form_of, in_time
from anmin.web.deps import deps_of
from anmin.web.pages import by_name
from anmin.web.render import page, wording_of
from anmin.web.session import session_of, signed_in, staff_only
from devices.device import DeviceMode
from devices.instant import Instant

LIST_BYTES: Final = 8 * 1024 * 1024
FIELDS: Final = tuple(column.key for column in registry_table.COLUMNS)
VERBS: Final = ("move", "replace", "date", "mode", "retire")
_KEPT: Final = 200
"""Labels on one sheet."""

Work: TypeAlias = Callable[[Draft], Sequence[Fault]]


class Deed(BaseModel):
    """One thing done to one device; dates as `2026-05-31`. `by` is for holders of the token."""

    model_config = ConfigDict(extra="forbid")

    verb: str
    by: str = Field("", max_length=200)
    place: str = Field("", max_length=200)
    profile: str = Field("", max_length=80)
    dialect: str = Field("", max_length=40)
    address: str = Field("", max_length=200)
    serial: str = Field("", max_length=80)
    installed: str = Field("", max_length=20)
    expires: str = Field("", max_length=20)
    calibrated: str = Field("", max_length=20)
    mode: str = Field("", max_length=10)


class DeviceList(BaseModel):
    """Rows with the fields of a device list. `trial`: say what would change and change nothing."""

    model_config = ConfigDict(extra="forbid")

    rows: list[dict[str, str]] = Field(max_length=workbook.MOST_ROWS)
    trial: bool = False
    by: str = Field("", max_length=200)


# What is asked for ------------------------------------------------------------------------------------------


def work_of(device_id: str, deed: Mapping[str, str], now: Instant) -> Work | list[Fault]:
    """A deed as work on a draft, or what is wrong with how it was asked for."""
    faults: list[Fault] = []
    dates = {name: _date(name, deed.get(name, ""), faults) for name in ("installed", "expires", "calibrated")}
    if faults:
        return faults
    match deed.get("verb"):
        case "move":
            return lambda draft: draft.move(device_id, deed.get("place", ""))
        case "replace":
            return lambda draft: draft.replace(
                device_id,
                at=dates["installed"] or now,
                address=deed.get("address", ""),
                dialect=deed.get("dialect", ""),
                serial=deed.get("serial", ""),
                profile=deed.get("profile", ""),
            )
        case "date":
            return lambda draft: draft.date(
                device_id,
                installed_at=dates["installed"],
                expires_at=dates["expires"],
                calibrated_at=dates["calibrated"],
            )
        case "mode" if deed.get("mode") in {each.value for each in DeviceMode}:
            return lambda draft: draft.set_mode(device_id, DeviceMode(deed["mode"]))
        case "retire":
            return lambda draft: draft.retire(device_id, now)
    return [Fault("verb", "unknown", f"动作是 {'、'.join(VERBS)}", f"a verb is one of {', '.join(VERBS)}")]


def _date(field: str, text: str, faults: list[Fault]) -> Instant | None:
    at = instant_of(text) if text.strip() else None
    if text.strip() and at is None:
        zh, en = f"`{text}` 不是日期：写 2026-05-31", f"`{text}` is no date: write 2026-05-31"
        faults.append(Fault(field, "bad_date", zh, en))
    return at


def _rows(given: Sequence[Mapping[str, str]]) -> tuple[list[Row], list[CellFault]]:
    rows: list[Row] = []
    faults: list[CellFault] = []
    for number, fields in enumerate(given, 1):
        wanted, wrong = registry_table.wanted_of({key: fields.get(key, "").strip() for key in FIELDS})
        faults += [CellFault(number, one.field, one) for one in wrong]
        rows.append(Row(number, wanted))
    return rows, faults


async def _put(
    clerk: Registrar, by: str, rows: Sequence[Row], *, trial: bool
) -> tuple[list[CellFault], tuple[Change, ...]]:
    """All rows or none. What is wrong is told by its cell."""
    cells: list[CellFault] = []

    def work(draft: Draft) -> Sequence[Fault]:
        cells.extend(registry_table.put(draft, rows))
        return [cell.fault for cell in cells]

    said = await clerk.change(by, work, trial=trial)
    return cells, said.changes


# The interface ----------------------------------------------------------------------------------------------


async def inbox_list(request: web.Request) -> web.Response:
    """Who speaks and is not registered, heard last first."""
    if (refused := refuse(request)) is not None:
        return refused
    found = sorted(deps_of(request).view.inbox.items(), key=lambda item: -item[1].heard_at)
    items = [
        plain(seen) | {"id": name, "suggested": suggested(seen.dialect, seen.latest)} for name, seen in found
    ]
    return web.json_response({"items": items, "next_cursor": None})


async def put_list(request: web.Request) -> web.Response:
    """New devices, or what known ones are to be from now on: every row or none of them."""
    by = _speaker(request)
    if isinstance(by, web.Response):
        return by
    try:
        body = await in_time(request.clone(client_max_size=LIST_BYTES).read())
        wanted = DeviceList.model_validate_json(body)
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    rows, faults = _rows(wanted.rows)
    changes: tuple[Change, ...] = ()
    if not faults:
        faults, changes = await _put(_clerk(request), by or wanted.by, rows, trial=wanted.trial)
    if faults:
        return _wrong(request, faults)
    return web.json_response({"changes": [plain(one) for one in changes], "applied": not wanted.trial})


async def deed(request: web.Request) -> web.Response:
    """Move, replace, date, mode or retire."""
    by = _speaker(request)
    if isinstance(by, web.Response):
        return by
    try:
        wanted = Deed.model_validate_json(await in_time(request.read()))
    except ValidationError as error:
        return problem(400, "invalid", first_error(error))
    said = await done(request, by or wanted.by, request.match_info["device_id"], wanted.model_dump())
    if said.faults:
        return _wrong(request, [CellFault(0, one.field, one) for one in said.faults])
    return web.json_response({"changes": [plain(one) for one in said.changes]})


async def table(request: web.Request) -> web.Response:
    """The devices of now as `?format=csv|xlsx`; `?empty=1` gives the headings alone."""
    if (refused := refuse(request)) is not None:
        return refused
    return _file(request)


@signed_in
async def table_page(request: web.Request) -> web.StreamResponse:
    return _file(request)


def _file(request: web.Request) -> web.Response:
    language = wording_of(request).language
    cells = [registry_table.heading(language)]
    if "empty" not in request.query:
        cells = registry_table.write(deps_of(request).view.inventory, language)
    excel = request.query.get("format") == "xlsx"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" if excel else "text/csv"
    return web.Response(
        body=workbook.to_xlsx(cells) if excel else workbook.to_csv(cells),
        content_type=kind,
        headers={"Content-Disposition": f'attachment; filename="devices.{"xlsx" if excel else "csv"}"'},
    )


def _speaker(request: web.Request) -> str | web.Response:
    """The session's own name; "" for the holder of the token, who says it."""
    if holds_token(request):
        return ""
    if (refused := refuse(request)) is not None:
        return refused
    if not may_change(request):
        return problem(403, "not_allowed", "only the duty staff change the registry")
    return by_name(request)


def _wrong(request: web.Request, faults: Sequence[CellFault]) -> web.Response:
    """RFC 9457 with every error and its place."""
    zh = wording_of(request).language == "zh"
    errors = [
        {"row": cell.row, "field": cell.column, "code": cell.fault.code}
        | {"detail": cell.fault.zh if zh else cell.fault.en}
        for cell in faults
    ]
    status = 404 if any(cell.row == 0 and cell.column == "id" for cell in faults) else 422
    first = errors[0]
    detail = f"{first['field']}: {first['detail']}"
    body = {"type": "/docs/errors/not_fit", "title": "not_fit", "status": status, "code": "not_fit"}
    return web.json_response(
        body | {"detail": detail, "errors": errors}, status=status, content_type="application/problem+json"
    )


async def done(request: web.Request, by: str, device_id: str, fields: Mapping[str, str]) -> Outcome:
    work = work_of(device_id, fields, deps_of(request).now())
    return Outcome(tuple(work)) if isinstance(work, list) else await _clerk(request).change(by, work)


def _clerk(request: web.Request) -> Registrar:
    clerk = deps_of(request).registrar
    if clerk is None:
        raise web.HTTPServiceUnavailable
    return clerk


def may_change(request: web.Request) -> bool:
    session = session_of(request)
    return session is not None and session.account.role is Role.OPERATOR


# The pages --------------------------------------------------------------------------------------------------


@staff_only
async def inbox(request: web.Request) -> web.Response:
    return _inbox(request, 200, (), {})


@staff_only
async def claim(request: web.Request) -> web.Response:
    """Register one that speaks: model and place are enough."""
    form = await form_of(request)
    known = deps_of(request).view.inbox.get(form.get("key", ""))
    if known is None or not known.address:
        raise web.HTTPNotFound
    rows, faults = _rows([{**form, "dialect": known.dialect, "address": known.address}])
    if not faults:
        faults, changes = await _put(_clerk(request), by_name(request), rows, trial=False)
        if changes:
            raise web.HTTPSeeOther(f"/devices/{changes[0].id}")
    return _inbox(request, 422, tuple(faults), form)


def _inbox(
    request: web.Request, status: int, faults: Sequence[CellFault], form: Mapping[str, str]
) -> web.Response:
    view = deps_of(request).view
    found = sorted(view.inbox.items(), key=lambda item: -item[1].heard_at)[:_KEPT]
    return page(
        request,
        "inbox.html",
        status,
        here="/inbox",
        strangers=[(name, seen, suggested(seen.dialect, seen.latest)) for name, seen in found],
        profiles=sorted(Draft(view.inventory).profiles),
        faults=faults,
        form=form,
    )


@staff_only
async def import_page(request: web.Request) -> web.Response:
    return _import(request, 200)


@staff_only
async def imported(request: web.Request) -> web.Response:
    """A file is checked and shown; what was shown is taken over when the person says so."""
    sent = await in_time(request.clone(client_max_size=LIST_BYTES).post())
    given = sent.get("file")
    kept = sent.get("rows")
    if isinstance(given, web.FileField):
        try:
            rows, faults = registry_table.read(workbook.read(given.file.read()))
        except workbook.NoTable as none:
            return _import(request, 422, [CellFault(1, "", Fault("file", "no_table", none.zh, none.en))])
        trial = True
    elif isinstance(kept, str):
        try:
            rows, faults = _rows(DeviceList.model_validate_json(kept).rows)
        except ValidationError as error:
            raise web.HTTPBadRequest from error
        trial = False
    else:
        raise web.HTTPBadRequest
    changes: tuple[Change, ...] = ()
    if not faults:
        faults, changes = await _put(_clerk(request), by_name(request), rows, trial=trial)
    if faults:
        return _import(request, 422, faults)
    return _import(request, 200, (), changes, rows if trial else (), done=not trial)


def _import(
    request: web.Request,
    status: int,
    faults: Sequence[CellFault] = (),
    changes: Sequence[Change] = (),
    rows: Sequence[Row] = (),
    *,
    done: bool = False,
) -> web.Response:
    kept = json.dumps({"rows": [registry_table.fields_of(row.wanted) for row in rows]}, ensure_ascii=False)
    return page(
        request,
        "device_import.html",
        status,
        here="/registry/import",
        faults=faults,
        changes=changes,
        rows=kept if changes and not done else "",
        read=len(rows),
        done=done,
    )


@signed_in
async def labels(request: web.Request) -> web.StreamResponse:
    """One label a device, with a code that opens its page; `?place=` and below, from `?after=` on."""
    deps = deps_of(request)
    inventory = deps.view.inventory
    place, after = request.query.get("place", ""), request.query.get("after", "")
    if place and place not in inventory.tree.places:
        raise web.HTTPNotFound
    inside = {one.id for one in inventory.tree.within(place or inventory.community_id)}
    known = sorted(inventory.devices.values(), key=lambda one: natural(one.id))
    left = [one for one in known if one.place_id in inside and natural(one.id) > natural(after)]
    base = (deps.public_url or f"{request.scheme}://{request.host}").rstrip("/")
    shown = [(one, _code(f"{base}/devices/{one.id}")) for one in left[:_KEPT]]
    more = shown[-1][0].id if len(left) > len(shown) else ""
    return page(request, "labels.html", labels=shown, place=place, after=more)


def _code(url: str) -> str:
    """SVG of a QR code that still reads with a quarter of it worn off."""
    return segno.make(url, error="q", micro=False).svg_inline(scale=3, border=2)
