"""Every channel that contacts or devices name exists under that name; a foreign device takes no command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from alerts.channels.siren import Results
from anmin.settings import Settings, load
from anmin.view import View
from anmin.ways import OBEYING, ways_out
from anmin.web.app import PresenceBook
from tests.support.monitor import house


async def nowhere(topic: str, payload: bytes) -> None:
    raise AssertionError(topic)


def built(folder: Path, flags: dict[str, Any]) -> tuple[set[str], set[str]]:
    settings: Settings = load(None, {}, flags)
    view = View(house().inventory)
    live, drill = ways_out(
        settings, folder, lambda: 0, nowhere, Results(), PresenceBook(), view, lambda who: None
    )
    assert all(way.name == name for name, way in live.items())
    return set(live), set(drill)


def test_every_name_that_a_contact_or_a_device_uses_has_its_channel(tmp_path: Path) -> None:
    live, drill = built(tmp_path, {})
    assert live == {"console", "file", "crew", *OBEYING}
    assert drill == {"*", "file"}


def test_there_is_a_webhook_only_with_a_key_to_sign_with(tmp_path: Path) -> None:
    live, _ = built(tmp_path, {"webhook.secret": "whsec_" + "QUJD" * 8})
    assert "webhook" in live
