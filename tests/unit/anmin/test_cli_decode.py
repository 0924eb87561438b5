"""`anmin decode` as an integrator types it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.support.shell import anmin, site


def test_every_message_is_a_line_of_json_and_a_refusal_is_an_exit_code(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.json", tmp_path / "bad.json"
    good.write_text('{"smoke":true}')
    bad.write_text('{"smoke":')
    words = (
        "decode",
        "--dialect",
        "zigbee2mqtt",
        "--topic",
        "zigbee2mqtt/kitchen",
        "--config",
        site(tmp_path),
    )
    said = anmin(*words, good)
    assert said.code == 0
    assert json.loads(said.out)["messages"][0]["readings"] == [{"quantity": "smoke_alarm", "value": 1.0}]
    both = anmin(*words, good, bad)
    assert both.code == 1
    assert [sorted(json.loads(line)) for line in both.out.splitlines()] == [
        ["file", "messages"],
        ["file", "rejected"],
    ]


def test_a_dialect_remembers_from_line_to_line(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_text('{"smoke":true}\n\n{"smoke":false}\n')
    said = anmin("decode", "--dialect", "zigbee2mqtt", "--topic", "zigbee2mqtt/a", "--lines", file)
    values = [json.loads(line)["messages"][0]["readings"][0]["value"] for line in said.out.splitlines()]
    assert values == [1.0, 0.0]


def test_what_cannot_be_meant_is_told(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_text("x")
    assert "there are native, zigbee2mqtt" in anmin("decode", "--dialect", "morse", file).err
    assert "raw, hex, base64" in anmin("decode", "--dialect", "native", "--form", "octal", file).err
    assert "is not hex" in anmin("decode", "--dialect", "native", "--form", "hex", file).err
    assert anmin("decode", "--dialect", "native", tmp_path / "nothing").code == 1
