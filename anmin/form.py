"""The community file as a person writes it: shapes only; what refers to what is `anmin/community.py`'s."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from anmin.dates import instant_of
from anmin.finding import Wrong
from devices.device import DeviceKind, DeviceMode
from devices.instant import HOUR, MINUTE, SECOND, Instant, Micros
from devices.resident import Contact, Need
from devices.shift import Shift
from devices.station import Role

MOST_FLOORS = 200
MOST_HOMES = 100
_RANGE = re.compile(r"\s*(-?\d{1,3})\s*(?:(?:-|~|\.\.|至|to)\s*(-?\d{1,3})\s*)?")
_LENGTH = re.compile(r"\s*(\d{1,6})\s*(s|min|m|h|d|y)\s*")
_UNITS = {"s": SECOND, "min": MINUTE, "m": MINUTE, "h": HOUR, "d": 24 * HOUR, "y": 365 * 24 * HOUR}


def _clean(text: str) -> str:
    if any(unicodedata.category(sign) in ("Cc", "Cf", "Cs", "Zl", "Zp") for sign in text):
        zh, en = (
            "有不可见的控制字符或换行，请删去",
            "holds an invisible control character or a line break; delete it",
        )
        raise Wrong("control-character", f"`{text!a}` {zh}", f"`{text!a}` {en}")
    if not text.strip():
        raise Wrong("empty", "不能为空", "must not be empty")
    return text.strip()


def _id(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", text):
        zh = f"编号 `{text}` 只能用英文字母、数字、- 和 _，以字母或数字开头"
        en = f"the id `{text}` may hold letters a-z, digits, - and _, and begins with a letter or digit"
        raise Wrong("bad-id", zh, en)
    return text


def _shift(text: str) -> Shift:
    try:
        return Shift.of(text)
    except ValueError as error:
        zh = f"`{text}` 不是值班时间：写 `mon-fri 08:00-18:00` 或 `22:00-06:00`"
        raise Wrong("bad-hours", zh, str(error)) from None


def _dotted(text: str) -> str:
    for part in text.split("."):
        _id(part)
    return text


def _numbers(given: Any, what: tuple[str, str], most: int) -> tuple[int, ...]:
    """`3`, `1-15`, or a list of these; no zero, lower first, each once."""
    found: list[int] = []
    for part in given if isinstance(given, list | tuple) else [given]:
        match = None if isinstance(part, bool) else _RANGE.fullmatch(str(part))
        if match is None:
            zh = f"`{part}` 不是{what[0]}：写 3、1-15 或 [1, 2]"
            raise Wrong("bad-range", zh, f"`{part}` is no {what[1]}: write 3, 1-15 or [1, 2]")
        low, high = int(match[1]), int(match[2] or match[1])
        if low > high:
            zh, en = f"`{part}`：小的写在前", f"`{part}`: write the lower one first"
            raise Wrong("floor-order", zh, en)
        if low == high == 0:
            raise Wrong(
                "no-zero", "没有 0 层：地面是 1，地下是 -1", "there is no 0: the ground is 1, a basement -1"
            )
        if high - low >= most:
            raise Wrong("too-many", f"`{part}` 超过 {most} 个", f"`{part}` is more than {most}")
        found += [number for number in range(low, high + 1) if number]
    if twice := next((number for number in found if found.count(number) > 1), None):
        raise Wrong("twice", f"{twice} 写了两次", f"{twice} is given twice")
    return tuple(found)


def _floors(given: Any) -> tuple[int, ...]:
    return _numbers(given, ("楼层", "floor"), MOST_FLOORS)


def _homes(given: Any) -> tuple[int, ...]:
    numbers = _numbers(given, ("户号", "door number"), MOST_HOMES)
    if any(number < 1 for number in numbers):
        raise Wrong("bad-range", "户号从 1 起", "door numbers count from 1")
    return numbers


def _length(given: Any) -> Micros:
    match = _LENGTH.fullmatch(str(given))
    if match is None or not int(match[1]):
        zh, en = (
            f"`{given}` 要带单位：30 s、5 min、25 h、1 d",
            f"`{given}` needs a unit: 30 s, 5 min, 25 h, 1 d",
        )
        raise Wrong("bad-length", zh, en)
    return int(match[1]) * _UNITS[match[2]]


def _date(given: Any) -> Instant:
    at = instant_of(str(given))
    if at is None:
        raise Wrong(
            "bad-date", f"`{given}` 不是日期：写 2026-05-31", f"`{given}` is no date: write 2026-05-31"
        )
    return at


def _contact(given: Any) -> Contact:
    if not isinstance(given, dict) or len(given) != 1:
        zh = "每个联系方式写成 `{渠道: 地址}`，例如 {console: 值班室}"
        raise Wrong("bad-contact", zh, "write each contact as `{channel: address}`, as {console: duty room}")
    ((channel, address),) = given.items()
    if isinstance(address, bool | dict | list) or address is None or not str(address).strip():
        zh = f"`{channel}` 后面要有地址（文字）"
        raise Wrong("bad-contact", zh, f"`{channel}` needs an address (text)")
    return Contact(channel, _clean(str(address)))


def _some(given: tuple[str, ...]) -> tuple[str, ...]:
    if not given:
        raise Wrong("empty", "至少要有一项", "needs at least one entry")
    return given


def _as_list(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


def _as_floor(given: Any) -> Any:
    return given if isinstance(given, Mapping) else {"floor": given}


def _as_home(given: Any) -> Any:
    return given if isinstance(given, Mapping) else {"id": given}


Id: TypeAlias = Annotated[str, AfterValidator(_id)]
Dotted: TypeAlias = Annotated[str, AfterValidator(_dotted)]
Name: TypeAlias = Annotated[str, Field(max_length=80), AfterValidator(_clean)]
Floors: TypeAlias = Annotated[tuple[int, ...], BeforeValidator(_floors)]
Homes: TypeAlias = Annotated[tuple[int, ...], BeforeValidator(_homes)]
Length: TypeAlias = Annotated[Micros, BeforeValidator(_length)]
Date: TypeAlias = Annotated[Instant, BeforeValidator(_date)]
Languages: TypeAlias = Annotated[tuple[Literal["zh", "en"], ...], AfterValidator(_some)]
Contacts: TypeAlias = tuple[Annotated[Contact, BeforeValidator(_contact)], ...]


class Form(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)


class Named(Form):
    """`zh` and `en`: what people call it; either may be left out where it follows from the id."""

    id: Id
    zh: Name | None = None
    en: Name | None = None


class HomeForm(Named): ...


class FloorForm(Form):
    """One floor or a run of floors (`1-15`); its homes are listed, or numbered by `per_floor`."""

    floor: Floors
    zh: Name | None = None
    en: Name | None = None
    per_floor: Homes | None = None
    households: tuple[Annotated[HomeForm, BeforeValidator(_as_home)], ...] | None = None


class UnitForm(Named):
    """One stair. `skip` names the doors that the pattern would make and that are not there."""

    floors: Annotated[
        tuple[Annotated[FloorForm, BeforeValidator(_as_floor)], ...], BeforeValidator(_as_list)
    ] = ()
    per_floor: Homes = ()
    skip: tuple[str, ...] = ()


class BuildingForm(Named):
    units: tuple[UnitForm, ...] = ()


class ZoneForm(Named):
    """A place that stands free of the stairs; `within` is the community unless told."""

    kind: Literal["garage", "underpass", "river_bank", "crowded"]
    within: str | None = None
    floor: Annotated[int, Field(ge=-20, le=200)] | None = None


class ProfileForm(Form):
    id: Id
    kind: DeviceKind
    quantities: Annotated[tuple[str, ...], AfterValidator(_some)]
    reports_every: Length
    missed_allowed: Annotated[int, Field(ge=1, le=100)] | None = None
    alarm_quantity: str | None = None
    test_every: Length | None = None
    calibrate_every: Length | None = None
    lasts: Length | None = None


class DeviceForm(Named):
    profile: str
    place: str | None = None  # may only be left out for a station's own devices
    dialect: str = "native"
    address: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    mode: DeviceMode = DeviceMode.LIVE
    via: str | None = None
    serial: Annotated[str, Field(max_length=80), AfterValidator(_clean)] = ""
    installed: Date | None = None
    expires: Date | None = None
    calibrated: Date | None = None


class RetiredForm(DeviceForm):
    """`place` is told, for a station's device too."""

    place: str
    retired: Date


class ThresholdForm(Form):
    """For one of `profile`, `place`, `device`; `clear` as far from `at` as the rule's own unless told."""

    profile: str | None = None
    place: str | None = None
    device: str | None = None
    rule: str
    level: Literal["notice", "prealarm", "alarm", "critical"]
    at: Annotated[float, Field(allow_inf_nan=False)]
    clear: Annotated[float, Field(allow_inf_nan=False)] | None = None


class ResidentForm(Form):
    """`id` is made from the household where it is left out."""

    household: str
    name: Name
    id: Dotted | None = None
    languages: Languages = ("zh",)
    contacts: Contacts = ()
    needs: tuple[Need, ...] = ()


Hours: TypeAlias = Annotated[Shift, BeforeValidator(_shift)]


class PersonForm(Form):
    id: Id
    name: Name
    role: Role
    languages: Languages = ("zh",)
    contacts: Contacts = ()
    hours: tuple[Hours, ...] = ()


class StationForm(Named):
    place: str
    serves: tuple[str, ...] | None = None
    accept_within: Length = 1 * MINUTE
    arrive_within: Length = 3 * MINUTE
    joint_within: Length = 5 * MINUTE
    crew: tuple[PersonForm, ...] = ()
    devices: tuple[DeviceForm, ...] = ()


class CommunityForm(Form):
    """The whole file. County, street and community are one name each; the rest are lists."""

    format: Literal[1] = 1
    county: Named
    street: Named
    community: Named
    buildings: tuple[BuildingForm, ...] = ()
    zones: tuple[ZoneForm, ...] = ()
    profiles: tuple[ProfileForm, ...] = ()
    devices: tuple[DeviceForm, ...] = ()
    retired: tuple[RetiredForm, ...] = ()
    thresholds: tuple[ThresholdForm, ...] = ()
    residents: tuple[ResidentForm, ...] = ()
    stations: tuple[StationForm, ...] = ()
    staff: tuple[PersonForm, ...] = ()
