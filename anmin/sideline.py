"""A connection to the broker beside the alarms: with a last will, best effort, never in their way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Final

import aiomqtt
import structlog

from ingest.sources.mqtt_endpoint import MqttEndpoint, describe, tls_context

_log = structlog.get_logger("anmin.sideline")

AGAIN_S: Final = 10.0
_STOPS_WITHIN_S: Final = 3.0
_STEP_S: Final = 1.0


class Sideline:
    """`will` gives what the broker says for us when we are gone, anew for each connection."""

    def __init__(self, name: str, endpoint: MqttEndpoint, will: Callable[[], aiomqtt.Will]) -> None:
        self._name = name
        self._endpoint = endpoint
        self._will = will
        self._complained = False

    async def run(self, work: Callable[[aiomqtt.Client], Awaitable[bool]]) -> None:
        """Until cancelled, or until `work`, begun on every connection, says True: nothing more to do.

        Whatever goes wrong is told once and tried again: no alarm depends on it.
        """
        connections = asyncio.create_task(self._connections(work))
        try:
            await asyncio.wait([connections])
        finally:
            await ended([connections], _STOPS_WITHIN_S)

    def well(self) -> None:
        """It works: the next trouble is told again."""
        self._complained = False

    async def _connections(self, work: Callable[[aiomqtt.Client], Awaitable[bool]]) -> None:
        while True:
            try:
                async with self._client() as client:
                    if await work(client):
                        return
            except (aiomqtt.MqttError, OSError) as error:
                self._complain(describe(error, self._endpoint))
            except Exception as bug:  # what is beside the alarms must not end what is for life
                self._complain(f"{type(bug).__name__}: {bug}")
            await asyncio.sleep(AGAIN_S)

    def _client(self) -> aiomqtt.Client:
        at = self._endpoint
        return aiomqtt.Client(
            at.host,
            at.port,
            username=at.username,
            password=at.password,
            identifier=at.client_id,
            protocol=aiomqtt.ProtocolVersion.V5 if at.protocol == "5" else aiomqtt.ProtocolVersion.V311,
            will=self._will(),
            keepalive=at.keepalive,
            tls_context=tls_context(at.tls) if at.tls else None,
        )

    def _complain(self, trouble: str) -> None:
        if not self._complained:
            _log.warning("sideline.down", line=self._name, trouble=trouble)
        self._complained = True


async def together(*work: Coroutine[object, object, None]) -> None:
    """All until the first ends, with what it raised; the others are over then."""
    tasks = [asyncio.create_task(one) for one in work]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        await ended(tasks, _STEP_S)


async def ended(tasks: Sequence[asyncio.Task[None]], again_s: float) -> None:
    """Cancel until it is so: in Python 3.11 `wait_for`, on which aiomqtt waits for the broker, loses a
    cancellation that comes together with the answer (cpython 86296)."""
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=again_s)
