"""A simulated town played to a real service over a real broker, and load to a broker."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from anmin.scenarios import load
from simulator.happening import town_of
from tests.support.harness import SECRET, TOKEN, Anmin, Site
from tests.support.mosquitto import HOST, Mosquitto
from tests.support.services import ROOT

SHORT = """
title: {zh: 一, en: One}
story: {zh: 一, en: One}
lasts: 4m
town:
  {buildings: 1, floors: 3, homes: {smoke: 1, heat: 1}, landings: [smoke], dialects: {heat: [zigbee2mqtt]}}
people: {acknowledges: 3s-5s, knows: 5s-10s, accepts: 3s-5s, arrives: 10s-15s, ends: 5s-10s, away: 0, late: 0}
happens:
  - {at: 5s, fire: {place: b1.f2.1, growth: ultra_fast, door: open}}
fails:
  - {duplicated: {share: 0.3, within_s: 5s}}
expect:
  - {incidents: {hazard: fire, at_least: 1, at_most: 1}}
  - {told: {audience: resident, at_least: 2}}
"""


async def anmin(*words: str) -> tuple[int, str]:
    """A command that needs no settings: exit code and everything it said."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "anmin", *words),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def test_a_fire_is_played_to_a_real_service_and_scored(tmp_path: Path, broker: Mosquitto) -> None:
    """Four minutes of the town in twelve seconds; people answer through the API, phones send receipts."""
    (tmp_path / "short.yaml").write_text(SHORT, encoding="utf-8")
    ((_, script),), _ = load([tmp_path / "short.yaml"])
    url = f"mqtt://{HOST}:{broker.port}"
    settings: dict[str, dict[str, Any]] = {
        "mqtt": {"url": url},
        "alerts": {"verification_seconds": 3},
        "webhook": {"gateway": "http://127.0.0.1:9/"},
    }
    site = Site(tmp_path / "site", town_of(script, "1").document, settings)
    service = Anmin(site)
    try:
        await service.start()
        code, said = await anmin(
            *("sim", "run", str(tmp_path / "short.yaml"), "--broker", url, "--speed", "20", "--json"),
            *("--api", site.url, "--token", TOKEN, "--secret", SECRET),
            *("--truth", str(tmp_path / "truth.ndjson")),
        )
    finally:
        await service.kill()
    found = json.loads(said.splitlines()[-1])
    assert (code, found["missed"], found["duplicate"], found["cases"]) == (0, 0, 0, []), said
    assert found["published"] > 100
    assert found["delay_s"]["p50"] is not None
    assert [json.loads(line)["hazard"] for line in (tmp_path / "truth.ndjson").read_text().splitlines()] == [
        "fire"
    ]


@pytest.mark.parametrize("how", [("--connections", "4"), ("--single",)])
async def test_load_is_taken_on_shared_and_on_single_connections(
    broker: Mosquitto, how: tuple[str, ...]
) -> None:
    url = f"mqtt://{HOST}:{broker.port}"
    words = ("sim", "load", "--broker", url, "--devices", "100", "--every", "0.5", "--for", "2", *how)
    code, said = await anmin(*words)
    found = json.loads(said.splitlines()[-1])
    assert (code, found["failed"], found["connections"]) == (0, 0, 4 if len(how) == 2 else 100)
    assert 300 <= found["published"] <= 420


async def test_load_goes_to_no_other_machine_and_a_broker_that_is_away_is_said() -> None:
    code, said = await anmin("sim", "load", "--broker", "mqtt://192.0.2.1")
    assert (code, "another machine" in said) == (1, True)
    code, said = await anmin("sim", "run", "sos-pressed", "--broker", f"mqtt://{HOST}:1")
    assert (code, f"{HOST}:1" in said) == (4, True), said
