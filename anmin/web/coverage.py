"""Coverage for people and machines: place by place what is proved, and every gap by name."""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Any

from aiohttp import web

from anmin.canon import natural
from anmin.coverage import rows_of
from anmin.web.api import problem, refuse
from anmin.web.deps import WebDeps, deps_of
from anmin.web.render import page, wording_of
from anmin.web.session import staff_only
from anmin.web.wording import Wording
from devices.coverage import Gap, Row
from devices.place import PlaceKind

SHOWN = 500
"""Gaps on one page; the interface gives all."""


async def listed(request: web.Request) -> web.Response:
    """`?place=xfl.b3&format=json|csv`: the place, what is directly below it, and its gaps."""
    if (refused := refuse(request)) is not None:
        return refused
    deps = deps_of(request)
    place, rows = _place(request), rows_of(deps.view, deps.now(), deps.channels)
    if place not in rows:
        return problem(404, "no_such_place", "there is no place with that id")
    wording = wording_of(request)
    if request.query.get("format") == "csv":
        return _csv(rows[place], wording)
    gaps = [{"subject": subject, "gap": gap.value} for subject, gap in _sorted(rows[place])]
    body = {
        "place": _row(rows[place]),
        "below": [_row(one) for one in _below(deps, place, rows)],
        "gaps": gaps,
    }
    return web.json_response(body)


def _place(request: web.Request) -> str:
    return request.query.get("place", "") or deps_of(request).view.inventory.community_id


def _below(deps: WebDeps, place: str, rows: dict[str, Row]) -> list[Row]:
    """Directly below; floors are passed over, for homes are what people look for."""
    tree = deps.view.inventory.tree
    found = []
    for one in tree.within(place):
        above = one.parent_id
        while above is not None and above != place and tree.get(above).kind is PlaceKind.FLOOR:
            above = tree.get(above).parent_id
        if one.id != place and above == place and one.kind is not PlaceKind.FLOOR:
            found.append(rows[one.id])
    return sorted(found, key=lambda row: natural(row.place_id))


def _sorted(row: Row) -> list[tuple[str, Gap]]:
    order = list(Gap)
    return sorted(row.gaps, key=lambda one: (order.index(one[1]), natural(one[0])))


def _row(row: Row) -> dict[str, Any]:
    counts = ("points", "good", "heard", "tested", "in_date", "sound", "households", "equipped", "reachable")
    return {"place_id": row.place_id, **{name: getattr(row, name) for name in counts}} | {
        "hazards": sorted(hazard.value for hazard in row.hazards),
        "gaps": dict(Counter(gap.value for _, gap in row.gaps)),
    }


def _csv(row: Row, wording: Wording) -> web.Response:
    text = io.StringIO(newline="")
    out = csv.writer(text)
    out.writerow(["subject", "name", "gap", wording.t("coverage_gap")])
    for subject, gap in _sorted(row):
        out.writerow([subject, wording.located(subject), gap.value, wording.t(f"gap.{gap.value}")])
    return web.Response(
        body=text.getvalue().encode("utf-8-sig"),
        content_type="text/csv",
        headers={"Content-Disposition": 'attachment; filename="coverage.csv"'},
    )


@staff_only
async def show(request: web.Request) -> web.Response:
    deps = deps_of(request)
    place, rows = _place(request), rows_of(deps.view, deps.now(), deps.channels)
    if place not in rows:
        raise web.HTTPNotFound
    gaps = _sorted(rows[place])
    tree = deps.view.inventory.tree
    outside = (PlaceKind.COUNTY, PlaceKind.STREET)
    return page(
        request,
        "coverage.html",
        total=rows[place],
        below=_below(deps, place, rows),
        gaps=gaps[:SHOWN],
        more=len(gaps) - SHOWN,
        counted=Counter(gap for _, gap in gaps),
        up=[one.id for one in reversed(tuple(tree.up(place))) if one.kind not in outside],
    )
