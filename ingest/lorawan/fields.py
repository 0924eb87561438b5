"""What a network server's decoder made of a body of which we know no reader: fields by their usual names.

Decoders are written by whoever set the server up, so a name is compared without case and signs, and what a
name does not tell beyond doubt (a bare number under `gas`, 3 under `battery`) is unknown, with a note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final

from devices.quantity import QUANTITIES
from ingest.dialects.fields import take_bit, take_number
from ingest.generic import GENERIC
from ingest.lorawan.body import Field, Take, bit, number, plain, press, volts
from ingest.strict_json import shown
from ingest.understood import Understood, measure, truth

MOST: Final = 128
"""Fields of one message that are looked at."""
_DEPTH: Final = 4
_INSIDE: Final = frozenset(
    {
        "air",
        "data",
        "decoded",
        "measurements",
        "messages",
        "normalizedpayload",
        "object",
        "payload",
        "sensor",
        "sensors",
        "state",
        "status",
        "values",
        "water",
    }
)
"""Names of objects and lists that hold measurements; what is within others (settings) says nothing."""
_SIGNS: Final = re.compile("[^a-z0-9]")
_PLACE: Final = re.compile("[_ -][0-9]{1,2}$")
"""One of several inputs: `leak_2`. Without a sign before it the number is part of the name: co2 is not CO."""


def understand(fields: Mapping[str, object]) -> Understood:
    """Everything the fields say; those that are none of our concern are passed over."""
    said = Understood()
    for name, value in islice(_flat(fields), MOST):
        take = FIELDS.get(_key(name)) or FIELDS.get(_key(_PLACE.sub("", name)))
        if take is not None and not isinstance(value, (dict, list)):
            take(said, name, value)
    return said


def _flat(fields: Mapping[str, object]) -> Iterator[Field]:
    """The fields, and those of objects within that hold measurements, also as `{type, measurementValue}`."""
    level: list[object] = [fields]
    for _ in range(_DEPTH):
        inner: list[object] = []
        for node in level[:MOST]:
            if isinstance(node, dict):
                yield from _named(node)
                inner += [value for name, value in islice(node.items(), MOST) if _key(name) in _INSIDE]
            elif isinstance(node, list):
                inner += node[:MOST]
        level = inner


def _named(node: Mapping[str, object]) -> Iterator[Field]:
    kind = node.get("type")
    if isinstance(kind, str) and "measurementValue" in node:
        yield kind, node["measurementValue"]
    else:
        yield from node.items()


def _key(name: str) -> str:
    return _SIGNS.sub("", name.lower())


# Takes ------------------------------------------------------------------------------------------------------


def _alarm(said: Understood, name: str, value: object) -> None:
    """The detector's word, whatever it detects: the device's kind tells."""
    take_bit(said, GENERIC, name, plain(value))


def _flag_or_number(alarm: str, quantity: str | None) -> Take:
    """true and words are an alarm's. A number is a measurement or a count, but 0 and 1 may be either."""

    def take(said: Understood, name: str, value: object) -> None:
        read = None if isinstance(value, bool) else measure(value)
        if read is None:
            take_bit(said, alarm, name, plain(value))
        elif read in (0, 1):
            said.bit(alarm, None)
            said.notes.append(f"{name}: {shown(value)} may be an alarm or a measurement: name its model")
        elif quantity is not None and QUANTITIES[quantity].plausible(read):
            said.number(quantity, float(read))
        else:
            said.notes.append(f"{name}: {shown(value)} is a measurement, not an alarm")

    return take


def _battery(said: Understood, name: str, value: object) -> None:
    """Percent, volts or millivolts, as only the number tells; 2 to 5 without a fraction may be either."""
    read = measure(value)
    if read is not None and (read > 1000 or (1 < read < 5 and read % 1)):
        volts(said, name, value)
    elif read is not None and 2 <= read <= 5:
        said.number("battery_percent", None)
        said.notes.append(f"{name}: {shown(value)} may be volts or percent: name its model")
    else:
        take_number(said, "battery_percent", name, value)


def _testing(said: Understood, name: str, value: object) -> None:
    """The device's own word. `testMode` is a setting that anybody may leave on."""
    said.test = said.test or truth(plain(value)) == 1.0


_NAMES: Final[tuple[tuple[str, Take], ...]] = (
    (
        "smoke smokealarm smokedetected smokedetection smokestate smokestatus fire firealarm firedetected",
        bit("smoke_alarm"),
    ),
    ("heat heatalarm hightempalarm hightemperaturealarm", bit("heat_alarm")),
    ("gas", _flag_or_number("gas_alarm", None)),
    ("gasalarm gasleak gasleakage gasdetected gasstate gasstatus", bit("gas_alarm")),
    ("co carbonmonoxide", _flag_or_number("co_alarm", "co_ppm")),
    ("coalarm carbonmonoxidealarm codetected", bit("co_alarm")),
    (
        "leak leakalarm leakdetected leakstate leakstatus leakage leakagealarm leakagestatus"
        " waterleak waterleakage waterleakagestatus waterleakalarm waterleakdetected waterleakstatus"
        " waterdetected wateralarm flood floodalarm flooddetected floodstatus wet",
        bit("water_leak_alarm"),
    ),
    ("water", _flag_or_number("water_leak_alarm", None)),
    ("waterlevelalarm levelalarm highwater highwateralarm", bit("water_level_alarm")),
    ("electricalalarm arcalarm overcurrentalarm overloadalarm residualcurrentalarm", bit("electrical_alarm")),
    ("sos sosalarm panic panicalarm emergency emergencyalarm", press),
    ("manualalarm callpoint manualcallpoint", bit("manual_alarm")),
    ("alarm alarmstate alarmstatus", _alarm),
    ("temperature temperaturec temp tempc airtemperature ambienttemperature", number("temperature_c")),
    ("gaslel lel lelpercent", number("gas_lel_percent")),
    ("coppm", number("co_ppm")),
    ("waterlevelmm", number("water_level_mm")),
    ("waterlevelcm", number("water_level_mm", 10)),
    ("leakagecurrentma residualcurrentma", number("residual_current_ma")),
    ("battery batt bat", _battery),
    ("batterypercent batterypercentage batterylevel batterylevelinpercentage", number("battery_percent")),
    ("batteryv batteryvolt batteryvoltage batteryvolts batterymv batv vbat volt", volts),
    ("batterylow lowbattery lowbatteryalarm batteryalarm", bit("battery_low")),
    ("tamper tampered tamperalarm tamperdetected tamperstatus boxtamper", bit("tamper")),
    ("fault faultalarm sensorfault malfunction", bit("fault")),
    ("endoflife eol", bit("end_of_life")),
    ("mute muted silenced", bit("muted")),
    ("test testalarm testbutton testbuttonpressed", _testing),
)
FIELDS: Final[Mapping[str, Take]] = {key: take for keys, take in _NAMES for key in keys.split()}
"""By the name in lower case without signs."""
