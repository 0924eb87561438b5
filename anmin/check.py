"""`anmin check`: every error of settings, community and rules at once, before anything is started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from anmin import limits, rulebook
from anmin.community import to_inventory
from anmin.document import open_file
from anmin.finding import Finding
from anmin.prepare import on_trial
from anmin.settings import Flags, read
from anmin.surroundings import surroundings

OK = 0
BAD_CONFIGURATION = 3


def check(
    config: Path | None,
    environ: Mapping[str, str],
    flags: Flags | None = None,
    *,
    machine: bool = True,
) -> tuple[Finding, ...]:
    """All findings of all files, in order of file and line. `machine`: also whether it could start here.

    An error in one file does not hide those of the others.
    """
    loaded = read(config, environ, flags)
    document = open_file(loaded.site.community)
    inventory, community = to_inventory(document)
    book = rulebook.read(loaded.site.rules, packs=loaded.site.packs, inventory=inventory)
    trial = on_trial(loaded.site, inventory)
    around = surroundings(loaded) if machine else ()
    own = limits.findings(document, book.rules, inventory) if book.rules and inventory else ()
    return tuple(sorted({*loaded.findings, *community, *book.findings, *trial.findings, *own, *around}))


def exit_code(findings: Iterable[Finding]) -> int:
    """3 when there is an error, as a start would exit; warnings are 0."""
    return BAD_CONFIGURATION if any(finding.is_error for finding in findings) else OK
