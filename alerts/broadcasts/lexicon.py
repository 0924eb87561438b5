"""The words for what happened, in Chinese and English, and the forms that messages have.

A community's own output is 告警, never 预警, which is an official warning that can only be relayed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from alerts.broadcasts.broadcast import Purpose
from devices.device import DeviceKind
from devices.level import Hazard, Level


class Pair(NamedTuple):
    """One thing said in both languages."""

    zh: str
    en: str

    def said(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class What(NamedTuple):
    """What happened, by how sure we are. `{kind}` is the kind of device that spoke first."""

    checking: Pair
    unverified: Pair  # the window ended and nobody could say that it is false
    confirmed: Pair


HAZARD: Final[Mapping[Hazard, Pair]] = {
    Hazard.FIRE: Pair("火警", "fire alarm"),
    Hazard.GAS: Pair("燃气泄漏", "gas leak"),
    Hazard.CO: Pair("一氧化碳", "carbon monoxide"),
    Hazard.FLOOD: Pair("积水", "flood"),
    Hazard.WATER_LEAK: Pair("漏水", "water leak"),
    Hazard.ELECTRICAL: Pair("电气火灾", "electrical fire"),
    Hazard.SOS: Pair("求助", "call for help"),
}

LEVEL: Final[Mapping[Level, Pair]] = {
    Level.UNKNOWN: Pair("状态未知", "state unknown"),
    Level.CLEAR: Pair("提示", "notice"),
    Level.NOTICE: Pair("提示", "notice"),
    Level.PREALARM: Pair("预报警", "pre-alarm"),
    Level.ALARM: Pair("报警", "alarm"),
    Level.CRITICAL: Pair("紧急报警", "critical alarm"),
}

PURPOSE: Final[Mapping[Purpose, Pair]] = {
    Purpose.NOTICE: Pair("提示", "Notice"),
    Purpose.ALERT: Pair("告警", "Alert"),
    Purpose.EVACUATE: Pair("疏散", "Evacuate"),
    Purpose.GROWN: Pair("警情扩大", "Incident grew"),
    Purpose.ESCALATE: Pair("升级", "Escalation"),
    Purpose.OWNED: Pair("已接手", "Acknowledged"),
    Purpose.ALL_CLEAR: Pair("解除", "All clear"),
    Purpose.RETRACT: Pair("更正", "Correction"),
    Purpose.TROUBLE: Pair("设备故障", "Device troubles"),
    Purpose.OPERATE: Pair("设备操作", "Device command"),
}
KEEP_OUT: Final = Pair("避险", "Keep out")

KIND: Final[Mapping[DeviceKind, Pair]] = {
    DeviceKind.SMOKE: Pair("烟感", "smoke detector"),
    DeviceKind.HEAT: Pair("温感", "heat detector"),
    DeviceKind.GAS: Pair("燃气探测器", "gas detector"),
    DeviceKind.CO: Pair("一氧化碳探测器", "carbon monoxide detector"),
    DeviceKind.WATER_LEAK: Pair("水浸传感器", "water leak sensor"),
    DeviceKind.PRESENCE: Pair("人体感应器", "presence sensor"),
    DeviceKind.WATER_LEVEL: Pair("水位计", "water level gauge"),
    DeviceKind.ELECTRICAL: Pair("电气火灾探测器", "electrical fire detector"),
    DeviceKind.SOS: Pair("求助按钮", "SOS button"),
    DeviceKind.CALL_POINT: Pair("手动报警按钮", "manual call point"),
}
SOME_DETECTOR: Final = Pair("探测器", "detector")
UNKNOWN_DEVICE: Final = Pair("未登记设备", "unregistered device")


def _checking(zh: str, en: str) -> Pair:
    return Pair(
        f"有{{kind}}报警，可能{zh}，正在核实", f"Alarm from the {{kind}}: possible {en}; it is being checked"
    )


WHAT: Final[Mapping[Hazard, What]] = {
    Hazard.FIRE: What(
        _checking("有火情", "fire"),
        Pair("有{kind}报警，火情未能排除，按真火处置", "Alarm from the {kind}; treat it as a real fire"),
        Pair("火警，已确认", "Fire, confirmed"),
    ),
    Hazard.GAS: What(
        _checking("有燃气泄漏", "gas leak"),
        Pair("有{kind}报警，按燃气泄漏处置", "Alarm from the {kind}; treat it as a real gas leak"),
        Pair("燃气泄漏，已确认", "Gas leak, confirmed"),
    ),
    Hazard.CO: What(
        _checking("一氧化碳超标", "carbon monoxide"),
        Pair(
            "有{kind}报警，按一氧化碳中毒危险处置",
            "Alarm from the {kind}; treat it as real carbon monoxide",
        ),
        Pair("一氧化碳超标，已确认", "Carbon monoxide, confirmed"),
    ),
    Hazard.FLOOD: What(
        _checking("积水", "flood"),
        Pair("有{kind}报警，按积水险情处置", "Alarm from the {kind}; treat it as a real flood"),
        Pair("积水，已确认", "Flood, confirmed"),
    ),
    Hazard.WATER_LEAK: What(
        _checking("漏水", "water leak"),
        Pair("有{kind}报警，按漏水处置", "Alarm from the {kind}; treat it as a real water leak"),
        Pair("漏水，已确认", "Water leak, confirmed"),
    ),
    Hazard.ELECTRICAL: What(
        _checking("有电气火灾", "electrical fire"),
        Pair("有{kind}报警，按电气火灾处置", "Alarm from the {kind}; treat it as an electrical fire"),
        Pair("电气火灾，已确认", "Electrical fire, confirmed"),
    ),
    Hazard.SOS: What(
        Pair("{kind}：有人求助，正在联系", "{kind}: somebody called for help; they are being contacted"),
        Pair("{kind}：有人求助，按真实求助处置", "{kind}: somebody called for help; treat it as real"),
        Pair("有人求助，已确认", "Call for help, confirmed"),
    ),
}
NOTICED: Final = Pair("有{kind}{level}，请查看", "{kind}: {level}, please look")
OVER: Final = Pair("{hazard}险情已解除", "The danger is over: {hazard}")
FALSE: Final = Pair(
    "更正：先前的{hazard}告警不是真实险情", "Correction: the earlier {hazard} message was no real danger"
)
DOUBLE: Final = Pair(
    "更正：本条{hazard}告警与另一起警情重复",
    "Correction: this {hazard} message repeats that of another incident",
)
GROWN: Final = Pair("警情扩大：{what}", "The incident has grown. {what}")
NOBODY: Final = Pair("无人确认收到，升级到第{tier}级：{what}", "Nobody acknowledged, tier {tier}. {what}")
LATE: Final[Mapping[str, Pair]] = {
    "accept": Pair("微型消防站无人应答：{what}", "The crew has not answered. {what}"),
    "arrive": Pair("微型消防站还没有到场：{what}", "The crew is not there yet. {what}"),
    "joint": Pair(
        "增援时限已到，现场还没有人：{what}", "Time for help from others, nobody is there yet. {what}"
    ),
}
NEWEST: Final = Pair("最新情况：{what}", "Latest. {what}")
AGE_UNKNOWN: Final = Pair("（报警发生时间不明）", " (when it began is not known)")
AGAIN: Final = Pair("（同一地点再次发生）", " (again at the same place)")

MESSAGE: Final = Pair(
    "{what}。地点：{place}。时间：{time}。来源：{source}。请做：{do}。",
    "{what}. Where: {place}. When: {time}. Source: {source}. Do now: {do}.",
)
TITLE: Final = Pair("{level}{purpose}：{hazard} {place}", "{level}{purpose}: {hazard}, {place}")
MEASURED: Final = Pair("{name}（{measured}）", "{name} ({measured})")
VOICE: Final = Pair("居民请注意。{place}，{what}。{do}。", "Attention please. {place}. {what}. {do}.")
