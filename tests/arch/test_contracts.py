"""The import contracts of pyproject.toml: each is shown an import that it must refuse."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.arch.tree import PRODUCT, ROOT

LAYERS = "layers"
DOORS = "only anmin opens the doors of the house"
PLANTED = {  # file: an import in it, and the contract that must refuse it
    "devices/planted.py": ("import rules.verdict", LAYERS),
    "rules/planted.py": ("import ingest.message", LAYERS),
    "alerts/planted.py": ("import ingest.message", LAYERS),
    "ingest/planted.py": ("import rules.verdict", "ingest knows nothing of rules and alerts"),
    "simulator/planted.py": ("import ingest.message", "simulator knows only devices"),
    "simulator/siren.py": ("import alerts.channels", DOORS),
    "ingest/door.py": ("import ingest.sources", DOORS),
    "alerts/door.py": ("import alerts.channels", DOORS),
}


def checked(folder: Path) -> str:
    """The report of import-linter on a copy of the tree that holds just what the contracts talk of."""
    lint = "from importlinter.cli import lint_imports_command as c; c(standalone_mode=True)"
    command = [sys.executable, "-c", lint, "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60).stdout


def skeleton(folder: Path) -> None:
    for package in PRODUCT:
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
    for inside in ("ingest/sources", "alerts/channels", "anmin/backends"):
        (folder / inside).mkdir()
        (folder / inside / "__init__.py").touch()
    for module in ("rules/verdict.py", "ingest/message.py"):
        (folder / module).touch()


@pytest.mark.parametrize("file", PLANTED)
def test_contract_refuses_a_planted_import(file: str, tmp_path: Path) -> None:
    skeleton(tmp_path)
    line, contract = PLANTED[file]
    (tmp_path / file).write_text(line + "\n")
    said = checked(tmp_path)
    assert f"{contract} BROKEN" in said


def test_contracts_hold_on_an_innocent_tree(tmp_path: Path) -> None:
    skeleton(tmp_path)
    (tmp_path / "anmin/wiring.py").write_text("import alerts.channels, ingest.sources, anmin.backends\n")
    assert " 0 broken" in checked(tmp_path)
