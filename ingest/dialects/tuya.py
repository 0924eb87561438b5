"""Tuya: what its message service tells of devices in its cloud, decrypted by whoever receives it there.

Standard codes of detectors (smoke, gas, CO, water, SOS), in the messages of both of its protocols or as the
bare set of statuses. docs/reference/dialects/tuya.md says what is read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from devices.instant import Instant
from ingest.device_time import device_time
from ingest.dialects.cn_envelope import (
    Body,
    Part,
    Said,
    Topics,
    decoded,
    gathered,
    mapping,
    name_of,
    named,
    nameless,
    opened,
    platform_time,
    presence,
)
from ingest.dialects.cn_fields import (
    NO_MEANINGS,
    Fields,
    Meaning,
    Take,
    bit,
    called,
    faults,
    number,
    warming,
    words,
)
from ingest.message import Ignored, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import shown
from ingest.understood import Understood

NAME: Final = "tuya"
_PRESENCE: Final = {"online": True, "deviceOnline": True, "offline": False, "deviceOffline": False}


def _sensor(quantity: str) -> Take:
    """`alarm` and `normal`; older products write 1 for the alarm and 2 for its end."""
    return words(quantity, ("alarm", "1", "true"), ("normal", "0", "2", "false"))


def _checked(said: Understood, name: str, value: object) -> None:
    """A self-test that failed is a fault; one that is under way says nothing yet."""
    if value in ("check_success", "check_failure"):
        said.bit("fault", float(value == "check_failure"))


CODES: Final[Mapping[str, Take]] = {
    "smoke_sensor_status": _sensor("smoke_alarm"),
    "smoke_sensor_state": _sensor("smoke_alarm"),
    "gas_sensor_status": _sensor("gas_alarm"),
    "gas_sensor_state": _sensor("gas_alarm"),
    "ch4_sensor_state": _sensor("gas_alarm"),
    "co_status": _sensor("co_alarm"),
    "co_state": _sensor("co_alarm"),
    "watersensor_state": _sensor("water_leak_alarm"),
    "sos_state": called,
    "battery_percentage": number("battery_percent"),
    "va_battery": number("battery_percent"),
    "battery_state": words("battery_low", ("low",), ("middle", "high")),
    "temper_alarm": bit("tamper"),  # the official misspelling
    "tamper_alarm": bit("tamper"),
    "preheat": warming,
    "muffling": bit("muted"),
    "checking_result": _checked,
    "fault": faults,
}


class Tuya:
    """A device's address is its `devId`; a bare set of statuses has it in its topic: `push/tuya/<device>`.

    `topics`: MQTT topics on which the same is said. `fields`: what codes of a site's own products mean.
    """

    name = NAME

    def __init__(self, topics: Sequence[str] = (), fields: Mapping[str, Meaning] = NO_MEANINGS) -> None:
        self._topics = Topics(NAME, topics)
        self._fields = Fields(CODES, fields)

    def subscriptions(self) -> tuple[Subscription, ...]:
        return self._topics.subscriptions()

    def claims(self, topic: str) -> bool:
        return self._topics.claims(topic)

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        if not self.claims(topic):
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is no message of Tuya", NAME)
        if not payload:
            return Ignored("an empty message")
        body = opened(payload, NAME, self._topics.device(topic) or "")
        if isinstance(body, Rejected):
            return body
        return gathered(self._parts(body, self._topics.device(topic) or ""))

    def _parts(self, body: Body, device: str) -> Sequence[Part]:
        data = mapping(body.get("bizData"))
        address = name_of(body.get("devId")) or name_of(data.get("devId")) or name_of(device)
        if not address:
            return [nameless(NAME, "devId")]
        kind, again = body.get("bizCode"), body.get("dataId", data.get("dataId"))
        given = next((one for one in (body.get("status"), data.get("properties")) if one is not None), None)
        network_at = platform_time(body.get("ts"))
        if isinstance(given, list):
            return self._statuses(address, given, network_at, again)
        if isinstance(kind, str) and kind in _PRESENCE:
            at = network_at or platform_time(data.get("time"))
            return [presence(NAME, address, _PRESENCE[kind], at, named(kind, at) if at else None)]
        if kind is not None:
            return [Ignored(f"{shown(kind)}: nothing that a device says")]
        values = given if isinstance(given, dict) else body
        if given is not None and values is body:
            return [Rejected(Reason.WRONG_TYPE, "status: a list or an object is needed", NAME, address)]
        return [self._said(address, values, None, network_at, name_of(again) or None)]

    def _statuses(
        self, address: str, given: list[Any], network_at: Instant | None, again: object
    ) -> Sequence[Part]:
        """`[{"code": …, "value": …, "t": ms}]`, a part for each time; the second protocol calls it `time`."""
        groups: dict[Instant | None, dict[str, Any]] = {}
        for one in given:
            if not isinstance(one, dict) or not isinstance(one.get("code"), str):
                detail = "status: a list of objects with `code` and `value` is needed"
                return [Rejected(Reason.WRONG_TYPE, detail, NAME, address)]
            groups.setdefault(device_time(one.get("t", one.get("time"))), {})[one["code"]] = one.get("value")
        name = name_of(again)
        if not name and all(groups):
            name = named("times", *groups, *groups.values())
        return [self._said(address, group, at, network_at, name or None) for at, group in groups.items()]

    def _said(
        self, address: str, values: Body, at: Instant | None, network_at: Instant | None, again: str | None
    ) -> Part:
        said = Understood()
        if not self._fields.read(said, values):
            said.notes.append("no code in it that we read")
        return decoded(NAME, address, said, network_at, again, at)
