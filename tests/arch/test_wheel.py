"""What the wheel holds: all six packages with their data, and nothing else."""

from __future__ import annotations

import os
import subprocess
import zipfile
from pathlib import Path

import pytest

from tests.arch.tree import NOT_OURS, PRODUCT, ROOT
from tests.support.services import need

DATA = {"rules/packs/": ".yaml", "anmin/web/": ".html", "anmin/backends/migrations/": ".py"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Names in a wheel built from this tree."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [str(need("uv")), "build", "-q", "--wheel", "--out-dir", str(folder), str(ROOT)]
    env = os.environ | {"UV_PYTHON_DOWNLOADS": "never"}
    built = subprocess.run(command, env=env, capture_output=True, text=True, timeout=100)
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return [name for name in wheel.namelist() if ".dist-info/" not in name]


def files(package: str) -> set[str]:
    found = (path for path in (ROOT / package).rglob("*") if path.is_file())
    return {
        str(inside)
        for path in found
        if not NOT_OURS & set((inside := path.relative_to(ROOT)).parts) and inside.suffix != ".pyc"
    }


@pytest.mark.parametrize("package", PRODUCT)
def test_wheel_holds_every_file_of_the_package(package: str, shipped: list[str]) -> None:
    inside = {name for name in shipped if name.startswith(f"{package}/")}
    assert inside == files(package)


def test_wheel_holds_nothing_else(shipped: list[str]) -> None:
    assert {Path(name).parts[0] for name in shipped} == set(PRODUCT)


@pytest.mark.parametrize("folder", DATA)
def test_wheel_holds_the_data(folder: str, shipped: list[str]) -> None:
    assert any(name.startswith(folder) and name.endswith(DATA[folder]) for name in shipped)
