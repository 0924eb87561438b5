"""The outsider that publishes: an open loop of QoS 1 messages over a raw socket, in a process of its own.

Every message leaves at its planned instant whether or not earlier ones were acknowledged, so a slow receiver
cannot slow the load that it is measured by. Stops by itself after the given time.
"""

from __future__ import annotations

import argparse
import json
import socket
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime

STEP_S = 0.005


def main() -> None:
    parse = argparse.ArgumentParser()
    for name in ("port", "rate", "seconds", "devices", "alarms", "first"):
        parse.add_argument(f"--{name}", type=int, required=True)
    asked = parse.parse_args()
    link = Link(asked.port)
    sent = play(link, asked)
    time.sleep(0.5)
    print(json.dumps({"alarms": sent, "published": link.published, "acknowledged": link.acknowledged}))


def play(link: Link, asked: argparse.Namespace) -> dict[str, int]:
    """Publish; returns when each alarm left, in ns of the system's clock."""
    began, sent, alarms = time.monotonic(), {}, 0
    for step in range(int(asked.seconds / STEP_S)):
        due = began + step * STEP_S
        time.sleep(max(0.0, due - time.monotonic()))
        upto = int((step + 1) * STEP_S * asked.rate)
        while link.telemetry < upto:
            link.reading(link.telemetry % asked.devices)
        link.flush()
        if alarms < (step + 1) * STEP_S * asked.alarms:
            device = f"smoke-{asked.first + alarms}"
            sent[device] = time.time_ns()
            link.alarm(device)
            alarms += 1
    return sent


class Link:
    """One MQTT 3.1.1 connection that only publishes and counts PUBACKs."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        name = b"bench-load"
        body = b"\x00\x04MQTT\x04\x02\x00\x00" + len(name).to_bytes(2) + name
        self._socket.sendall(b"\x10" + bytes([len(body)]) + body)
        assert self._socket.recv(4)[3] == 0, "the broker refused the load"
        self._out = bytearray()
        self._id = 0
        self.telemetry = self.published = self.acknowledged = 0
        threading.Thread(target=self._count, daemon=True).start()

    def reading(self, number: int) -> None:
        """One telemetry message of about 240 bytes."""
        self.telemetry += 1
        values = {
            "temperature_c": 21.0 + self.telemetry % 7 / 10,
            "battery_percent": 97,
            "battery_mv": 3012,
            "link_quality": 112,
            "tamper": False,
            "fault": False,
        }
        self._put(f"anmin/bench/heat-{number}/reading", _body(self.telemetry, values))

    def alarm(self, device: str) -> None:
        """One event of a smoke detector, sent at once."""
        self._put(f"anmin/bench/{device}/event", _body(1, {"smoke_alarm": True}, id=f"{device}-1"))
        self.flush()

    def flush(self) -> None:
        self._socket.sendall(self._out)
        self._out.clear()

    def _put(self, topic: str, payload: bytes) -> None:
        self._id = self._id % 65535 + 1
        self.published += 1
        name = topic.encode()
        rest = len(name).to_bytes(2) + name + self._id.to_bytes(2) + payload
        self._out += b"\x32" + _length(len(rest)) + rest

    def _count(self) -> None:
        while data := self._socket.recv(65536):
            self.acknowledged += len(data) // 4  # a PUBACK is four bytes, and nothing else comes


def _length(number: int) -> bytes:
    """MQTT's variable length."""
    out = bytearray()
    while True:
        number, digit = divmod(number, 128)
        out.append(digit | (128 if number else 0))
        if not number:
            return bytes(out)


def _body(sequence: int, values: Mapping[str, object], **more: str) -> bytes:
    at = datetime.fromtimestamp(time.time(), UTC).isoformat(timespec="milliseconds")
    head = {"v": 1, "boot": 1, "seq": sequence, "at": at.replace("+00:00", "Z"), **more}
    return json.dumps({**head, "values": values}, separators=(",", ":")).encode()


if __name__ == "__main__":
    main()
