"""Dragino: LDDS75 measures the distance to water, LWL02 detects leaks unless it was made a door contact."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingest.lorawan.body import Body, Field, Table, bit, distance, nothing, present, unexpected, volts
from ingest.strict_json import shown
from ingest.understood import Understood, measure

_STATUS_PORT: Final = 5  # of newer firmware: versions and battery
_MV: Final = 0x3FFF

# LDDS75 -----------------------------------------------------------------------------------------------------

_LDDS75_PORT: Final = 2
_NO_SENSOR: Final = "No Sensor"
_INVALID: Final = "Invalid Reading"
_NEAREST_MM: Final = 280  # nearer than this it says 20
_FLAG: Final = 7  # newer firmware: the byte that tells whether the ultrasonic sensor is there


def read_ldds75(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
    """Without the fifth byte the ultrasonic sensor is missing, whatever stands in its place (trap 21)."""
    if f_port == _STATUS_PORT:
        return nothing("its versions, no measurement")
    if f_port not in (_LDDS75_PORT, None):
        return f"LDDS75: port {f_port}, expected {_LDDS75_PORT}; check the model of the device"
    if len(body) not in (4, 5, 8):
        return unexpected("LDDS75", len(body), "4, 5 or 8")
    return present(_distance_fields(body), DISTANCE)


def _distance_fields(body: bytes) -> Iterator[Field]:
    yield "Bat", (int.from_bytes(body[:2], "big") & _MV) / 1000
    read = int.from_bytes(body[2:4], "big")
    missing = len(body) == 4 or read == 0 or (len(body) > _FLAG and body[_FLAG] == 0)
    yield "distance", _NO_SENSOR if missing else read if read >= _NEAREST_MM else _INVALID


def _to_water(said: Understood, name: str, value: object) -> None:
    read = measure(value.removesuffix("mm").strip() if isinstance(value, str) else value)
    if value == _NO_SENSOR or read == 0:
        said.bit("fault", 1.0)
        said.number("distance_mm", None)
        said.notes.append("its ultrasonic sensor is missing")
    elif read is not None and read >= _NEAREST_MM:
        said.bit("fault", 0.0)
        distance(said, name, read)
    else:
        said.number("distance_mm", None)
        said.notes.append(
            f"distance {shown(value)!r}: disturbed, or the water is nearer than {_NEAREST_MM} mm"
        )


DISTANCE: Final[Table] = {"Bat": volts, "BatV": volts, "distance": _to_water, "Distance": _to_water}

# LWL02 ------------------------------------------------------------------------------------------------------

_LWL02_PORT: Final = 10
_WHOLE: Final = 10
_DOOR, _WATER, _BOTH = 1, 2, 3
_WET: Final = 0x40


def read_lwl02(f_port: int | None, body: bytes) -> tuple[Body, ...] | str:
    if f_port == _STATUS_PORT:
        return nothing("its versions, no measurement")
    if f_port not in (_LWL02_PORT, None):
        return f"LWL02: port {f_port}, expected {_LWL02_PORT}; check the model of the device"
    if len(body) < 3:
        return unexpected("LWL02", len(body), str(_WHOLE))
    return present(_leak_fields(body), LEAK)


def _leak_fields(body: bytes) -> Iterator[Field]:
    """Of a frame that is cut short only the alarm is believed."""
    yield "BAT_V", (int.from_bytes(body[:2], "big") & _MV) / 1000
    yield "MOD", body[2]
    if body[2] in (_WATER, _BOTH):
        wet = int(body[0] & _WET != 0)
        yield "WATER_LEAK_STATUS", wet if wet or len(body) >= _WHOLE else None


def _mode(said: Understood, name: str, value: object) -> None:
    """A leak sensor that watches a door will never tell of a leak (trap 22): a fault until it is set."""
    read = measure(value)
    leaks = read in (_WATER, _BOTH)
    said.bit("fault", float(not leaks))
    if not leaks:
        said.bit("water_leak_alarm", None)
        mode = "door mode" if read == _DOOR else f"mode {shown(value)}"
        said.notes.append(f"{mode}: it does not watch for leaks; set it to mode {_WATER}")


LEAK: Final[Table] = {"BAT_V": volts, "MOD": _mode, "WATER_LEAK_STATUS": bit("water_leak_alarm")}
