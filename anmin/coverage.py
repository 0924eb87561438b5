"""What the picture knows of each device, as coverage needs it; and its figures."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from alerts.troubles.kind import DATED, TroubleKind
from anmin.view import View
from devices.coverage import Row, Seen, survey
from devices.instant import Instant

_ELSEWHERE: Final = DATED | {TroubleKind.LOST, TroubleKind.AREA}
"""Troubles that coverage knows by itself."""


def rows_of(view: View, now: Instant, channels: Collection[str]) -> dict[str, Row]:
    """A row for each place."""
    return survey(view.inventory, _seen(view), now, channels)


def _seen(view: View) -> dict[str, Seen]:
    known = {}
    for name, device in view.devices.items():
        kinds = {view.troubles[one].trouble.kind for one in device.troubles if one in view.troubles}
        known[name] = Seen(device.liveness, device.proved_at, bool(kinds - _ELSEWHERE))
    return known


def figures(view: View) -> dict[str, int]:
    """Points of the community by what is proved of them."""
    row = rows_of(view, view.now, ())[view.inventory.community_id]
    counted = {"heard": row.heard, "tested": row.tested, "in_date": row.in_date, "sound": row.sound}
    return {"all": row.points, "good": row.good, **counted}
