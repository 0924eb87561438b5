"""What the web is given."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.web import world


async def test_defaults_are_loopback_with_every_optional_door_shut() -> None:
    async with world() as w:
        assert w.deps.host == "127.0.0.1"
        assert (w.deps.api_token, w.deps.metrics_token, w.deps.webhook_secrets) == ("", "", ())
        with pytest.raises(dataclasses.FrozenInstanceError):
            w.deps.host = "0.0.0.0"  # type: ignore[misc]  # that is what is tested
