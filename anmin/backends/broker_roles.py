"""Who may say what to whom on our own broker, and what a running broker offers, whichever it is."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Protocol

SERVICE = "anmin"
DEVICES = "devices"

DEVICES_WRITE = tuple(f"anmin/+/+/{leaf}" for leaf in ("reading", "event", "status", "result"))
DEVICES_READ = ("anmin/+/+/ack", "anmin/+/+/command")
FOREIGN_TOPICS = ("zigbee2mqtt/#",)
"""What a gateway of a foreign dialect reads and writes, unless told otherwise."""


class Credential:
    """A name and a password that does not show up in logs and tracebacks."""

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self.password = password

    def __repr__(self) -> str:
        return f"Credential({self.username!r}, ...)"


@dataclass(frozen=True, slots=True)
class Roles:
    """The two users of a private broker: the service may everything, devices speak on their own topics."""

    service: Credential
    devices: Credential
    foreign_topics: tuple[str, ...] = FOREIGN_TOPICS

    def may(self, username: str | None, *, write: bool) -> tuple[str, ...]:
        """The topic filters this user may write to, or read from."""
        if username == self.service.username:
            return ("#",)
        if username == self.devices.username:
            return (*(DEVICES_WRITE if write else DEVICES_READ), *self.foreign_topics)
        return ()


class RunningBroker(Protocol):
    """A broker of our own on loopback. `grade` and the notes are for every page that a person sees."""

    host: str
    port: int
    roles: Roles
    grade: Literal["mosquitto", "embedded"]
    note_zh: str
    note_en: str

    @property
    def pid(self) -> int | None:
        """Its process, None when it runs inside ours or is being restarted."""

    @property
    def restarts(self) -> int:
        """How often it died and was started again."""

    async def stop(self) -> None: ...


class BrokerFailed(RuntimeError):
    """Our own broker cannot run, or cannot keep what it was given."""

    def __init__(self, what: str, log: Path | None = None) -> None:
        super().__init__(what, log)
        self.what = what
        self.log = log

    def __str__(self) -> str:
        return f"private MQTT broker: {self.what}" + (f"; see {self.log}" if self.log else "")


def keep_roles(folder: Path, foreign_topics: Sequence[str]) -> Roles:
    """The passwords of this data folder, made at its first start, so that gateways keep theirs."""
    path = folder / "credentials.json"
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text("utf-8"))
    else:
        kept = {SERVICE: secrets.token_urlsafe(24), DEVICES: secrets.token_urlsafe(24)}
        write_private(path, json.dumps(kept, indent=1) + "\n")
    return Roles(
        Credential(SERVICE, kept[SERVICE]), Credential(DEVICES, kept[DEVICES]), tuple(foreign_topics)
    )


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all."""
    draft = path.with_name(path.name + ".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
