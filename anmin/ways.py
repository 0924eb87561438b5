"""Every way out of the house, by the name that contacts use: built once, from the settings."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

from alerts.broadcasts.broadcast import Recipient
from alerts.channels.console import ConsoleChannel, DrillConsoleChannel
from alerts.channels.file import DrillFileChannel, FileChannel, LineFile
from alerts.channels.page import PageChannel
from alerts.channels.siren import DeviceChannel, Results
from alerts.channels.webhook import WebhookChannel
from alerts.operations.action import ACTIONS
from alerts.ports import Channel, DrillChannel
from anmin.settings import Settings
from anmin.view import View
from anmin.web.app import PresenceBook
from devices.device import DeviceKind
from devices.instant import Instant
from ingest import native

OBEYING = tuple(sorted({DeviceKind.LOUDSPEAKER.value, *(kind.value for kind in ACTIONS)}))
"""Channels that are commands to devices; a recipient that is a device names one of them."""


def ways_out(  # the composition root hands over everything once
    settings: Settings,
    folder: Path,
    now: Callable[[], Instant],
    publish: Callable[[str, bytes], Awaitable[None]],
    results: Results,
    presence: PresenceBook,
    view: View,
    link: Callable[[Recipient], str | None],
) -> tuple[dict[str, Channel], dict[str, DrillChannel]]:
    """Every way out by the name that contacts use."""

    def topic(who: Recipient) -> str | None:
        """Also of a device that has left the inventory: a siren must get its stop."""
        device = view.inventory.devices.get(who.id)
        if device is not None and device.dialect != native.NAME:
            return None
        return native.command_topic(view.inventory.community_id, who.address)

    key = settings.webhook.reveal("secret")
    live: list[Channel] = [
        ConsoleChannel(_say),
        FileChannel(LineFile(folder / "sent.jsonl")),
        PageChannel(presence.__contains__),
        *(DeviceChannel(kind, publish, results, native.command, topic) for kind in OBEYING),
    ]
    if key is not None:
        live.append(
            WebhookChannel(
                (key,),
                now,
                gateway=settings.webhook.gateway,
                allow_private=settings.webhook.allow_private,
                link=link,
            )
        )
    drill: list[DrillChannel] = [
        DrillConsoleChannel(_say, name="*"),
        DrillFileChannel(LineFile(folder / "drills.jsonl")),
    ]
    return {way.name: way for way in live}, {way.name: way for way in drill}


def _say(line: str) -> None:
    """To standard output, where a terminal in the duty room may show it."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
