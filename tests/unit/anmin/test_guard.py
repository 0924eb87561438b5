"""The guard against packages of our names that are not ours."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from anmin.guard import HOME, PACKAGES, origin, strangers

OURS = {package: str(HOME / package) for package in PACKAGES}
ASK = "from anmin.guard import refuse_strangers; refuse_strangers(); print('alone')"


def ask(folder: Path, *path: Path) -> subprocess.CompletedProcess[str]:
    """Start an interpreter in a folder, with further folders on its path, and let the guard look."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(map(str, path))}
    command = [sys.executable, "-c", ASK]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60)


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A site folder into which somebody's distribution has installed a package `rules`."""
    site = tmp_path / "site"
    info = site / "rules_of_chess-1.0.dist-info"
    (site / "rules").mkdir(parents=True)
    (site / "rules" / "__init__.py").write_text("raise SystemExit('foreign code was run')\n")
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: rules-of-chess\nVersion: 1.0\n")
    (info / "RECORD").write_text("rules/__init__.py,,\nrules_of_chess-1.0.dist-info/METADATA,,\n")
    return site


def test_our_own_packages_are_no_strangers(tmp_path: Path) -> None:
    assert strangers({"anmin": ["anmin"], "rules": ["anmin"]}, OURS) == ()
    said = ask(tmp_path, HOME)
    assert (said.returncode, said.stdout, said.stderr) == (0, "alone\n", "")


def test_start_is_refused_when_a_foreign_package_comes_first(tmp_path: Path, foreign: Path) -> None:
    said = ask(tmp_path, foreign, HOME)
    assert said.returncode == 3
    assert "pip uninstall rules-of-chess" in said.stderr
    assert "独立环境" in said.stderr
    assert "foreign code was run" not in said.stderr


def test_start_is_refused_when_a_foreign_package_is_only_installed(tmp_path: Path, foreign: Path) -> None:
    said = ask(tmp_path, HOME, foreign)
    assert said.returncode == 3
    assert "rules-of-chess" in said.stderr


def test_start_is_refused_when_a_folder_without_a_distribution_shadows_us(tmp_path: Path) -> None:
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices" / "__init__.py").touch()
    said = ask(tmp_path, tmp_path, HOME)
    assert said.returncode == 3
    assert str(tmp_path / "devices") in said.stderr
    assert "PYTHONPATH" in said.stderr


def test_missing_package_is_told_as_nowhere() -> None:
    assert origin("no_such_package_of_ours") == "nowhere"
    (found,) = strangers({}, OURS | {"simulator": "nowhere"})
    assert (found.package, found.distributions) == ("simulator", ())
    assert "nowhere" in found.en
    assert "nowhere" in found.zh


def test_command_asks_the_guard_before_anything_else(tmp_path: Path, foreign: Path) -> None:
    env = os.environ | {"PYTHONPATH": os.pathsep.join((str(foreign), str(HOME)))}
    command = [sys.executable, "-m", "anmin", "--help"]
    said = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60)
    assert said.returncode == 3
    assert "rules-of-chess" in said.stderr
