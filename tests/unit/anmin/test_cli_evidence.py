"""`anmin replay fires`, `anmin replay floods` and `anmin verify` as a person calls them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from anmin.cli import app
from tests.unit.anmin.test_floods import flood, recorded
from tests.unit.anmin.test_floods import written as floods


def said(*words: str) -> tuple[int, str]:
    found = CliRunner().invoke(app, list(words), env={"COLUMNS": "200", "LANG": "en_US.UTF-8"})
    return found.exit_code, found.output


def test_a_folder_without_recordings_is_told_by_name(tmp_path: Path) -> None:
    code, text = said("replay", "fires", "--data", str(tmp_path))
    assert code == 1
    assert str(tmp_path) in text
    assert "Traceback" not in text


@pytest.mark.parametrize("wrong", [("--speed", "0"), ("--limit", "-1"), ("--speed", "fast")])
def test_numbers_that_make_no_sense_are_a_usage_error(tmp_path: Path, wrong: tuple[str, str]) -> None:
    code, _ = said("replay", "fires", "--data", str(tmp_path), *wrong)
    assert code == 2


def test_a_data_directory_that_is_not_there_is_a_configuration_error(tmp_path: Path) -> None:
    config = tmp_path / "anmin.toml"
    config.write_text('[site]\ndata_dir = "nowhere"\n')
    code, text = said("verify", "--config", str(config))
    assert code == 3
    assert "nowhere" in text
    assert "Traceback" not in text


def test_floods_are_replayed_told_and_written(tmp_path: Path) -> None:
    data = floods(tmp_path, recorded(flood(*range(0, 131, 2))))
    code, text = said("replay", "floods", "--data", str(data), "--write", str(tmp_path / "out"))
    assert code == 0
    assert text.splitlines()[-1] == "missed 0, warned below 4 inches 0"
    assert {path.name for path in (tmp_path / "out").iterdir()} == {"floods.md", "floods.svg"}
    code, text = said("replay", "floods", "--data", str(data), "--json")
    assert json.loads(text)["groups"]["all"]["events"] == 1


def test_a_folder_without_floods_and_one_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    code, text = said("replay", "floods", "--data", str(tmp_path))
    assert (code, str(tmp_path) in text) == (1, True)
    data = floods(tmp_path, recorded(flood(*range(0, 131, 2))))
    (tmp_path / "file").touch()
    code, text = said("replay", "floods", "--data", str(data), "--write", str(tmp_path / "file"))
    assert (code, str(tmp_path / "file") in text, "Traceback" in text) == (1, True, False)
