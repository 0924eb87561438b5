"""A scenario as a person writes it: shapes only. What each thing does is `simulator/happening.py`'s."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

_LENGTH: Final = re.compile(r"(?:\d+(?:\.\d+)?(?:d|h|m|s))+")
_PART: Final = re.compile(r"(\d+(?:\.\d+)?)(d|h|m|s)")
_UNIT: Final = {"d": 86_400.0, "h": 3_600.0, "m": 60.0, "s": 1.0}
_PLACE: Final = re.compile(r"any home|any landing|garage|underpass|b[1-9]\d*(?:\.f[1-9]\d*(?:\.[1-9]\d?)?)?")


F = TypeVar("F", bound="Form")


class Unreadable(ValueError):
    """What is wrong with a value, for people of both languages."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code, self.zh, self.en = code, zh, en


def seconds(text: object) -> float:
    """`90s`, `1h30m`, `0s`. Raises Unreadable."""
    if not isinstance(text, str) or not _LENGTH.fullmatch(text.strip()):
        raise Unreadable(
            "no-length",
            f"`{text}` 不是时长：写 30s、5m、1h30m 或 7d",
            f"`{text}` is no length of time: write 30s, 5m, 1h30m or 7d",
        )
    return sum(float(number) * _UNIT[unit] for number, unit in _PART.findall(text))


def _range(text: object) -> tuple[float, float]:
    """`5m`, or `5m-20m`: drawn anew for every seed."""
    first, _, last = str(text).partition("-")
    low = seconds(first)
    high = seconds(last) if last else low
    if high < low:
        raise Unreadable("bad-range", f"`{text}` 前大后小", f"`{text}`: the second is less than the first")
    return low, high


def _place(text: str) -> str:
    if not _PLACE.fullmatch(text):
        raise Unreadable(
            "no-place",
            f"`{text}` 不是地点：写 any home、any landing、b1、b1.f7、b1.f7.2、garage 或 underpass",
            f"`{text}` is no place: write any home, any landing, b1, b1.f7, b1.f7.2, garage or underpass",
        )
    return text


Seconds = Annotated[float, BeforeValidator(seconds)]
Drawn = Annotated[tuple[float, float], BeforeValidator(_range)]
Place = Annotated[str, AfterValidator(_place)]
Share = Annotated[float, Field(ge=0.0, lt=1.0)]
Kind = Literal[
    "smoke", "heat", "gas", "co", "water_leak", "water_level", "electrical", "sos", "call_point", "presence"
]
Level = Literal["notice", "prealarm", "alarm", "critical"]
LEVELS: Final = {"clear": 0, "notice": 1, "prealarm": 2, "alarm": 3, "critical": 4}


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Form):
    zh: str
    en: str


# What happens -----------------------------------------------------------------------------------------------


class Real(Form):
    """A danger: the system must reach `must` within `within` of the first detector's own alarm."""

    place: Place = "any home"
    must: Level = "alarm"
    within: Seconds = 60.0


class FireForm(Real):
    growth: Literal["slow", "medium", "fast", "ultra_fast"] = "medium"
    door: Literal["open", "closed"] = "closed"
    peak_kw: float = Field(default=500.0, gt=0, le=5_000)


class GasForm(Real):
    source: Literal["loose_hose", "unlit_burner", "cut_pipe"] = "unlit_burner"
    lpg: bool = False


class CoForm(Real):
    grams_h: float = Field(default=12.0, gt=0, le=500)
    bedroom: bool = False


class RainForm(Real):
    place: Place = "underpass"
    peak_mm_h: float = Field(default=120.0, gt=0, le=400)
    peaks: Seconds = 1_200.0
    lasts: Seconds = 3_600.0
    clogged: Share = 0.5
    catchment_m2: float = Field(default=3_000.0, gt=0, le=100_000)


class PipeForm(Real):
    place: Place = "garage"
    flow_m3_h: float = Field(default=3.0, gt=0, le=100)
    pump_m3_h: float = Field(default=0.0, ge=0, le=100)
    hazard: Literal["flood", "water_leak"] = "water_leak"


class CableForm(Real):
    """A clamp of so much contact resistance under so much current; it doubles every so often."""

    place: Place = "b1"
    amps: float = Field(default=25.0, gt=0, le=1_000)
    mohm: float = Field(default=3.0, gt=0, le=1_000)
    doubles: Seconds = 1_200.0


class LeakageForm(Real):
    """Insulation that gives way: by so many mA in the end, grown by their logarithm."""

    place: Place = "b1"
    grows: Seconds = 60.0
    ma: float = Field(default=600.0, gt=0, le=5_000)


class ButtonForm(Real):
    within: Seconds = 10.0


class QuietForm(Real):
    """Somebody who lives alone falls: until then they are about by day, from then on nothing."""

    must: Level = "notice"
    within: Seconds = 24 * 3_600.0


class NuisanceForm(Form):
    """Felt by `kind` at a place: a bump of that height, as long as it lasts, and no danger."""

    place: Place = "any home"
    kind: Literal[
        "cooking", "steam", "cigarette", "insect", "sun", "welding", "perfume", "car_exhaust", "burnt_food"
    ]
    lasts: Seconds = 600.0


class DrillForm(Form):
    """Smoke from a can at devices that say that they are under test."""

    place: Place = "any home"
    lasts: Seconds = 120.0


class OldForm(Form):
    """An alarm that was over long ago: kept in a device's memory, or retained by the broker."""

    place: Place = "any home"
    ago: Seconds = 6 * 3_600.0
    how: Literal["memory", "retained"] = "memory"


class Happens(Form):
    """When, and one thing. `again`: the same so many times more, `every` so often."""

    at: Drawn
    again: int = Field(default=0, ge=0, le=2_000)
    every: Drawn = (3_600.0, 3_600.0)
    fire: FireForm | None = None
    battery: FireForm | None = None
    gas: GasForm | None = None
    co: CoForm | None = None
    rain: RainForm | None = None
    pipe: PipeForm | None = None
    cable: CableForm | None = None
    leakage: LeakageForm | None = None
    sos: ButtonForm | None = None
    call_point: ButtonForm | None = None
    quiet: QuietForm | None = None
    nuisance: NuisanceForm | None = None
    drill: DrillForm | None = None
    old: OldForm | None = None

    @model_validator(mode="after")
    def _one(self) -> Happens:
        return _only_one(self, ("at", "again", "every"))


# What goes wrong --------------------------------------------------------------------------------------------


class On(Form):
    """Which devices; all that are named by every key. `share`: each of them with this chance."""

    kinds: tuple[Kind, ...] = ()
    dialects: tuple[str, ...] = ()
    place: Place | None = None
    devices: tuple[str, ...] = ()
    share: float = Field(default=1.0, gt=0.0, le=1.0)


class Params(Form):
    """Parameters of a fault go to its dataclass as they are; it knows their names."""


class StuckForm(Params):
    pass


class DriftForm(Params):
    quantity: str
    per_hour: float
    at_most: float = 1e9


class NoiseForm(Params):
    quantity: str
    sigma: float = Field(gt=0)


class WarmUpForm(Params):
    quantity: str
    adds: float
    settles_s: float = Field(default=60.0, gt=0)


class UnitForm(Params):
    quantity: str
    factor: float
    plus: float = 0.0


class BatteryForm(Params):
    from_percent: float = Field(default=30.0, gt=0, le=100)
    within_s: Seconds = 10 * 86_400.0


class SaysForm(Params):
    quantity: Literal["tamper", "fault"]


class FlappingForm(Params):
    quantity: str
    every_s: Seconds = 300.0
    on_s: Seconds = 20.0


class DuplicatedForm(Params):
    share: Share = 0.1
    within_s: Seconds = 30.0


class ReorderedForm(Params):
    share: Share = 0.2
    by_s: Seconds = 10.0


class LossyForm(Params):
    share: Share = 0.01
    burst: float = Field(default=1.0, ge=1.0, le=10_000)


class AwayForm(Params):
    keeps: bool = False


class MalformedForm(Params):
    share: Share = 0.05


class ClockForm(Params):
    """Fast by so much (a negative `slow`), or never set."""

    fast: Seconds = 0.0
    slow: Seconds = 0.0
    unset: bool = False


class DeadForm(Params):
    pass


class OutageForm(Params):
    """A gateway is gone, and whatever hangs on it; its children come back all at once."""

    gateway: str
    keeps: bool = False


class PowerForm(Params):
    """Everything at a place is without power, and comes back within `within_s`."""

    place: Place = "b1"
    within_s: Seconds = 10.0


class Fails(Form):
    """From when, for how long (to the end where it does not say), on what, and one fault."""

    at: Drawn = (0.0, 0.0)
    lasts: Seconds | None = None
    on: On = On()
    stuck: StuckForm | None = None
    drift: DriftForm | None = None
    noise: NoiseForm | None = None
    warm_up: WarmUpForm | None = None
    unit_change: UnitForm | None = None
    dying_battery: BatteryForm | None = None
    says: SaysForm | None = None
    flapping: FlappingForm | None = None
    duplicated: DuplicatedForm | None = None
    reordered: ReorderedForm | None = None
    lossy: LossyForm | None = None
    away: AwayForm | None = None
    malformed: MalformedForm | None = None
    clock: ClockForm | None = None
    dead: DeadForm | None = None
    gateway_outage: OutageForm | None = None
    power_loss: PowerForm | None = None

    @model_validator(mode="after")
    def _one(self) -> Fails:
        return _only_one(self, ("at", "lasts", "on"))


# The whole --------------------------------------------------------------------------------------------------


class TownForm(Form):
    buildings: int = Field(default=1, ge=1, le=400)
    floors: int = Field(default=6, ge=1, le=60)
    doors: int = Field(default=2, ge=1, le=20)
    homes: dict[Kind, Annotated[int, Field(ge=1)]] = {"smoke": 1, "heat": 1, "gas": 1, "co": 2}
    landings: tuple[Kind, ...] = ()
    entrances: tuple[Kind, ...] = ()
    zones: dict[Literal["garage", "underpass"], tuple[Kind, ...]] = {}
    dialects: dict[Kind, tuple[str, ...]] = {}
    gateways: bool = False
    unreachable: Share = 0.05
    needing: Share = 0.15


class PeopleForm(Form):
    acknowledges: Drawn = (8.0, 40.0)
    knows: Drawn = (40.0, 120.0)
    accepts: Drawn = (5.0, 40.0)
    arrives: Drawn = (90.0, 240.0)
    ends: Drawn = (60.0, 300.0)
    asleep: tuple[Literal["sun-li", "zhou-wei", "wu-min"], ...] = ()
    nobody_goes: bool = False
    away: Share = 0.2
    late: Share = 0.1


class IncidentsForm(Form):
    """So many incidents of a hazard that reached a level."""

    hazard: str | None = None
    level: Level = "alarm"
    drill: bool = False
    at_least: int = Field(default=0, ge=0)
    at_most: int | None = None


class ToldForm(Form):
    """So many people told; each counts once."""

    audience: Literal["resident", "duty", "crew", "device"]
    purpose: str | None = None
    at_least: int = Field(default=0, ge=0)
    at_most: int | None = None


class TroublesForm(Form):
    """So many troubles of a kind that were told."""

    kind: str
    at_least: int = Field(default=0, ge=0)
    at_most: int | None = None


class Expects(Form):
    incidents: IncidentsForm | None = None
    told: ToldForm | None = None
    troubles: TroublesForm | None = None
    closed: bool | None = None

    @model_validator(mode="after")
    def _one(self) -> Expects:
        return _only_one(self, ())


class Script(Form):
    """One scenario: a town, its people, what happens, what fails, and what must come of it besides the score.

    `starts`: local time of day; `lasts`: all of it; then the score is taken.
    """

    title: Words
    story: Words
    starts: Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")] = "20:00"
    lasts: Seconds
    town: TownForm = TownForm()
    people: PeopleForm = PeopleForm()
    happens: tuple[Happens, ...] = ()
    fails: tuple[Fails, ...] = ()
    expect: tuple[Expects, ...] = ()


def chosen(form: Form, besides: tuple[str, ...] = ()) -> tuple[str, Any]:
    """The one thing that a form says, by name."""
    names = [name for name in type(form).model_fields if name not in besides]
    (found,) = ((name, value) for name in names if (value := getattr(form, name)) is not None)
    return found


def _only_one(form: F, besides: tuple[str, ...]) -> F:
    names = [name for name in type(form).model_fields if name not in besides]
    said = [name for name in names if getattr(form, name) is not None]
    if len(said) != 1:
        what = ", ".join(said) or "-"
        raise Unreadable(
            "not-one",
            f"要且只要写一样（现在是 {what}）：{'、'.join(names)}",
            f"say exactly one thing (now: {what}) of: {', '.join(names)}",
        )
    return form
