"""Names of the entities in Home Assistant. What they say are words of ours that automations can rely on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from alerts.troubles.kind import TroubleKind
from alerts.troubles.notice import KINDS

ENTITIES: Final[Mapping[str, tuple[str, str]]] = {
    "open": ("未解除的警情", "Open incidents"),
    "critical": ("紧急报警", "Open: critical"),
    "alarm": ("报警", "Open: alarm"),
    "prealarm": ("预报警", "Open: pre-alarm"),
    "notice": ("提示", "Open: notice"),
    "highest": ("最高级别", "Highest level"),
    "hazard": ("最近警情：类型", "Last incident: hazard"),
    "building": ("最近警情：楼栋", "Last incident: building"),
    "opened_at": ("最近警情：时间", "Last incident: time"),
    "troubles": ("设备故障数", "Device troubles"),
    "heard": ("在线点位", "Points heard"),
    "points": ("点位总数", "Points in all"),
    "connected": ("在线", "Connected"),
    "battery": ("电量", "Battery"),
    "battery_low": ("电量低", "Battery low"),
    "problem": ("故障", "Problem"),
}


def entity_name(key: str, language: str) -> str:
    zh, en = ENTITIES[key]
    return zh if language == "zh" else en


def problem_name(kind: TroubleKind, language: str) -> str:
    pair = KINDS[kind]
    return f"故障：{pair.zh}" if language == "zh" else f"Trouble: {pair.en}"
