"""`anmin replay fires` and `anmin verify` as a person calls them."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from anmin.cli import app


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
