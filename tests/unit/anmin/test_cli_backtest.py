"""`anmin backtest`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from anmin import cli_backtest
from anmin.cli import app
from anmin.cli_shared import EXIT_CONFIGURATION, EXIT_PROBLEM
from anmin.community import to_yaml
from anmin.flood_replay import community
from anmin.history.sample import Sample
from anmin.history.sqlite_store import SqliteHistory
from devices.instant import MINUTE, SECOND, rfc3339
from tests.support.community import T0
from tests.unit.anmin.backtest.test_run import RULE


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A street with two sensors, one flood of ten minutes at the first, and its truth."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    (tmp_path / "c.yaml").write_text(to_yaml(community(["a", "b"])), encoding="utf-8")
    (tmp_path / "own.yaml").write_text(RULE.format(limit=100), encoding="utf-8")
    (tmp_path / "later.yaml").write_text(RULE.format(limit=150), encoding="utf-8")
    rows = [
        f"{at(minute)},s00{number},water_level_mm,{depth if number == 1 else 0}"
        for minute, depth in enumerate((0, 20, 60, 120, 200, 240, 90, 20, 5, 0))
        for number in (1, 2)
    ]
    (tmp_path / "r.csv").write_text("\n".join(("at,device,quantity,value", *rows)), encoding="utf-8")
    truth(tmp_path, f"{at(2)},{at(7)},floods.s001,flood")
    return tmp_path


def at(minutes: float) -> str:
    return rfc3339(T0 + round(minutes * MINUTE))


def truth(folder: Path, *lines: str) -> None:
    (folder / "t.csv").write_text("\n".join(("start,end,place,hazard", *lines)), encoding="utf-8")


def invoked(*words: str) -> Result:
    return CliRunner().invoke(app, ["backtest", "--community", "c.yaml", *words])


def on_csv(*words: str) -> Result:
    return invoked("--rules", "own.yaml", "--readings", "r.csv", *words)


def test_a_flood_that_was_told_is_exit_code_0_with_its_delay(place: Path) -> None:
    ran = on_csv("--truth", "t.csv", "--json")
    assert ran.exit_code == 0, ran.output
    said = json.loads(ran.stdout)
    assert said["rules"]["truth"]["events"][0]["delay_s"] == 60
    assert (said["readings"], said["devices"]) == (20, 2)


def test_a_flood_that_was_missed_is_exit_code_1(place: Path) -> None:
    truth(place, f"{at(2)},{at(7)},floods.s002,flood")
    ran = on_csv("--truth", "t.csv")
    assert ran.exit_code == EXIT_PROBLEM
    assert "1 missed" in ran.stdout
    assert "false alerts 1" in ran.stdout


def test_an_alarm_in_the_grace_is_not_false(place: Path) -> None:
    truth(place, f"{at(0)},{at(1)},floods.s001,flood")
    counts = [
        json.loads(on_csv("--truth", "t.csv", "--grace", grace, "--json").stdout)["rules"]["truth"]
        for grace in ("1", "2")
    ]
    assert [one["false_alerts"] for one in counts] == [1, 0]


def test_two_rule_sets_are_held_against_each_other(place: Path) -> None:
    ran = on_csv("--against", "later.yaml", "--json")
    assert json.loads(ran.stdout)["difference"]["apart"][0]["against_later_s"] == 60
    assert "rules sooner 1" in on_csv("--against", "later.yaml").stdout


def test_chinese_is_spoken_where_it_is_wanted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANG", "LC_ALL"):
        monkeypatch.setenv(name, "zh_CN.UTF-8")
    assert "真实事件 1 起：报出 1" in on_csv("--truth", "t.csv").stdout


def test_a_span_narrows_what_is_heard(place: Path) -> None:
    ran = on_csv("--from", at(1), "--to", at(3), "--json")
    assert json.loads(ran.stdout)["readings"] == 4
    assert on_csv("--from", "2026-11-23").exit_code == 2


def test_wrong_readings_are_told_with_their_lines_and_no_result(place: Path) -> None:
    with (place / "r.csv").open("a", encoding="utf-8") as file:
        file.write(f"\n{at(10)},s009,water_level_mm,1\n{at(10)},s001,water_level_mm,deep\n")
    ran = on_csv("--json")
    assert ran.exit_code == EXIT_CONFIGURATION
    assert ran.stdout == ""
    assert [line.split(" ")[0] for line in ran.stderr.splitlines()] == ["r.csv:22:26:", "r.csv:23:46:"]


def test_wrong_rules_and_a_wrong_truth_are_told_together(place: Path) -> None:
    truth(place, f"{at(2)},{at(7)},nowhere,flood")
    ran = invoked("--rules", "floood", "--readings", "r.csv", "--truth", "t.csv")
    assert ran.exit_code == EXIT_CONFIGURATION
    assert "floood" in ran.stderr
    assert "t.csv:2:" in ran.stderr


def test_one_source_of_readings_is_needed_and_only_one(place: Path) -> None:
    assert invoked("--rules", "flood").exit_code == 2
    assert on_csv("--log").exit_code == 2
    assert on_csv("--step", "minute").exit_code == 2


def test_without_a_data_directory_log_and_history_say_so(place: Path) -> None:
    for source in ("--log", "--history"):
        ran = invoked("--rules", "flood", source)
        assert ran.exit_code == EXIT_CONFIGURATION
        assert "no such data directory" in ran.stderr


def test_envelopes_leave_out_rules_by_name_and_judge_the_rest(place: Path) -> None:
    async def write() -> None:
        store = SqliteHistory(place / "anmin-data" / "history")
        depths = enumerate((0, 20, 300, 0, 0, 0))
        await store.write(
            [Sample("s001", "water_level_mm", T0 + n * 30 * SECOND, d, 0, n + 1) for n, d in depths]
        )
        await store.close()

    asyncio.run(write())
    words = ("--rules", "own.yaml", "--rules", "flood", "--history", "--json")
    coarse = json.loads(invoked(*words, "--step", "minute").stdout)
    assert coarse["rules"]["alerts"] == {"depth": 1}
    assert any("flood.depth" in note["en"] for note in coarse["notes"])
    fine = invoked(*words)
    assert set(json.loads(fine.stdout)["rules"]["alerts"]) == {"depth", "flood.depth"}
    empty = invoked("--rules", "own.yaml", "--log")
    assert empty.exit_code == EXIT_PROBLEM
    assert "is empty" in empty.stderr


def test_a_test_that_nobody_waits_for_ends(place: Path) -> None:
    progress = cli_backtest._Progress()
    progress(1)
    progress.stopped = True
    with pytest.raises(cli_backtest._Stopped):
        progress(2)


def test_progress_goes_to_standard_error(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_backtest, "_TELL_EVERY", 0)
    monkeypatch.setattr("anmin.backtest.run.EVERY", 5)
    ran = on_csv("--json")
    assert "20 readings" in ran.stderr
    assert "\n100%, 20" in ran.stderr
    json.loads(ran.stdout)
