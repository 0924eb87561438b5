"""environment: groups of dependencies beside dev, as `make nightly` wants them."""

from __future__ import annotations

from pathlib import Path

import environment
import pytest
from package_index import PUBLIC, Index


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, ...]]:
    """The groups of every install in a project folder of its own."""
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    for name, path in {"ROOT": "", "TOOLS": ".tools", "VENV": ".venv", "STAMP": ".venv/.anmin-stamp"}.items():
        monkeypatch.setattr(environment, name, tmp_path / path)
    (tmp_path / ".venv").mkdir()
    found: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "uv_at_hand", lambda: "uv")
    monkeypatch.setattr(environment, "install", lambda uv, index, python, *groups: found.append(groups))
    return found


def test_a_group_is_installed_once_and_serves_those_who_ask_for_none(
    installed: list[tuple[str, ...]],
) -> None:
    environment.prepare()
    environment.prepare("fuzz")
    environment.prepare("fuzz")
    environment.prepare()
    assert installed == [(), ("fuzz",)]


def test_another_lock_installs_what_is_asked_for_then(installed: list[tuple[str, ...]]) -> None:
    environment.prepare("fuzz")
    (environment.ROOT / "uv.lock").write_text("changed")
    environment.prepare()
    assert installed == [("fuzz",), ()]


@pytest.mark.parametrize("url", [PUBLIC, "https://mirror.test/simple"])
def test_uv_is_told_of_the_groups(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, ...]] = []
    monkeypatch.setattr(environment, "run", lambda env, index, *command: told.append(command))
    environment.install("uv", Index(url), "python3", "fuzz")
    assert "--group fuzz" in " ".join(told[0])
