"""Thresholds that no rule answers to stop a start, with line and column."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from anmin.check import check
from anmin.prepare import NotReady, prepare
from tests.support.shell import COMMUNITY

GOOD = "\nthresholds:\n  - {device: smoke-101, rule: fire.temperature, level: alarm, at: 70}\n"
BAD = GOOD + "  - {place: b1, rule: fire.temperatur, level: alarm, at: 70}\n"


def written(folder: Path, text: str) -> Path:
    (folder / "community.yaml").write_text(COMMUNITY + text, "utf-8")
    config = folder / "anmin.toml"
    config.write_text(f'[site]\ndata_dir = "{folder}/data"\ncommunity = "{folder}/community.yaml"\n', "utf-8")
    return config


def test_one_that_fits_is_taken(tmp_path: Path) -> None:
    prepared = prepare(written(tmp_path, GOOD), os.environ)
    assert [one.at for one in prepared.inventory.tuning] == [70]


def test_one_that_does_not_is_told_where_it_stands_and_nothing_starts(tmp_path: Path) -> None:
    config = written(tmp_path, BAD)
    (found,) = (one for one in check(config, os.environ, machine=False) if one.code == "bad-threshold")
    line = (
        (COMMUNITY + BAD).splitlines().index("  - {place: b1, rule: fire.temperatur, level: alarm, at: 70}")
    )
    assert (found.line, found.is_error) == (line + 1, True)
    assert "did you mean `fire.temperature`" in found.en
    with pytest.raises(NotReady) as caught:
        prepare(config, os.environ)
    assert caught.value.findings == (found,)
