"""Which rules a backtest is about: files, shipped packs by name, or what the settings put in force."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from anmin import rulebook
from anmin.finding import Finding, Severity, meant
from anmin.rulebook import Rulebook
from anmin.sections import Site
from devices.inventory import Inventory

PACKS = "packs"
"""The name of all shipped packs together."""


def rules_of(names: Sequence[str], site: Site, inventory: Inventory) -> Rulebook:
    """`names` are files and packs (`flood`, or `packs` for all); none: the rules that the settings name.

    A name that is both is the file. A rule file that replaces a shipped rule needs `packs` beside it.
    """
    if not names:
        return rulebook.read(site.rules, packs=site.packs, inventory=inventory)
    shipped = packs()
    own: list[Path] = []
    wrong: list[Finding] = []
    for name in names:
        if Path(name).is_file():
            own.append(Path(name))
        elif name in shipped:
            own.append(shipped[name])
        elif name != PACKS:
            zh, en = meant(name, (*shipped, PACKS))
            zh, en = f"既没有这个文件，也没有规则包 `{name}`{zh}", f"neither a file nor a pack `{name}`{en}"
            wrong.append(Finding(name, 0, 0, Severity.ERROR, "no-rules", zh, en))
    if wrong:
        return Rulebook(None, tuple(wrong))
    return rulebook.read(own, packs=PACKS in names, inventory=inventory)


def packs() -> dict[str, Path]:
    """The shipped packs, each under its name."""
    folder = Path(str(files("rules") / "packs"))
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
