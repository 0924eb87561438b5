"""What a person can ask for: imperatives, recorded in the log before anything else happens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from alerts.incidents.events import Disposition, Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The head of every command: who asks, of which incident, through what (`web`, `crew`, `resident`)."""

    incident_id: str
    by: str
    via: str = "web"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(Ask):
    verb: Literal["acknowledge"] = "acknowledge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirm(Ask):
    verb: Literal["confirm"] = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Ask):
    verb: Literal["dispute"] = "dispute"
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispatch(Ask):
    verb: Literal["dispatch"] = "dispatch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept(Ask):
    verb: Literal["accept"] = "accept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrive(Ask):
    verb: Literal["arrive"] = "arrive"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contain(Ask):
    verb: Literal["contain"] = "contain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolve(Ask):
    verb: Literal["resolve"] = "resolve"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reopen(Ask):
    verb: Literal["reopen"] = "reopen"


@dataclass(frozen=True, slots=True, kw_only=True)
class Close(Ask):
    verb: Literal["close"] = "close"
    disposition: Disposition


@dataclass(frozen=True, slots=True, kw_only=True)
class Respond(Ask):
    """A resident answers for the household."""

    verb: Literal["respond"] = "respond"
    household_id: str
    reply: Reply


Command: TypeAlias = (
    Acknowledge
    | Confirm
    | Dispute
    | Dispatch
    | Accept
    | Arrive
    | Contain
    | Resolve
    | Reopen
    | Close
    | Respond
)


@dataclass(frozen=True, slots=True)
class Done:
    """The command had its effect, or had it before (the same stage again is no error)."""

    incident_id: str
    stage: str


@dataclass(frozen=True, slots=True)
class Declined:
    """The command has no effect; `code` is stable (`closed`, `no_such_incident`, `not_in_stage`,
    `still_abnormal`), `detail` is for people."""

    code: str
    detail: str


Answer: TypeAlias = Done | Declined
