"""What people ask of supervision: to own troubles, to test a device on foot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTroubles:
    """Somebody sees to them: they are not told again for a day. Empty: all that stand."""

    verb: Literal["own_troubles"] = "own_troubles"
    trouble_ids: tuple[str, ...]
    by: str
    via: str = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartWalk:
    """The next alarm of this device within a minute is the test button, and proves its way to us."""

    verb: Literal["start_walk"] = "start_walk"
    device_id: str
    by: str
    via: str = "web"


UpkeepCommand: TypeAlias = OwnTroubles | StartWalk
