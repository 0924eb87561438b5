"""The whole service: it says why, and rules on trial run beside those in force."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.service.test_registry_live import cli, says
from tests.support.harness import Anmin, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.street import street

TRIAL = """
rules:
  - id: fire.temperature
    replaces: true
    hazard: fire
    kind: threshold
    quantity: temperature_c
    devices: {kinds: [heat, smoke]}
    levels: {prealarm: {above: 40, clear_below: 35}}
    source: on trial
"""


async def test_it_says_why_while_it_runs_and_when_it_is_stopped_and_what_the_trial_would_have_done(
    tmp_path: Path, broker: Mosquitto
) -> None:
    (tmp_path / "trial.yaml").write_text(TRIAL, encoding="utf-8")
    settings: dict[str, dict[str, Any]] = {
        "mqtt": {"url": f"mqtt://{HOST}:{broker.port}"},
        "site": {"shadow": [str(tmp_path / "trial.yaml")]},
    }
    site = Site(tmp_path / "site", street(3), settings)
    running = Anmin(site)
    try:
        await running.start()
        await says(broker, "heat-0001", "reading", boot=1, seq=1, values={"temperature_c": 44.0})
        for _ in range(50):
            code, said = await cli(site, "rules", "why", "heat-0001")
            assert code == 0, said
            if "44 °C" in said:
                break
            await asyncio.sleep(0.2)
        assert "fire.temperature: clear" in said
        assert "pre-alarm from 48 °C: 4 °C short" in said
        code, said = await cli(site, "rules", "shadow", "--json")
        body = json.loads(said.splitlines()[-1])
        assert (code, body["undecided"], body["problem"]) == (0, 1, "")
        assert body["readings"] >= 1
        code, said = await cli(site, "rules", "shadow")
        assert "only shadow 0" in said
        assert await running.stop() == 0
        code, said = await cli(site, "rules", "why", "heat-0001")
        assert (code, "pre-alarm from 48 °C: 4 °C short" in said) == (0, True), said
        code, said = await cli(site, "rules", "shadow")
        assert code == 1
    finally:
        await running.kill()
