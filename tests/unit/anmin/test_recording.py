"""A recorded night leads to the incidents that it led to, and tells nobody."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from anmin.cli import app
from anmin.recording import NothingRecorded, replay_messages

COMMUNITY = """
county: {id: county, zh: 县, en: County}
street: {id: street, zh: 街道, en: Street}
community: {id: c, zh: 社区, en: Community}
buildings: [{id: b1, units: [{id: u1, floors: "1-3", per_floor: [1, 2]}]}]
devices:
  - {id: smoke-1, profile: native-smoke, place: b1.u1.f2.201}
  - {id: smoke-2, profile: native-smoke, place: b1.u1.f3.301}
residents: [{household: b1.u1.f2.201, name: 住户, contacts: [{webhook: "http://127.0.0.1:9/"}]}]
staff: [{id: duty, name: 值班, role: duty, contacts: [{file: duty}]}]
"""


def settings(folder: Path) -> Path:
    (folder / "community.yaml").write_text(COMMUNITY, encoding="utf-8")
    path = folder / "anmin.toml"
    path.write_text('[site]\ncommunity = "community.yaml"\n[mqtt]\nurl = "mqtt://127.0.0.1:9"\n', "utf-8")
    return path


def heard(second: int, device: str, alarm: bool, community: str = "c") -> str:
    at = f"2026-03-01T02:00:{second:02d}Z"
    said = {"v": 1, "boot": 1, "seq": second + 1, "at": at, "id": f"{device}-{second}"}
    body = said | {"values": {"smoke_alarm": alarm}}
    topic = f"anmin/{community}/{device}/event"
    return json.dumps({"tst": at, "topic": topic, "payload": json.dumps(body), "qos": 1, "retain": 0})


def replayed(folder: Path, lines: list[str], *more: str) -> tuple[int, str]:
    file = folder / "night.jsonl"
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = ["replay", "messages", str(file), "--config", str(settings(folder)), "--speed", "200", *more]
    found = CliRunner().invoke(app, words, env={"LANG": "en_US.UTF-8"})
    return found.exit_code, found.output


@pytest.mark.usefixtures("logging_as_it_was")
def test_a_night_is_heard_again_with_todays_rules_and_nothing_leaves(tmp_path: Path) -> None:
    night = [
        heard(0, "smoke-1", False),
        heard(5, "smoke-1", True),
        heard(6, "smoke-1", True, "another"),
        heard(20, "smoke-2", True),
        heard(40, "smoke-1", False),
    ]
    code, text = replayed(tmp_path, night, "--json")
    assert code == 0, text
    found: dict[str, Any] = json.loads(text.splitlines()[-1])
    assert (found["messages"], found["refused"]) == (5, {"topic_mismatch": 1})
    (one,) = found["incidents"]
    assert (one["hazard"], one["sources"]) == ("fire", 2)
    assert one["opened_at"].startswith("2026-03-01T02:00:0")
    assert one["messages"] >= 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["anmin.toml", "community.yaml", "night.jsonl"]


def test_a_line_that_is_no_message_is_told_with_its_number(tmp_path: Path) -> None:
    code, text = replayed(tmp_path, [heard(0, "smoke-1", False), "nonsense"])
    assert code == 1
    assert "night.jsonl: line 2" in text
    assert "Traceback" not in text


def test_a_recording_that_is_not_there_is_told_by_name(tmp_path: Path) -> None:
    found = CliRunner().invoke(app, ["replay", "messages", str(tmp_path / "none.jsonl")])
    assert found.exit_code == 1
    assert "none.jsonl: No such file" in found.output


async def test_an_empty_recording_is_an_error() -> None:
    with pytest.raises(NothingRecorded):
        await replay_messages([], None, speed=1.0, out=print)
