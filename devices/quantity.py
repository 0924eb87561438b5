"""What can be measured: names that carry their unit, plausible ranges, words in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class QuantityKind(StrEnum):
    ALARM = "alarm"  # the device's own alarm bit: 1 alarm, 0 clear, None unknown
    NUMBER = "number"
    STATE = "state"  # what people and things do: 1, 0, None; never an alarm by itself
    CONDITION = "condition"  # about the device itself: tamper, low battery, fault, end of life (1, 0, None)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One measurable thing.

    `low` and `high` bound what a working sensor can say, in `unit`; outside is implausible, not an alarm.
    """

    name: str
    kind: QuantityKind
    unit: str
    low: float
    high: float
    zh: str
    en: str

    def plausible(self, value: float) -> bool:
        return self.low <= value <= self.high  # NaN compares false: implausible


def _alarm(name: str, zh: str, en: str) -> Quantity:
    return Quantity(name, QuantityKind.ALARM, "", 0, 1, zh, en)


def _condition(name: str, zh: str, en: str) -> Quantity:
    return Quantity(name, QuantityKind.CONDITION, "", 0, 1, zh, en)


def _state(name: str, zh: str, en: str) -> Quantity:
    return Quantity(name, QuantityKind.STATE, "", 0, 1, zh, en)


def _number(name: str, unit: str, low: float, high: float, zh: str, en: str) -> Quantity:
    return Quantity(name, QuantityKind.NUMBER, unit, low, high, zh, en)


def _table(quantities: Iterable[Quantity]) -> dict[str, Quantity]:
    return {quantity.name: quantity for quantity in quantities}


QUANTITIES: dict[str, Quantity] = _table(
    (
        _alarm("smoke_alarm", "烟雾报警", "smoke alarm"),
        _alarm("heat_alarm", "感温报警", "heat alarm"),
        _alarm("gas_alarm", "燃气报警", "gas alarm"),
        _alarm("co_alarm", "一氧化碳报警", "carbon monoxide alarm"),
        _alarm("water_leak_alarm", "漏水报警", "water leak alarm"),
        _alarm("water_level_alarm", "水位报警", "water level alarm"),
        _alarm("electrical_alarm", "电气火灾报警", "electrical fire alarm"),
        _alarm("sos_alarm", "求助", "call for help"),
        _alarm("manual_alarm", "手动报警", "manual call point"),
        _state("motion", "有人活动", "motion"),
        _state("door_open", "门已打开", "door open"),
        _number("smoke_obscuration_db_per_m", "dB/m", 0, 20, "烟雾浓度", "smoke obscuration"),
        _number("temperature_c", "°C", -50, 1200, "温度", "temperature"),
        _number("gas_lel_percent", "%LEL", 0, 100, "可燃气体浓度", "combustible gas"),
        _number("gas_density", "", 0, 65535, "燃气读数", "gas density (device units)"),
        _number("co_ppm", "ppm", 0, 20000, "一氧化碳浓度", "carbon monoxide"),
        _number("water_level_mm", "mm", -500, 20000, "水深", "water depth"),
        _number("distance_mm", "mm", 0, 20000, "到水面距离", "distance to the water"),
        _number("residual_current_ma", "mA", 0, 30000, "剩余电流", "residual current"),
        _number("cable_temperature_c", "°C", -50, 500, "线缆温度", "cable temperature"),
        _number("battery_percent", "%", 0, 100, "电量", "battery"),
        _number("battery_mv", "mV", 0, 60000, "电池电压", "battery voltage"),
        _number("link_quality", "", 0, 255, "信号质量", "link quality"),
        _condition("battery_low", "电量低", "battery low"),
        _condition("tamper", "防拆", "tamper"),
        _condition("fault", "故障", "fault"),
        _condition("end_of_life", "寿命到期", "end of life"),
        _condition("muted", "已消音", "muted"),
    )
)
