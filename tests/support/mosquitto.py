"""A mosquitto for one test: private folder, free port, may be killed, frozen and started again."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.support.services import need

HOST = "127.0.0.1"
_READY_WITHIN_S = 5.0


def mosquitto() -> str:
    """Its path; skips (or fails, where the run demands services) when there is none."""
    return str(need("mosquitto"))


def free_port() -> int:
    """Free for TCP and UDP, and below those that the kernel gives to outgoing connections meanwhile."""
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        try:
            with socket.socket() as stream, socket.socket(type=socket.SOCK_DGRAM) as datagrams:
                stream.bind((HOST, port))
                datagrams.bind((HOST, port))
        except OSError:
            continue
        return port


class Mosquitto:
    """One broker over several lives; data and port stay."""

    def __init__(self, folder: Path, extra: Sequence[str] = ()) -> None:
        self.host = HOST
        self.port = free_port()
        self._folder = folder
        self._path = mosquitto()
        self._process: subprocess.Popen[bytes] | None = None
        lines = [
            f"listener {self.port} {HOST}",
            "persistence true",
            f"persistence_location {folder}/",
            "autosave_interval 1",
            "max_queued_messages 0",
            "max_inflight_messages 0",
            "set_tcp_nodelay true",
            f"log_dest file {folder}/log",
        ]
        if os.geteuid() == 0:
            lines.append("user root")
        if not any(line.startswith("allow_anonymous") for line in extra):
            lines.append("allow_anonymous true")
        (folder / "conf").write_text("\n".join([*lines, *extra]) + "\n")

    def start(self) -> None:
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [self._path, "-c", str(self._folder / "conf")], stdout=out, stderr=out
            )
        end = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < end and self._process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((HOST, self.port)) == 0:
                    return
            time.sleep(0.02)
        raise AssertionError((self._folder / "log").read_text() + (self._folder / "out").read_text())

    def save(self) -> None:
        """Have it write its store, and wait until it did."""
        store = self._folder / "mosquitto.db"
        before = store.stat().st_mtime_ns if store.exists() else 0
        self._signal(signal.SIGUSR1)
        end = time.monotonic() + _READY_WITHIN_S
        while time.monotonic() < end:
            if store.exists() and store.stat().st_mtime_ns != before:
                return
            time.sleep(0.01)
        raise AssertionError("mosquitto wrote no store")

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """As a crash would."""
        self._signal(signal.SIGKILL)
        assert self._process is not None
        self._process.wait()

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self.thaw()
            self.kill()

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)


@contextmanager
def running(folder: Path, *extra: str) -> Iterator[Mosquitto]:
    """A started broker; `extra` are lines of its configuration."""
    broker = Mosquitto(folder, extra)
    broker.start()
    try:
        yield broker
    finally:
        broker.stop()
