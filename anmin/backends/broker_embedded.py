"""The broker inside our process, for a demo on a machine without mosquitto; amqtt keeps nothing on disk."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from amqtt.broker import Broker  # type: ignore[import-untyped] # amqtt ships no types
from amqtt.contexts import Action  # type: ignore[import-untyped] # amqtt ships no types
from amqtt.errors import AMQTTError  # type: ignore[import-untyped] # amqtt ships no types
from amqtt.plugins.base import BaseAuthPlugin, BaseTopicPlugin  # type: ignore[import-untyped] # amqtt ships no types
from amqtt.session import Session  # type: ignore[import-untyped] # amqtt ships no types

from anmin.backends.broker_mosquitto import HOST, free_port
from anmin.backends.broker_roles import BrokerFailed, Roles

_ROLES: dict[str, Roles] = {}
"""By data folder: amqtt builds its plug-ins itself and hands them plain values only."""


@dataclass
class _Config:
    folder: str = ""


class KnownUsers(BaseAuthPlugin):  # type: ignore[misc] # amqtt ships no types
    """Lets our two users in, and nobody else."""

    Config = _Config

    async def authenticate(self, *, session: Session) -> bool | None:
        roles = _ROLES[self.context.config.folder]
        return any(
            session.username == known.username and session.password == known.password
            for known in (roles.service, roles.devices)
        )


class OwnTopics(BaseTopicPlugin):  # type: ignore[misc] # amqtt ships no types
    """Holds each user to its topics."""

    Config = _Config

    async def topic_filtering(
        self, *, session: Session | None = None, topic: str | None = None, action: Action | None = None
    ) -> bool | None:
        roles = _ROLES[self.context.config.folder]
        allowed = roles.may(session.username if session else None, write=action is Action.PUBLISH)
        return any(covers(one, topic or "") for one in allowed)


_STOP_WITHIN_S = 1.0


class EmbeddedBroker:
    """`RunningBroker` on our own event loop: MQTT 3.1.1 only, some 6,000 messages/s.

    amqtt 0.12 forgets a message that is not acknowledged within 5 s or before the connection ends, and marks
    what it kept for an absent client as retained.
    """

    grade: Literal["mosquitto", "embedded"] = "embedded"
    note_zh = "演示级：内置消息代理不可靠保存消息，中断或重启会丢失。正式使用请安装 mosquitto。"
    note_en = (
        "Demo grade: the built-in broker loses messages when it or a connection stops. "
        "Install mosquitto for real use."
    )
    host = HOST
    pid: int | None = None
    restarts = 0

    def __init__(self, broker: Broker, roles: Roles, port: int) -> None:
        self._broker = broker
        self.roles = roles
        self.port = port

    @classmethod
    async def start(cls, folder: Path, roles: Roles, port: int) -> EmbeddedBroker:
        port = port or free_port(folder)
        _ROLES[str(folder)] = roles
        for noisy in ("amqtt", "transitions"):
            logging.getLogger(noisy).setLevel(logging.ERROR)
        here = {"folder": str(folder)}
        broker = Broker(
            {
                "listeners": {"default": {"type": "tcp", "bind": f"{HOST}:{port}"}},
                "plugins": {f"{__name__}.KnownUsers": here, f"{__name__}.OwnTopics": dict(here)},
            }
        )
        try:
            await broker.start()
        except AMQTTError as error:
            raise BrokerFailed(f"the embedded one does not start on port {port}: {error}") from error
        return cls(broker, roles, port)

    async def stop(self) -> None:
        """From Python 3.12.1 on it waits for clients that are still connected, who are not asked to leave."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_WITHIN_S):
                await self._broker.shutdown()


def covers(allowed: str, asked: str) -> bool:
    """Whether a topic or filter lies wholly within an allowed filter (`anmin/+/+/ack` covers itself)."""
    ours, theirs = allowed.split("/"), asked.split("/")
    for index, level in enumerate(ours):
        if level == "#":
            return True
        if index >= len(theirs) or theirs[index] == "#" or level not in ("+", theirs[index]):
            return False
    return len(ours) == len(theirs)
