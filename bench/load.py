"""The outsider that publishes: an open loop of QoS 1 messages over raw sockets, in a process of its own.

Every message has a planned instant and leaves then, whether or not earlier ones were acknowledged; latency is
counted from the plan, so that a slow receiver cannot hide by slowing the load that it is measured by. Alarms
have a connection of their own, as no detector stands behind the telemetry of others. Stops by itself.
"""

from __future__ import annotations

import argparse
import json
import random
import socket
import threading
import time
from datetime import UTC, datetime

STEP_NS = 1_000_000
START_IN_S = 0.2
LAST_WORDS_S = 5.0
FIRST_SEQUENCE = 1_000_000_000  # ten digits from the first to the last, so that every packet has one length
VALUES = {
    "temperature_c": 21.0,
    "heat_alarm": False,
    "smoke_obscuration_db_per_m": 0.02,
    "battery_percent": 97,
    "battery_mv": 3012,
    "link_quality": 112,
    "battery_low": False,
    "tamper": False,
    "fault": False,
}


def main() -> None:
    parse = argparse.ArgumentParser()
    for name in ("port", "rate", "seconds", "devices", "alarms"):
        parse.add_argument(f"--{name}", type=int, required=True)
    asked = parse.parse_args()
    telemetry, alarms = Link(asked.port, b"bench-telemetry"), Link(asked.port, b"bench-alarms")
    said = play(telemetry, alarms, asked)
    said["ended_at"] = time.time_ns()
    _wait_acknowledged(telemetry, alarms)
    said["acknowledged"] = telemetry.acknowledged + alarms.acknowledged
    print(json.dumps(said))


def play(telemetry: Link, alarms: Link, asked: argparse.Namespace) -> dict[str, object]:
    """Publish; when each alarm was due (ns of the system's clock), how late steps were (ms), how many."""
    devices = [Packet(f"heat-{number}") for number in range(asked.devices)]
    due = _alarm_steps(asked.seconds, asked.alarms)
    planned: dict[str, int] = {}
    late: list[float] = []
    number, began = 0, time.time_ns() + int(START_IN_S * 1e9)
    for step in range(asked.seconds * 1000):
        at = began + step * STEP_NS
        if (ahead := at - time.time_ns()) > 0:
            time.sleep(ahead / 1e9)
        late.append((time.time_ns() - at) / 1e6)
        while due and due[-1] <= step:
            due.pop()
            device = f"smoke-{len(planned)}"
            planned[device] = at
            alarms.send(event(device, at))
        upto = (step + 1) * asked.rate // 1000
        stamp = rfc3339(at)
        telemetry.send(
            *(
                devices[n % asked.devices].encoded(n % 65535 + 1, FIRST_SEQUENCE + n, stamp)
                for n in range(number, upto)
            )
        )
        number = upto
    late.sort()
    published = number + len(planned)
    return {"alarms": planned, "published": published, "late_p99_ms": late[int(len(late) * 0.99)]}


def _alarm_steps(seconds: int, per_second: int) -> list[int]:
    """One alarm in each slot, at a random step of it (the same in every run), the last one first."""
    if not per_second:
        return []
    slot, chance = 1000 // per_second, random.Random(7)
    return [n * slot + chance.randrange(slot) for n in reversed(range(seconds * per_second))]


class Packet:
    """A device's PUBLISH with holes for packet id, sequence and time: encoding must cost next to nothing."""

    def __init__(self, device: str) -> None:
        topic = f"anmin/bench/{device}/reading".encode()
        values = json.dumps(VALUES, separators=(",", ":")).encode()
        self._head = topic_field(topic)
        before, after = values.split(b"21.0", 1)
        self._tails = [b',"values":%s21.%d%s}' % (before, tenth, after) for tenth in range(10)]
        body = self._body(FIRST_SEQUENCE, rfc3339(0))
        self.size = len(body)
        self._head = b"\x32" + length(len(self._head) + 2 + len(body)) + self._head

    def encoded(self, packet_id: int, sequence: int, at: bytes) -> bytes:
        return self._head + packet_id.to_bytes(2, "big") + self._body(sequence, at)

    def _body(self, sequence: int, at: bytes) -> bytes:
        return b'{"v":1,"boot":1,"seq":%d,"at":"%s"%s' % (sequence, at, self._tails[sequence % 7])


class Link:
    """One MQTT 3.1.1 connection that only publishes and counts PUBACKs."""

    def __init__(self, port: int, name: bytes) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + topic_field(name)
        self._socket.sendall(b"\x10" + bytes([len(body)]) + body)
        assert self._socket.recv(4)[3] == 0, "the broker refused the load"
        self.sent = self.acknowledged = 0
        threading.Thread(target=self._count, daemon=True).start()

    def send(self, *packets: bytes) -> None:
        self.sent += len(packets)
        if packets:
            self._socket.sendall(b"".join(packets))

    def _count(self) -> None:
        taken = 0
        while data := self._socket.recv(65536):
            taken += len(data)
            self.acknowledged = taken // 4  # a PUBACK is four bytes, and nothing else comes


def event(device: str, at: int) -> bytes:
    """The PUBLISH by which a smoke detector says that there is smoke."""
    body = (
        b'{"v":1,"boot":1,"seq":1,"at":"%s","id":"%s-1",'
        b'"values":{"smoke_alarm":true,"smoke_obscuration_db_per_m":0.31,"battery_percent":97}}'
        % (rfc3339(at), device.encode())
    )
    head = topic_field(f"anmin/bench/{device}/event".encode()) + b"\x00\x01"
    return b"\x32" + length(len(head) + len(body)) + head + body


def rfc3339(at: int) -> bytes:
    text = datetime.fromtimestamp(at / 1e9, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z").encode()


def topic_field(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


def length(number: int) -> bytes:
    """MQTT's variable length."""
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (128 if number else 0))
        if not number:
            return bytes(out)


def _wait_acknowledged(*links: Link) -> None:
    end = time.monotonic() + LAST_WORDS_S
    while any(link.acknowledged < link.sent for link in links) and time.monotonic() < end:
        time.sleep(0.01)


if __name__ == "__main__":
    main()
