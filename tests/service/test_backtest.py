"""What a service heard, tested again when it is stopped: its log and its history say what it said live."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.service.test_registry_live import cli, says
from tests.support.harness import Anmin, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.street import place, street

WARM = (22.0, 30.0, 49.0, 58.0)
EARLY = """
rules:
  - id: warm
    hazard: fire
    kind: threshold
    quantity: temperature_c
    levels: {prealarm: {above: 25, clear_below: 20}}
    source: ours
"""


async def judged(site: Site, *words: str) -> tuple[int, dict[str, Any]]:
    code, said = await cli(site, "backtest", *words, "--json")
    return code, json.loads(said.splitlines()[-1])


async def test_what_was_heard_live_is_tested_again_from_log_and_history(
    tmp_path: Path, broker: Mosquitto
) -> None:
    (tmp_path / "early.yaml").write_text(EARLY, encoding="utf-8")
    site = Site(tmp_path / "site", street(2), {"mqtt": {"url": f"mqtt://{HOST}:{broker.port}"}})
    running = Anmin(site)
    try:
        await running.start()
        for number, degrees in enumerate(WARM, 1):
            await says(broker, "heat-0001", "reading", boot=1, seq=number, values={"temperature_c": degrees})
        for _ in range(50):
            code, said = await cli(site, "rules", "why", "heat-0001", "--json")
            if '"alarm"' in said:
                break
            await asyncio.sleep(0.2)
        code, said = await cli(site, "backtest", "--log")
        assert (code, "in use" in said or "uses" in said) == (3, True), said
        for _ in range(50):
            if list((site.data / "history").glob("*.db")):
                break
            await asyncio.sleep(0.2)
        await asyncio.sleep(1)  # a reading waits half a second before it is brought there
        assert await running.stop() == 0
    finally:
        await running.kill()
    code, log = await judged(site, "--log", "--against", str(tmp_path / "early.yaml"))
    assert (code, log["rules"]["alerts"].get("fire.temperature")) == (0, 1)
    assert {one["place"] for one in log["rules"]["incidents"]} == {place(1)}
    assert log["against"]["alerts"] == {"warm": 1}
    code, history = await judged(site, "--history")
    assert (code, history["rules"]["alerts"]) == (0, log["rules"]["alerts"])
    assert [one["after"] for one in history["rules"]["transitions"] if one["rule"] == "fire.temperature"] == [
        one["after"] for one in log["rules"]["transitions"] if one["rule"] == "fire.temperature"
    ]
