"""What each kind of device can be told to do, how dangerous that is, and how long it may take."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from devices.device import DeviceKind
from devices.instant import MINUTE, SECOND, Micros
from devices.level import Hazard


class Action(NamedTuple):
    """`dangerous`: a person agrees to it each time, or the community's plan says that it may run by itself.

    After `within_for` the device does it no more, and no answer by then is a trouble.
    """

    word: str
    zh: str
    en: str
    dangerous: bool = False
    within_for: Micros = MINUTE


_MUTE: Final = Action("mute", "消音", "mute", dangerous=True)
_SELF_TEST: Final = Action("self_test", "自检", "self-test")
_SOUND: Final = Action("sound", "鸣响", "sound", dangerous=True, within_for=30 * SECOND)
_STOP: Final = Action("stop", "停止", "stop")

ACTIONS: Final[Mapping[DeviceKind, tuple[Action, ...]]] = {
    DeviceKind.VALVE: (
        Action("close", "关阀", "close"),
        Action("open", "开阀", "open", dangerous=True),  # gas comes back where a flame may have gone out
    ),
    DeviceKind.FAN: (
        Action("start", "开风机", "start", dangerous=True),  # its switch may spark, and it feeds a fire
        _STOP,
    ),
    DeviceKind.DOOR: (
        Action("release", "释放门禁", "release"),
        Action("lock", "恢复门禁", "lock", dangerous=True),
    ),
    DeviceKind.LIFT: (
        Action("recall", "电梯迫降", "recall", dangerous=True),
        Action("return", "恢复运行", "return to service", dangerous=True),
    ),
    DeviceKind.SIREN: (_SOUND, _STOP),
    DeviceKind.SOUNDER: (_SOUND, _STOP),
    DeviceKind.SMOKE: (_MUTE, _SELF_TEST),
    DeviceKind.HEAT: (_MUTE, _SELF_TEST),
    DeviceKind.GAS: (_MUTE, _SELF_TEST),
    DeviceKind.CO: (_MUTE, _SELF_TEST),
}
SPEAKS: Final = frozenset({"native"})
"""Dialects with commands that have an id, an expiry and a result. Without those nothing is moved."""


class Automatic(NamedTuple):
    """By itself, once per incident: on an alarm of the hazard, or once it is confirmed."""

    hazard: Hazard
    kind: DeviceKind
    action: str
    confirmed: bool = False


def action_of(kind: DeviceKind, word: str) -> Action | None:
    return next((one for one in ACTIONS.get(kind, ()) if one.word == word), None)


def automatic(text: str) -> Automatic:
    """Of `gas valve close` or `fire lift recall confirmed`. Raises ValueError that says what is wrong."""
    words = text.split()
    confirmed = words[3:] == ["confirmed"]
    if len(words) != 3 and not confirmed:
        raise ValueError(f"`{text}`: write HAZARD KIND ACTION, as `gas valve close`, and `confirmed` if so")
    try:
        hazard, kind = Hazard(words[0]), DeviceKind(words[1])
    except ValueError as unknown:
        raise ValueError(f"`{text}`: {unknown}") from None
    if action_of(kind, words[2]) is None:
        known = ", ".join(one.word for one in ACTIONS.get(kind, ())) or "nothing"
        raise ValueError(f"`{text}`: a {kind} can be told {known}")
    return Automatic(hazard, kind, words[2], confirmed)
