"""A broker without anybody installing one: a private mosquitto, else one inside our process for demos."""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Sequence
from pathlib import Path

import structlog

from anmin.backends.broker_mosquitto import PrivateMosquitto, find_mosquitto
from anmin.backends.broker_roles import FOREIGN_TOPICS, BrokerFailed, Credential, RunningBroker, keep_roles

__all__ = ["BrokerFailed", "Credential", "RunningBroker", "start_private_broker"]

_log = structlog.get_logger("anmin.broker")


async def start_private_broker(
    folder: Path,
    *,
    port: int = 0,
    foreign_topics: Sequence[str] = FOREIGN_TOPICS,
    mosquitto: Path | None = None,
    allow_embedded: bool = True,
) -> RunningBroker:
    """Start a broker that listens on loopback only and keeps its data in `folder`.

    `port` 0 takes the port of the last start where it is free, else any. Call it from the main thread's event
    loop: the broker dies with the thread that started it. Raises BrokerFailed.
    """
    await asyncio.to_thread(folder.mkdir, mode=0o700, parents=True, exist_ok=True)
    roles = await asyncio.to_thread(keep_roles, folder, foreign_topics)
    found = mosquitto or await asyncio.to_thread(find_mosquitto)
    if found is not None:
        return await PrivateMosquitto.start(found, folder, roles, port)
    if not allow_embedded or importlib.util.find_spec("amqtt") is None:
        raise BrokerFailed(
            "there is no mosquitto 2 and no amqtt: install mosquitto, or anmin[demo] for a demo"
        )
    # Imported here, because amqtt is an extra that production does not install.
    from anmin.backends.broker_embedded import EmbeddedBroker

    _log.warning("broker.embedded", reason="no mosquitto 2 found", advice="install mosquitto")
    return await EmbeddedBroker.start(folder, roles, port)
