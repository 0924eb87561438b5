"""Sirens, loudspeakers and duty-room sounders: a command to the device, and its own word that it did it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from alerts.broadcasts.broadcast import LiveSend, Recipient
from alerts.broadcasts.delivery import Outcome, Refused, Retry, Sent
from alerts.channels.gate import NOT_LIVE, is_live, one_line
from devices.instant import Instant

RESULT_WITHIN_S = 10.0

Publish = Callable[[str, bytes], Awaitable[None]]
"""Hands a message to the broker; raises OSError (ConnectionError) when it cannot."""
Command = Callable[[str, str, Instant, Mapping[str, object]], bytes]
"""(id, action, expires_at, arguments) -> the payload in the device's own form."""
Topic = Callable[[Recipient], str | None]
"""Where the device listens; None for a device that cannot be commanded."""


class Result(NamedTuple):
    """What the device says became of a command."""

    done: bool
    detail: str


class Results:
    """Commands that wait for their result. One registry for all device channels."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str], asyncio.Future[Result]] = {}

    def expect(self, key: str, address: str) -> asyncio.Future[Result]:
        """Done when the device at that address has answered; whoever expects it also forgets it."""
        return self._waiting.setdefault((key, address), asyncio.get_running_loop().create_future())

    def resolve(self, key: str, address: str, done: bool, detail: str) -> bool:
        """Whether somebody was waiting. A result that is repeated, late or another device's is no error."""
        answer = self._waiting.get((key, address))
        if answer is None or answer.done():
            return False
        answer.set_result(Result(done, detail))
        return True

    def forget(self, key: str, address: str) -> None:
        answer = self._waiting.pop((key, address), None)
        if answer is not None:
            answer.cancel()


class DeviceChannel:
    """Commands of one kind of device. Asking again is safe: a device does a command once per id."""

    idempotent = True

    def __init__(
        self,
        name: str,
        publish: Publish,
        results: Results,
        command: Command,
        topic: Topic,
        *,
        within_s: float = RESULT_WITHIN_S,
    ) -> None:
        self.name = name
        self._publish = publish
        self._results = results
        self._command = command
        self._topic = topic
        self._within_s = within_s

    async def send(self, send: LiveSend) -> Outcome:
        if not is_live(send):
            return NOT_LIVE
        topic = self._topic(send.recipient)
        if topic is None:
            return Refused(f"device {send.recipient.id!r} takes no commands")
        arguments = json.loads(send.data)
        payload = self._command(send.key, arguments.pop("action"), send.deadline_at, arguments)
        return await self._ask(send, topic, payload)

    async def _ask(self, send: LiveSend, topic: str, payload: bytes) -> Outcome:
        whose = send.key, send.recipient.address
        answer = self._results.expect(*whose)
        try:
            async with asyncio.timeout(self._within_s):
                await self._publish(topic, payload)
                done, detail = await answer
        except TimeoutError:
            return Retry(f"no result in {self._within_s:g} s")
        except OSError as error:
            return Retry(f"not sent: {one_line(error)}")
        finally:
            self._results.forget(*whose)
        return Sent(one_line(detail), confirmed=True) if done else Refused(one_line(detail) or "refused")
