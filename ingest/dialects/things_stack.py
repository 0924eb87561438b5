"""The Things Stack v3 (also The Things Network): what this LoRaWAN network server publishes of its devices.

Checked against its message definitions and messages recorded from users. Fields that are empty, 0 or false
are left out, so a missing one is that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, TypeAlias

from devices.instant import Instant
from devices.quantity import QUANTITIES
from ingest.lorawan.bodies import model_of
from ingest.lorawan.uplink import Uplink, aside, heard, mapping, moment, port, texts
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import NotStrict, parse, shown
from ingest.understood import measure

NAME: Final = "things_stack"
Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored
Body: TypeAlias = Mapping[str, Any]

_EUI: Final = 16
_HEX: Final = frozenset("0123456789abcdef")
_OF_EUI: Final = "eui-"
"""Before the EUI in the id that the console proposes for a device."""


class _Place(NamedTuple):
    """What a topic tells. `application` is `<application>@<tenant>`; a server of one's own has no tenants."""

    application: str
    device: str
    leaf: str


class ThingsStack:
    """A device's address is its DevEUI in lower case: its own, wherever it is registered.

    Where a message gives none it is `<application>@<tenant>/<device id>`, as in the topic.
    """

    name = NAME

    def subscriptions(self) -> tuple[Subscription, ...]:
        """An alarm is a field of an uplink, so everything rides with the telemetry."""
        return tuple(Subscription(f"v3/+/devices/+/{leaf}", Lane.TELEMETRY) for leaf in _LEAVES)

    def claims(self, topic: str) -> bool:
        return _place(topic) is not None

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        place = _place(topic)
        if place is None:
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is no message of a device", NAME)
        if place.leaf not in _LEAVES or not payload:
            return Ignored(f"the network server's {shown(place.leaf)}" if payload else "an empty message")
        try:
            body = _unwrapped(parse(payload))
        except NotStrict as odd:
            return Rejected(odd.reason, odd.detail, NAME, _address(place, {}))
        if not isinstance(body, dict):
            return Rejected(Reason.WRONG_TYPE, "a message is a JSON object", NAME, _address(place, {}))
        address = _address(place, mapping(body.get("end_device_ids")))
        for key, take in _KINDS.items():
            if isinstance(body.get(key), dict):
                return take(place, address, body)
        detail = f"none of {', '.join(_KINDS)} is an object in it; was a field mask set?"
        return Rejected(Reason.WRONG_TYPE, detail, NAME, address)


def _place(topic: str) -> _Place | None:
    parts = topic.split("/", 4)
    if len(parts) != 5 or (parts[0], parts[2]) != ("v3", "devices") or not (parts[1] and parts[3]):
        return None
    return _Place(parts[1], parts[3], parts[4])


def _unwrapped(body: Any) -> Any:
    """People paste events of the console, which hold the message under `data`."""
    inner = body.get("data") if isinstance(body, dict) else None
    return inner if isinstance(inner, dict) and "end_device_ids" in inner else body


def _address(place: _Place, ids: Mapping[str, Any]) -> str:
    """Messages of the application server itself (a command that failed) give no EUI: its usual id has it."""
    named = place.device.lower()
    for eui in (ids.get("dev_eui"), named.removeprefix(_OF_EUI) if named.startswith(_OF_EUI) else None):
        if isinstance(eui, str) and _is_eui(eui.lower()):
            return eui.lower()
    return f"{place.application}/{place.device}"


def _is_eui(text: str) -> bool:
    """All zeros stand for a device without one."""
    return len(text) == _EUI and _HEX.issuperset(text) and text.strip("0") != ""


# Messages ---------------------------------------------------------------------------------------------------


def _up(place: _Place, address: str, body: Body) -> Said:
    up = body["uplink_message"]
    simulated = body.get("simulated") is True
    return heard(
        Uplink(
            NAME,
            address,
            _model(mapping(up.get("version_ids")), place.device),
            port(up.get("f_port")),
            up.get("frm_payload"),
            _decoded(up),
            _received(body, up),
            _id(body, up),
            ("simulated by hand: it does not come from the device",) if simulated else (),
            simulated,
            _battery(mapping(up.get("last_battery_percentage"))),
        )
    )


def _join(place: _Place, address: str, body: Body) -> Said:
    join = body["join_accept"]
    note = "joined the network: it was switched on or started anew"
    key = join.get("session_key_id")
    named = f"join/{key}" if isinstance(key, str) and key else None
    return (Decoded(NAME, address, notes=(note,), network_at=_received(body, join), message_id=named),)


def _failed(place: _Place, address: str, body: Body) -> Said:
    error = mapping(body["downlink_failed"].get("error"))
    why = shown(error.get("message_format") or error.get("name"))
    return aside(NAME, address, f"a command to it failed: {why}", _received(body, {}))


def _nack(place: _Place, address: str, body: Body) -> Said:
    return aside(NAME, address, "a command was not acknowledged by it", _received(body, {}))


_LEAVES: Final = ("up", "join", "down/failed", "down/nack")
_KINDS: Final[Mapping[str, Callable[[_Place, str, Body], Said]]] = {
    "uplink_message": _up,
    "join_accept": _join,
    "downlink_failed": _failed,
    "downlink_nack": _nack,
}

# Fields -----------------------------------------------------------------------------------------------------


def _received(body: Body, inner: Mapping[str, Any]) -> Instant | None:
    """By the network server, within; the application server's comes a little later."""
    return moment(inner.get("received_at")) or moment(body.get("received_at"))


def _id(body: Body, up: Mapping[str, Any]) -> str | None:
    """The same again only if the network server received it at the same time.

    The counter alone is no name: a device without a session of its own starts it anew at 0 when its battery
    is changed, and its alarm would pass for the repetition of an earlier frame.
    """
    at = up.get("received_at", body.get("received_at"))
    if not isinstance(at, str) or not at:
        return None
    session = up.get("session_key_id") or mapping(body.get("end_device_ids")).get("dev_addr")
    return f"{session}/{up.get('f_cnt', 0)}/{up.get('f_port', 0)}/{at}"


def _model(versions: Mapping[str, Any], device: str) -> str | None:
    """By what was chosen from the device repository; by the device's id only where that tells none."""
    named = texts(versions.get("brand_id"), versions.get("model_id"))
    return model_of(named) or model_of((*named, device))


def _decoded(up: Mapping[str, Any]) -> object:
    """What a payload formatter made, with its form of fixed names beside it."""
    made, normal = up.get("decoded_payload"), up.get("normalized_payload")
    if isinstance(normal, (dict, list)) and normal:
        return {**mapping(made), "normalized_payload": normal}
    return made


def _battery(said: Mapping[str, Any]) -> float | None:
    """What the device last told the network of it."""
    read = measure(said.get("value"))
    return float(read) if read is not None and QUANTITIES["battery_percent"].plausible(read) else None
