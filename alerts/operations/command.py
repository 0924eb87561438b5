"""A person tells a device to do something."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Operate:
    """`confirmed`: the person was told that it is dangerous and agreed."""

    verb: Literal["operate"] = "operate"
    device_id: str
    action: str
    by: str
    incident_id: str = ""
    confirmed: bool = False
    via: str = "web"
