"""The form of rule files as JSON Schema, for editors that complete and check while somebody types.

`rules.spec` reads the files and is what counts; this says the same to editors. A test holds them together.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from devices.device import DeviceKind
from devices.level import Hazard, Level
from devices.place import PlaceKind
from devices.quantity import QUANTITIES, QuantityKind
from rules.form import RAISED
from rules.trial import GARAGE, HOMES


def _word(*words: str) -> Any:
    return Literal[words]


_NUMBERS = [name for name, known in QUANTITIES.items() if known.kind is QuantityKind.NUMBER]
_BITS = [name for name in QUANTITIES if name not in _NUMBERS]
_SIGNS = [name for name in _BITS if QUANTITIES[name].kind is not QuantityKind.CONDITION]
_TELLING = [name for name in _BITS if QUANTITIES[name].kind is not QuantityKind.STATE]

Duration: TypeAlias = Annotated[
    str, Field(pattern=r"^(\d+(\.\d+)?\s*(ms|s|m|h|d)\s*)+$", description="`10s`, `5m`, `1h30m`, `7d`")
]
Number: TypeAlias = _word(*_NUMBERS)  # type: ignore[valid-type]  # words, not a type
Raised: TypeAlias = _word(*(level.word for level in RAISED))  # type: ignore[valid-type]  # words, not a type
Within: TypeAlias = _word("scope", *(kind.value for kind in PlaceKind))  # type: ignore[valid-type]  # words, not a type
OnOff: TypeAlias = Literal["on", "off", True, False]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Devices(_Form):
    """Which devices: each list narrows further; `places` means there or below."""

    kinds: list[_word(*(kind.value for kind in DeviceKind))] = []  # type: ignore[valid-type]  # words, not a type
    profiles: list[str] = []
    ids: list[str] = []
    places: list[str] = []


class Limit(_Form):
    """`above` with `clear_below`, or `below` with `clear_above`."""

    above: float | None = None
    clear_below: float | None = None
    below: float | None = None
    clear_above: float | None = None


class Levels(_Form):
    notice: Limit | None = None
    prealarm: Limit | None = None
    alarm: Limit | None = None
    critical: Limit | None = None


class Rule(_Form):
    """What every rule has."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]{0,63}$")
    hazard: _word(*(hazard.value for hazard in Hazard))  # type: ignore[valid-type]  # words, not a type
    source: str = Field(min_length=1, description="where its numbers come from")
    hold_for: Duration | None = None
    clear_for: Duration | None = None
    latch: bool = False
    replaces: bool = Field(False, description="stands in the place of the shipped rule of the same id")


class OnDevices(Rule):
    devices: Devices | None = None


class AlarmBit(OnDevices):
    """The device's own alarm."""

    kind: Literal["alarm_bit"]
    quantities: list[_word(*_TELLING)] = Field(min_length=1)  # type: ignore[valid-type]  # words, not a type
    level: Raised
    lasts: Duration | None = None


class Threshold(OnDevices):
    """A number against limits."""

    kind: Literal["threshold"]
    quantity: Number
    levels: Levels


class Rise(OnDevices):
    """It rose (or fell) by so much within a time."""

    kind: Literal["rise"]
    quantity: Number
    by: float
    within: Duration
    clear_below: float | None = None
    sampled: Duration | None = None
    level: Raised


class Condition(_Form):
    """A limit, a bit, a rise; or a list of conditions under `all`, `any` or `none`."""

    quantity: _word(*QUANTITIES) | None = None  # type: ignore[valid-type]  # words, not a type
    above: float | None = None
    clear_below: float | None = None
    below: float | None = None
    clear_above: float | None = None
    is_: OnOff | None = Field(None, alias="is")
    by: float | None = None
    within: Duration | None = None
    sampled: Duration | None = None
    all: list[Condition] | None = None
    any: list[Condition] | None = None
    none: list[Condition] | None = None


class Logic(OnDevices):
    """Several conditions on one device."""

    kind: Literal["all", "any"]
    conditions: list[Condition] = Field(min_length=1)
    level: Raised


class Repeated(OnDevices):
    """So many of the last samples, or so many within a time."""

    kind: Literal["repeated"]
    quantity: _word(*QUANTITIES)  # type: ignore[valid-type]  # words, not a type
    above: float | None = None
    clear_below: float | None = None
    below: float | None = None
    clear_above: float | None = None
    is_: OnOff | None = Field(None, alias="is")
    count: int = Field(ge=2)
    of: int | None = Field(None, ge=2)
    within: Duration | None = None
    level: Raised


class Aggregate(OnDevices):
    """What is taken of many samples."""

    kind: Literal["aggregate"]
    quantity: Number
    take: Literal["mean", "median", "min", "max", "range"]
    within: Duration
    sampled: Duration | None = None
    least: int = Field(ge=2)
    levels: Levels


class Step(_Form):
    above: float
    for_: Duration = Field(alias="for")
    level: Raised


class Dose(OnDevices):
    """A mean weighted by time reaches a row."""

    kind: Literal["dose"]
    quantity: Number
    rows: list[Step] = Field(min_length=1)
    clear_below: float | None = None
    holds: Duration | None = None


class Rate(_Form):
    by: float = Field(gt=0)
    within: Duration
    clear_below: float | None = None
    sampled: Duration | None = None
    steps: int = Field(ge=1)


class WaterLevel(OnDevices):
    """Depth, and steps worse by how fast it rises."""

    kind: Literal["water_level"]
    quantity: Number
    levels: Levels
    rates: list[Rate] = Field(min_length=1)


class Anomaly(OnDevices):
    """Far from what this device usually says."""

    kind: Literal["anomaly"]
    quantity: Number
    learn: Duration
    beyond: float = Field(gt=0)
    least: float = Field(gt=0)
    side: Literal["above", "below", "both"] | None = None
    level: Literal["notice", "prealarm"]


class Absence(OnDevices):
    """No sign for so long."""

    kind: Literal["absence"]
    quantities: list[_word(*_SIGNS)] = Field(min_length=1)  # type: ignore[valid-type]  # words, not a type
    silent: Duration
    within: _word("device", *(kind.value for kind in PlaceKind)) | None = None  # type: ignore[valid-type]  # words, not a type
    level: Raised


class Corroborate(Rule):
    """So many voices of one place."""

    kind: Literal["corroborate"]
    of: list[str] = Field(min_length=1)
    at_least: Raised
    count: int = Field(ge=2)
    within: Within
    by: _word("device", "kind", "rule", *(kind.value for kind in PlaceKind)) | None = None  # type: ignore[valid-type]  # words, not a type
    level: Raised


class Stage(_Form):
    of: list[str] = Field(min_length=1)
    at_least: Raised


class Sequence(Rule):
    """One thing after another in one place."""

    kind: Literal["sequence"]
    stages: list[Stage] = Field(min_length=2)
    gap: Duration
    within: Within
    level: Raised


AnyRule: TypeAlias = Annotated[
    AlarmBit
    | Threshold
    | Rise
    | Logic
    | Repeated
    | Aggregate
    | Dose
    | WaterLevel
    | Anomaly
    | Absence
    | Corroborate
    | Sequence,
    Field(discriminator="kind"),
]


class TestDevice(_Form):
    __test__ = False  # no test of pytest's

    id: str
    kind: _word(*(kind.value for kind in DeviceKind))  # type: ignore[valid-type]  # words, not a type
    place: _word(*HOMES, GARAGE) | None = None  # type: ignore[valid-type]  # words, not a type


class Given(BaseModel):
    """Beside these, a quantity and its value: a number, `[from, to]`, `on`, `off` or `unknown`."""

    model_config = ConfigDict(extra="allow")

    device: str
    at: Duration | None = None
    until: Duration | None = None
    every: Duration | None = None


class Expected(_Form):
    """`at` exactly then, or `from` and `by`; `of` says of whom."""

    rule: str
    level: _word(*(level.word for level in Level))  # type: ignore[valid-type]  # words, not a type
    at: Duration | None = None
    from_: Duration | None = Field(None, alias="from")
    by: Duration | None = None
    of: str | None = None


class RuleTest(_Form):
    name: str
    devices: list[TestDevice] = Field(min_length=1)
    given: list[Given] = Field(min_length=1)
    expect: list[Expected]
    ends: Duration | None = None


class RuleFile(_Form):
    """Rules of one's own, and their tests."""

    rules: list[AnyRule] = Field(min_length=1)
    tests: list[RuleTest] = []


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a rule file."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Anmin rules"}
    return head | TypeAdapter(RuleFile).json_schema(by_alias=True)
