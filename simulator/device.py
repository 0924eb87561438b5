"""The reference device: how a device or gateway speaks the native dialect over MQTT, to be read and copied.

Topics `anmin/<community>/<device>/...`, JSON, QoS 1. From the device: `reading`, `event`, `status`, `result`.
To the device: `ack`, `command`. The four rules that matter:

1. A boot number that grows with every start, and a sequence that grows with every message, order everything.
2. An event is sent again and again, byte for byte the same, until its id comes back on `ack`. The broker's
   PUBACK is not enough: it says that the broker has it, not that anybody keeps it.
3. A command is done once per id. A repeated id gets the same result again; an expired one is refused.
4. The last will says offline for a device that falls silent without a word.

A real device keeps an unacknowledged event in flash; this one keeps it in memory.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import random
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import aiomqtt

from devices.instant import Instant, parse_rfc3339, rfc3339

Values = Mapping[str, float | bool | None]
Jitter = Callable[[float], float]
"""A random wait of at most so many seconds."""

_AT_ONCE = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Else the result of a command waits 40 ms behind the PUBACK of that command (Nagle and a delayed ACK)."""
_RESULTS_KEPT = 256
_RECONNECT_LONGEST_S = 10.0


class Answer(NamedTuple):
    """What the service said of an event: taken, or refused with its reason. `sent` counts our attempts."""

    ok: bool
    reason: str
    sent: int


class Command(NamedTuple):
    """What the service asks of us; `body` is the whole message."""

    id: str
    action: str
    body: dict[str, Any]


class CommandFailed(Exception):
    """Raised by what acts when it could not; the text goes back as the result's detail."""


Act = Callable[[Command], Awaitable[str]]
"""Does what a command says, and returns the detail for its result."""


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    host: str
    port: int
    username: str | None = None
    password: str | None = None


def next_boot(folder: Path, device_id: str) -> int:
    """This start's boot number: one more than the last, on disk before it is used."""
    path = folder / f"{device_id}.boot"
    boot = int(path.read_text("utf-8")) + 1 if path.exists() else 1
    draft = path.with_suffix(".new")
    with draft.open("w", encoding="utf-8") as file:
        file.write(str(boot))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    return boot


async def no_commands(command: Command) -> str:
    """For a device that can do nothing but report."""
    raise CommandFailed(f"unknown action {command.action!r}")


def full_jitter(longest_s: float) -> float:
    return random.uniform(0.0, longest_s)  # noqa: S311 spreads retries, guards nothing


class ReferenceDevice:
    """One device. It speaks through the connection that carries it, its own or a gateway's.

    `now` tells the time; `jitter` picks the wait before an event is sent again: up to 1 s, 2 s, 4 s, ... and
    at most `longest_s`, after `patience_s` for the answer.
    """

    def __init__(
        self,
        community: str,
        device_id: str,
        *,
        boot: int,
        now: Callable[[], Instant],
        act: Act = no_commands,
        jitter: Jitter = full_jitter,
        patience_s: float = 1.0,
        longest_s: float = 30.0,
    ) -> None:
        self.id = device_id
        self.boot = boot
        self.sequence = 0
        self._topic = f"anmin/{community}/{device_id}"
        self._now = now
        self._act = act
        self._jitter = jitter
        self._patience_s = patience_s
        self._longest_s = longest_s
        self._link: Connection | None = None
        self._awaiting: dict[str, asyncio.Future[tuple[bool, str]]] = {}
        self._results: OrderedDict[str, asyncio.Task[bytes]] = OrderedDict()

    # --- what it says ---

    async def reading(self, values: Values) -> bool:
        """Say what is measured. Not kept: False when the broker could not be told."""
        return await self._send("reading", self._measured(values))

    async def event(self, values: Values) -> Answer:
        """Say that something happened, until the service answers. Cancel to give up."""
        event_id = f"{self.id}-{self.boot}-{self.sequence + 1}"
        payload = self._measured(values, id=event_id)
        answer: asyncio.Future[tuple[bool, str]] = asyncio.get_running_loop().create_future()
        self._awaiting[event_id] = answer
        sent = 0
        try:
            while True:
                sent += await self._send("event", payload)
                wait_s = self._patience_s + self._jitter(
                    min(self._longest_s, 2.0 ** min(max(sent - 1, 0), 10))
                )
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        ok, reason = await asyncio.shield(answer)
                        return Answer(ok, reason, sent)
        finally:
            self._awaiting.pop(event_id, None)

    async def status(self, online: bool) -> bool:
        """Say that we are here, or going; the broker remembers it for those who come later."""
        return await self._send("status", self._presence(online), retain=True)

    def last_will(self) -> aiomqtt.Will:
        """What the broker says for us when we fall silent."""
        return aiomqtt.Will(f"{self._topic}/status", self._presence(False), qos=1, retain=True)

    # --- what it hears ---

    @property
    def hears(self) -> tuple[str, str]:
        return f"{self._topic}/ack", f"{self._topic}/command"

    def carried_by(self, link: Connection) -> None:
        self._link = link

    async def hear(self, topic: str, payload: bytes) -> None:
        """Take one message for us; what is not understood is passed over."""
        try:
            body = json.loads(payload)
            if not isinstance(body, dict) or not isinstance(body["id"], str):
                return
        except (ValueError, KeyError, RecursionError):
            return
        if topic.endswith("/ack"):
            self._hear_ack(body)
        elif topic.endswith("/command"):
            await self._hear_command(body)

    def _hear_ack(self, body: dict[str, Any]) -> None:
        answer = self._awaiting.get(body["id"])
        if answer is not None and not answer.done():
            answer.set_result((body.get("ok") is True, str(body.get("reason", ""))))

    async def _hear_command(self, body: dict[str, Any]) -> None:
        command_id = body["id"]
        if command_id not in self._results:
            self._results[command_id] = asyncio.create_task(self._obey(body), name=f"command {command_id}")
            while len(self._results) > _RESULTS_KEPT:
                self._results.popitem(last=False)
        result = await asyncio.shield(self._results[command_id])
        await self._send("result", result)

    async def _obey(self, body: dict[str, Any]) -> bytes:
        """Do it, once, and say what became of it."""
        command = Command(body["id"], str(body.get("action", "")), body)
        try:
            if self._expired(body):
                raise CommandFailed("expired")
            done, detail = True, await self._act(command)
        except CommandFailed as failure:
            done, detail = False, str(failure)
        return _json({"v": 1, "id": command.id, "done": done, "detail": detail})

    def _expired(self, body: dict[str, Any]) -> bool:
        """A time that is missing or cannot be read has expired: an old command must never open a valve."""
        try:
            return parse_rfc3339(str(body.get("expires_at"))) <= self._now()
        except ValueError:
            return True

    # --- on the wire ---

    def _measured(self, values: Values, **more: str) -> bytes:
        self.sequence += 1
        head = {"v": 1, "boot": self.boot, "seq": self.sequence, "at": rfc3339(self._now())}
        return _json({**head, **more, "values": dict(values)})

    def _presence(self, online: bool) -> bytes:
        return _json({"v": 1, "boot": self.boot, "online": online})

    async def _send(self, leaf: str, payload: bytes, *, retain: bool = False) -> bool:
        return self._link is not None and await self._link.send(f"{self._topic}/{leaf}", payload, retain)


class Connection:
    """One MQTT connection for one device or, for a gateway, for many; it comes back by itself.

    MQTT knows one last will per connection: it is the first device's, so a gateway comes before what hangs
    on it. `client_id` stays the same, so that the broker keeps commands for us while we are away.
    """

    def __init__(
        self,
        broker: BrokerAddress,
        client_id: str,
        devices: Sequence[ReferenceDevice],
        *,
        jitter: Jitter = full_jitter,
    ) -> None:
        if not devices:
            raise ValueError(f"connection {client_id!r} carries no device")
        self._broker = broker
        self._client_id = client_id
        self._devices = tuple(devices)
        self._jitter = jitter
        self._by_topic = {topic: device for device in devices for topic in device.hears}
        self._client: aiomqtt.Client | None = None
        self._listening: asyncio.Task[None] | None = None
        self._hearing: set[asyncio.Task[None]] = set()
        self.connected = asyncio.Event()
        for device in devices:
            device.carried_by(self)

    async def run(self) -> None:
        """Stay connected until cancelled, then say goodbye."""
        attempt = 0
        while True:
            try:
                async with self._new_client() as client:
                    attempt = 0
                    await self._serve(client)
            except aiomqtt.MqttError:
                attempt += 1
            finally:
                self._client = self._listening = None
                self.connected.clear()
            await asyncio.sleep(self._jitter(min(_RECONNECT_LONGEST_S, 0.2 * 2.0 ** min(attempt, 10))))

    async def send(self, topic: str, payload: bytes, retain: bool = False) -> bool:
        """True when the broker has it."""
        if self._client is None or self._listening is None:
            return False
        publishing = asyncio.ensure_future(self._client.publish(topic, payload, qos=1, retain=retain))
        try:
            # aiomqtt would wait for its whole timeout; who listens notices at once that the broker is gone.
            await asyncio.wait({publishing, self._listening}, return_when=asyncio.FIRST_COMPLETED)
            if not publishing.done():
                return False
            publishing.result()
        except aiomqtt.MqttError:
            return False
        finally:
            publishing.cancel()
        return True

    async def _serve(self, client: aiomqtt.Client) -> None:
        await client.subscribe([(topic, 1) for topic in self._by_topic])
        listening = asyncio.create_task(self._listen(client), name=f"{self._client_id} listens")
        self._client, self._listening = client, listening
        self.connected.set()
        try:
            await asyncio.gather(*(device.status(True) for device in self._devices))
            await asyncio.shield(listening)  # we still need it to say goodbye
        except asyncio.CancelledError:
            await asyncio.gather(*(device.status(False) for device in self._devices))
            raise
        finally:
            leftovers = [listening, *self._hearing]
            for task in leftovers:
                task.cancel()
            await asyncio.gather(*leftovers, return_exceptions=True)

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            device = self._by_topic.get(str(message.topic))
            if device is None or not isinstance(message.payload, bytes):
                continue
            # A task each: a siren that takes its time must not keep acknowledgements from being heard.
            task = asyncio.create_task(device.hear(str(message.topic), message.payload))
            self._hearing.add(task)
            task.add_done_callback(self._hearing.discard)

    def _new_client(self) -> aiomqtt.Client:
        client = aiomqtt.Client(
            self._broker.host,
            self._broker.port,
            username=self._broker.username,
            password=self._broker.password,
            identifier=self._client_id,
            clean_session=False,
            will=self._devices[0].last_will(),
            socket_options=_AT_ONCE,
        )
        client.pending_calls_threshold = 65_535  # a gateway has many messages under way, and that is well
        return client


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
