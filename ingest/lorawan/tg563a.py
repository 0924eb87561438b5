"""TG563A smoke detectors: 5 bytes of state, or 35 with counters that stop at 254 and are not read.

Decoder modrisb/tg563a-payload-decoder (MIT). A detector that is off its base still alarms (trap 31).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from ingest.lorawan.body import Body, Field, Table, number, present, unexpected, volts
from ingest.understood import Understood, truth

_PORT: Final = 1
_STATE: Final = 5
_EXTENDED: Final = 35
_EXTENDED_TYPE: Final = 15
_PERIODS_H: Final = (1, 2, 4, 6, 8, 12, 24, 48)

_STATUS: Final = (  # byte, bit, name
    (3, 0, "mounted"),
    (3, 2, "temperatureOutOfRange"),
    (3, 4, "obstacleDetected"),
    (3, 5, "airInletCovered"),
    (3, 7, "tooLongUnmounted"),
    (4, 0, "smokeAlarm"),
    (4, 1, "batteryLow"),
    (4, 2, "smokeChamberFailure"),
    (4, 3, "fouledSmokeChamber"),
    (4, 4, "ultrasonicSensorFailure"),
    (4, 5, "infraredSensorFailure"),
    (4, 6, "buzzerFailure"),
)
_FAULTS: Final = {
    "obstacleDetected": "an obstacle is in front of it",
    "airInletCovered": "its air inlet is covered",
    "smokeChamberFailure": "its smoke chamber failed",
    "fouledSmokeChamber": "its smoke chamber is dirty",
    "ultrasonicSensorFailure": "its ultrasonic sensor failed",
    "infraredSensorFailure": "its infrared sensor failed",
    "buzzerFailure": "its buzzer failed",
}


def read(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
    if f_port not in (_PORT, None):
        return f"TG563A: port {f_port}, expected {_PORT}; check the model of the device"
    extended = body[:1] != b"" and body[0] & 0x0F == _EXTENDED_TYPE
    if len(body) != (_EXTENDED if extended else _STATE):
        return unexpected("TG563A", len(body), f"{_STATE} or {_EXTENDED}")
    return present(_fields(body, extended), FIELDS)


def _fields(body: bytes, extended: bool) -> Iterator[Field]:
    yield "temperature", int.from_bytes(body[2:3], "big", signed=True)
    yield (
        "configuration",
        {
            "smokeEventEnabled": body[1] >> 6 & 1,
            "transmissionPeriod": _PERIODS_H[body[1] & 7],
        },
    )
    yield "status", {name: body[place] >> shift & 1 for place, shift, name in _STATUS}
    if extended:
        yield "batteryLevel", body[5] / 100 + 1


def _status(said: Understood, name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        said.notes.append("status: not an object, nothing is known of the detector")
        return
    bits = {key: truth(value[key]) for _, _, key in _STATUS if key in value}
    if "smokeAlarm" in bits:
        said.bit("smoke_alarm", bits["smokeAlarm"])
    if bits.get("smokeChamberFailure", 0.0) != 0.0:
        said.bit("smoke_alarm", None)  # it cannot see smoke: silence is no word about it
    if "batteryLow" in bits:
        said.bit("battery_low", bits["batteryLow"])
    _mounted(said, bits)
    for fault in _FAULTS.keys() & bits.keys():
        said.bit("fault", bits[fault])
    said.notes.extend(why for fault, why in _FAULTS.items() if bits.get(fault) == 1.0)


def _mounted(said: Understood, bits: Mapping[str, float | None]) -> None:
    if "mounted" in bits:
        mounted = bits["mounted"]
        said.bit("tamper", None if mounted is None else 1.0 - mounted)
    if bits.get("tooLongUnmounted") == 1.0:
        said.bit("tamper", 1.0)


def _configuration(said: Understood, name: str, value: object) -> None:
    if not isinstance(value, Mapping):
        return
    period_h = value.get("transmissionPeriod")
    if type(period_h) is int:
        said.interval("transmissionPeriod", period_h * 3600)
    if truth(value.get("smokeEventEnabled")) == 0.0:
        said.notes.append("it tells of smoke with its heartbeat only: switch its smoke event on")


FIELDS: Final[Table] = {
    "temperature": number("temperature_c"),
    "configuration": _configuration,
    "status": _status,
    "batteryLevel": volts,
}
