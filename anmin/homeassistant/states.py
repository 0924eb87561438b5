"""What the entities say now, from the picture that the pages show too: counts and words, nobody's name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

from alerts.incidents.state import Incident
from alerts.troubles.kind import TroubleKind
from anmin.homeassistant.naming import public_place
from anmin.view import DeviceView, View
from devices.device import SENSING
from devices.instant import rfc3339
from devices.level import Hazard, Level
from devices.liveness import Liveness

NO_INCIDENT: Final = "none"
SHOWN_LEVELS: Final = (Level.CRITICAL, Level.ALARM, Level.PREALARM, Level.NOTICE)
HIGHEST: Final = (NO_INCIDENT, *(level.word for level in sorted(Level)))
HAZARDS: Final = tuple(hazard.value for hazard in Hazard)
_HEARD: Final = (Liveness.HEARD, Liveness.LATE)


def encoded(said: Mapping[str, Any]) -> bytes:
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")).encode()


def community_state(view: View, language: str) -> bytes:
    """Drills are nobody's business outside; a life-safety alarm counts at its peak, for it latches."""
    real = [seen.incident for seen in view.incidents.values() if not seen.incident.drill]
    now_open = [incident for incident in real if incident.is_open]
    levels = Counter(incident.peak for incident in now_open)
    sensing = [one for one in view.devices.values() if one.device.kind in SENSING]
    standing = [one.trouble.kind for one in view.troubles.values() if one.trouble.stands]
    return encoded(
        {
            "open": len(now_open),
            **{level.word: levels[level] for level in SHOWN_LEVELS},
            "highest": max(levels).word if levels else NO_INCIDENT,
            **_last(real, view, language),
            "troubles": len(standing),
            "heard": sum(one.liveness in _HEARD and one.online is not False for one in sensing),
            "points": sum(device.kind in SENSING for device in view.inventory.devices.values()),
            "problems": {kind.value: _on(kind in standing) for kind in TroubleKind},
        }
    )


def _last(real: list[Incident], view: View, language: str) -> dict[str, Any]:
    last = max(real, key=lambda incident: (incident.opened_at, incident.id), default=None)
    if last is None:
        return {"hazard": None, "building": None, "opened_at": None}
    return {
        "hazard": last.hazard.value,
        "building": public_place(view.inventory, last.place_id, language),
        "opened_at": rfc3339(last.opened_at),
    }


def device_state(seen: DeviceView | None) -> bytes:
    """Unknown is null, never well. A device that was never heard is not connected: nothing is known of it."""
    if seen is None:
        return encoded({"connected": None, "problem": None, "battery": None, "battery_low": None})
    low = _value(seen, "battery_low")
    return encoded(
        {
            "connected": _connected(seen),
            "problem": _on(bool(seen.troubles)),
            "battery": _value(seen, "battery_percent"),
            "battery_low": None if low is None else _on(low >= 1),
        }
    )


def _connected(seen: DeviceView) -> str | None:
    if seen.liveness is Liveness.UNKNOWN:
        return None
    return _on(seen.liveness in _HEARD and seen.online is not False)


def _value(seen: DeviceView, quantity: str) -> float | None:
    known = seen.latest.get(quantity)
    return known[0] if known else None


def _on(said: bool) -> str:
    return "ON" if said else "OFF"
