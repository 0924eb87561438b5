"""ChirpStack v4: what this LoRaWAN network server publishes of its devices, as JSON.

Checked against its event definitions (4.18) and messages recorded from users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Final, TypeAlias

from devices.instant import MINUTE, SECOND, Instant, Micros
from ingest.dialects.fields import take_number
from ingest.lorawan.bodies import model_of
from ingest.lorawan.uplink import NOTES, Uplink, aside, heard, mapping, moment, port, texts
from ingest.message import Decoded, Ignored, Lane, Reason, Rejected
from ingest.registry import Subscription
from ingest.strict_json import NotStrict, parse, shown
from ingest.understood import Understood, measure

NAME: Final = "chirpstack"
Said: TypeAlias = tuple[Decoded, ...] | Rejected | Ignored
Body: TypeAlias = Mapping[str, Any]

_GATEWAYS: Final = 32
_TAGS: Final = 16
_TOGETHER: Final[Micros] = 2 * MINUTE
"""Clocks that are set agree within this; the slowest recorded way from gateway to server took 11 s."""
_EUI: Final = 16


class ChirpStack:
    """A device's address is its DevEUI in lower case.

    `application`: the id of the one application that is ours; None: of every one that the broker shows us.
    """

    name = NAME

    def __init__(self, application: str | None = None) -> None:
        if application is not None and (not application or set(application) & set("/+#\0")):
            raise ValueError(f"application {shown(application)!r}: its id, without / + or #")
        self._application = application

    def subscriptions(self) -> tuple[Subscription, ...]:
        """An alarm is a field of an uplink, so everything rides with the telemetry."""
        return (Subscription(f"application/{self._application or '+'}/device/+/event/+", Lane.TELEMETRY),)

    def claims(self, topic: str) -> bool:
        return self._device(topic) is not None

    def decode(self, topic: str, payload: bytes, retain: bool) -> Said:
        found = self._device(topic)
        if found is None:
            return Rejected(Reason.TOPIC_MISMATCH, f"{shown(topic)!r} is no event of our devices", NAME)
        address, kind = found
        take = _EVENTS.get(kind)
        if take is None or not payload:
            return Ignored(
                f"the network server's {shown(kind)}" if payload else "a retained message was taken away"
            )
        body = _strict(address, payload)
        if isinstance(body, Rejected):
            return body
        if not isinstance(body, dict):
            return Rejected(Reason.WRONG_TYPE, "an event is a JSON object", NAME, address)
        eui = mapping(body.get("deviceInfo")).get("devEui")
        if isinstance(eui, str) and len(eui) == _EUI and eui.lower() != address:
            detail = f"the message is of {shown(eui)}, its topic of {shown(address)}: which one is it?"
            return Rejected(Reason.TOPIC_MISMATCH, detail, NAME, address)
        return take(address, body)

    def _device(self, topic: str) -> tuple[str, str] | None:
        """The address, and which event."""
        parts = topic.split("/")
        if len(parts) != 6 or (parts[0], parts[2], parts[4]) != ("application", "device", "event"):
            return None
        if self._application not in (None, parts[1]) or not parts[3]:
            return None
        return parts[3].lower(), parts[5]


def _strict(address: str, payload: bytes) -> Any:
    """The JSON, or Rejected."""
    try:
        return parse(payload)
    except NotStrict as odd:
        hint = (
            "" if payload[:1] == b"{" else "; if the server writes protobuf, set its MQTT integration to JSON"
        )
        return Rejected(odd.reason, odd.detail + hint, NAME, address)


# Events -----------------------------------------------------------------------------------------------------


def _up(address: str, body: Body) -> Said:
    at, notes = _time(body)
    up = Uplink(
        NAME,
        address,
        _model(mapping(body.get("deviceInfo"))),
        port(body.get("fPort")),
        body.get("data"),
        body.get("object"),
        at,
        _id("up", body),
        notes,
    )
    return heard(up)


def _status(address: str, body: Body) -> Said:
    """The device's answer to the network. LoRaWAN knows no battery of 0 %: that is missing, or not told."""
    said = Understood()
    if body.get("externalPowerSource") is True:
        said.notes.append("on external power")
    elif body.get("batteryLevelUnavailable") is True or "batteryLevel" not in body:
        said.number("battery_percent", None)
    else:
        take_number(said, "battery_percent", "batteryLevel", body["batteryLevel"])
    margin = measure(body.get("margin", 0))
    if margin is not None:
        said.notes.append(f"radio margin {shown(margin)} dB")
    return (_heard("status", address, body, said),)


def _join(address: str, body: Body) -> Said:
    said = Understood(notes=["joined the network: it was switched on or started anew"])
    return (_heard("join", address, body, said),)


def _log(address: str, body: Body) -> Said:
    """No word of the device: a frame in its name that was not believed, or a command that did not go out.

    Frames with a wrong signature are no sign of life either, for anybody can send them.
    """
    code = body.get("code")
    meaning = _CODES.get(code) if isinstance(code, str) else None
    if meaning is None:
        return Ignored(f"the network server's log line {shown(code)}")
    note = f"{code}: {meaning} ({shown(body.get('description'))})"
    return aside(NAME, address, note, moment(body.get("time")))


def _ack(address: str, body: Body) -> Said:
    """A device that acknowledges does so in a frame that is told of for itself."""
    if body.get("acknowledged") is True:
        return Ignored("a command was acknowledged")
    return aside(NAME, address, "a command was not acknowledged by it", moment(body.get("time")))


_FAILED: Final = "a command to it failed"
_CODES: Final[Mapping[str, str]] = {
    "UPLINK_MIC": "a frame in its name has a wrong signature: its keys are wrong, or it is somebody else",
    "UPLINK_F_CNT_RESET": "its frame counter went back: it was started anew, or somebody replays its frames",
    "UPLINK_F_CNT_RETRANSMISSION": "a frame of it came again",
    "UPLINK_CODEC": "the network server's decoder failed",
    "OTAA": "it could not join the network",
    "DOWNLINK_PAYLOAD_SIZE": _FAILED,
    "DOWNLINK_CODEC": _FAILED,
    "DOWNLINK_GATEWAY": _FAILED,
    "F_CNT_DOWN": _FAILED,
    "EXPIRED": _FAILED,
}
_EVENTS: Final[Mapping[str, Callable[[str, Body], Said]]] = {
    "up": _up,
    "status": _status,
    "join": _join,
    "log": _log,
    "ack": _ack,
}


def _heard(kind: str, address: str, body: Body, said: Understood) -> Decoded:
    at, notes = _time(body)
    return Decoded(
        NAME,
        address,
        said.points(),
        notes=(*said.notes, *notes)[:NOTES],
        network_at=at,
        message_id=_id(kind, body),
    )


def _id(kind: str, body: Body) -> str | None:
    """With its kind: one frame gives an uplink, a status and a join of the same id."""
    named = body.get("deduplicationId")
    return f"{kind}/{named}" if isinstance(named, str) and named else None


def _model(info: Mapping[str, Any]) -> str | None:
    """By the profile and the tags; by the device's own name only where those tell none."""
    named = texts(info.get("deviceProfileName"), *islice(mapping(info.get("tags")).values(), _TAGS))
    return model_of(named) or model_of((*named, *texts(info.get("deviceName"))))


# Time -------------------------------------------------------------------------------------------------------


def _time(body: Body) -> tuple[Instant | None, tuple[str, ...]]:
    """When the frame came in: `time`, unless more of the gateways' and servers' clocks agree on another.

    `time` is the clock of one gateway, copied: no second witness for it, and `nsTime` is the one clock of the
    server beside every gateway. Where one stands against one, `time` is taken: admission compares it with the
    time of receipt.
    """
    text, infos = body.get("time"), body.get("rxInfo")
    said = moment(text)
    gateways = [mapping(one) for one in islice(infos if isinstance(infos, list) else (), _GATEWAYS)]
    received = [said if at == text else moment(at) for one in gateways if (at := one.get("gwTime"))]
    handed_on = next((at for one in gateways if (at := moment(one.get("nsTime"))) is not None), None)
    clocks = [at for at in dict.fromkeys((said, *received, handed_on)) if at is not None]
    if not clocks:
        return None, ()
    off = max(clocks) - min(clocks)
    if off <= _TOGETHER:
        return clocks[0], ()
    best = max(clocks, key=lambda at: _agreeing(at, clocks))
    return best, (f"the clocks of gateways and server are up to {off // SECOND} s apart: set them",)


def _agreeing(at: Instant, clocks: Iterable[Instant]) -> int:
    return sum(abs(at - other) <= _TOGETHER for other in clocks)
