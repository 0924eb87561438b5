"""`anmin rules`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from typer.testing import CliRunner

from anmin import houses
from anmin.cli import app
from tests.support.community import T0
from tests.support.workplace import home_house, message, opened, rules_body

BAD = """
rules:
  - {id: my.hot, hazard: fire, kind: threshold, quantity: temperature_c, source: x,
     levels: {alarm: {above: 70}}}
tests:
  - name: it is not so hot
    devices: [{id: a, kind: heat}]
    given: [{at: 0s, device: a, temperature_c: 60}]
    expect: [{rule: my.hot, level: alarm, at: 0s}]
"""


def test_the_shipped_packs_pass() -> None:
    ran = CliRunner().invoke(app, ["rules", "test", "-v"])
    assert ran.exit_code == 0, ran.output
    assert "co.yaml" in ran.stdout


def test_a_test_that_fails_is_exit_code_1_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BAD, encoding="utf-8")
    ran = CliRunner().invoke(app, ["rules", "test", str(path), "--no-packs"])
    assert ran.exit_code == 1
    assert "mine.yaml:6:" in ran.stderr


def test_json_is_one_list_with_the_edges(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BAD.replace("temperature_c: 60", "temperature_c: 80"), encoding="utf-8")
    ran = CliRunner().invoke(app, ["rules", "test", str(path), "--no-packs", "--json"])
    assert ran.exit_code == 0
    (one,) = json.loads(ran.stdout)
    assert one["good"] is True
    assert one["edges"] == [{"at_s": 0.0, "rule": "my.hot", "of": "a", "from": "unknown", "to": "alarm"}]


def test_a_file_with_errors_is_exit_code_3(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(BAD.replace("above: 70", "over: 70"), encoding="utf-8")
    ran = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert ran.exit_code == 3
    assert "mine.yaml" in ran.stderr


def test_why_reads_the_folder_of_a_service_that_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    asyncio.run(_night(tmp_path / "data"))
    config = tmp_path / "anmin.toml"
    config.write_text(f'[site]\ndata_dir = "{tmp_path / "data"}"\n', encoding="utf-8")
    config.chmod(0o600)
    asked = ["rules", "why", "heat-302", "--config", str(config)]
    ran = CliRunner().invoke(app, asked, env={"ANMIN_LANGUAGE": "en", "LANG": "en_US.UTF-8"})
    assert ran.exit_code == 0, ran.output
    assert "fire.temperature: pre-alarm" in ran.stdout
    assert "alarm from 57 °C: 7 °C short" in ran.stdout
    plain = CliRunner().invoke(app, [*asked, "--json"])
    assert json.loads(plain.stdout)["device"] == "heat-302"
    nobody = CliRunner().invoke(app, ["rules", "why", "heat-999", "--config", str(config)])
    assert nobody.exit_code == 1
    assert "heat-999" in nobody.stderr


async def _night(folder: Path) -> None:
    async with opened(folder) as place:
        await houses.keep(place.ledger, home_house(), rules_body(), T0)
        await place.lived(
            houses.entry(home_house()), message("heat-302", seq=1, temperature_c=50.0), seconds=0
        )
