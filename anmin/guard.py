"""Refuses to start beside a stranger that installs a package of our name: the index has a foreign `rules`.

Imports nothing of the house but its own root, for that is what it doubts. `python -m anmin` asks it first.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from importlib import metadata, util
from pathlib import Path
from typing import NamedTuple

PACKAGES = ("devices", "ingest", "rules", "alerts", "simulator", "anmin")
DISTRIBUTION = "anmin"
HOME = Path(__file__).resolve().parent.parent  # the folder that holds all six
EXIT_CONFIGURATION = 3


class Stranger(NamedTuple):
    """A package of our name that is not ours: `distributions` install it, or `origin` would be imported."""

    package: str
    distributions: tuple[str, ...]
    origin: str

    @property
    def en(self) -> str:
        if self.distributions:
            names = ", ".join(self.distributions)
            return (
                f"`{self.package}` is also installed by {names}, which may replace files of Anmin.\n"
                f"  What to do: {sys.executable} -m pip uninstall {' '.join(self.distributions)}, "
                "or give Anmin an environment of its own (make demo makes one)."
            )
        return (
            f"`{self.package}` would be imported from {self.origin}, not from {HOME / self.package}.\n"
            "  What to do: see to PYTHONPATH and the current folder, or run Anmin in its own environment."
        )

    @property
    def zh(self) -> str:
        if self.distributions:
            names = "、".join(self.distributions)
            return (
                f"`{self.package}` 也由 {names} 安装，可能覆盖 Anmin 的文件。\n"
                f"  怎么办：{sys.executable} -m pip uninstall {' '.join(self.distributions)}，"
                "或让 Anmin 使用独立环境（make demo 会创建）。"
            )
        return (
            f"`{self.package}` 会从 {self.origin} 导入，而不是 {HOME / self.package}。\n"
            "  怎么办：请检查 PYTHONPATH 与当前文件夹，或在独立环境中运行 Anmin。"
        )


def strangers(installed: Mapping[str, Iterable[str]], origins: Mapping[str, str]) -> tuple[Stranger, ...]:
    """Compare who installs our names, and where each would come from, with what should be."""
    found = []
    for package in PACKAGES:
        others = tuple(sorted({name for name in installed.get(package, ()) if name != DISTRIBUTION}))
        astray = origins[package] != str(HOME / package)
        if others or astray:
            found.append(Stranger(package, others, origins[package]))
    return tuple(found)


def origin(package: str) -> str:
    """The folder from which a package is, or would be, imported."""
    spec = util.find_spec(package)
    if spec is None:
        return "nowhere"
    places = list(spec.submodule_search_locations or ())
    return str(Path(places[0]).resolve()) if len(places) == 1 else str(spec.origin or places)


def refuse_strangers() -> None:
    """Return when all six packages are ours; otherwise say what is wrong and exit with code 3."""
    found = strangers(metadata.packages_distributions(), {package: origin(package) for package in PACKAGES})
    if not found:
        return
    for stranger in found:
        sys.stderr.write(f"anmin: {stranger.en}\nanmin：{stranger.zh}\n")
    sys.exit(EXIT_CONFIGURATION)
