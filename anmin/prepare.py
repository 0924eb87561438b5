"""Reads every file a start needs and reports all that is wrong with all of them, or hands over bodies."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anmin import limits, rulebook
from anmin.canon import canonical
from anmin.community import to_inventory
from anmin.document import open_file
from anmin.finding import Finding
from anmin.rulebook import Rulebook
from anmin.sections import Site
from anmin.settings import Flags, Settings, read
from devices.inventory import Inventory
from rules.spec import RuleSet


class NotReady(Exception):
    """The operator's files cannot be started with; `findings` are all that is wrong."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(findings)
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Prepared:
    """Settings, the community as canonical text, the rules as plain data of their documents."""

    settings: Settings
    inventory: Inventory
    inventory_body: str
    rules_body: str
    shadow: RuleSet | None
    warnings: tuple[Finding, ...]


def prepare(config: Path | None, environ: Mapping[str, str], flags: Flags | None = None) -> Prepared:
    """Raises NotReady with every error of every file."""
    loaded = read(config, environ, flags)
    document = open_file(loaded.site.community)
    inventory, said = to_inventory(document)
    book = rulebook.read(loaded.site.rules, packs=loaded.site.packs, inventory=inventory)
    shadow = on_trial(loaded.site, inventory)
    own = tuple(limits.findings(document, book.rules, inventory)) if book.rules and inventory else ()
    findings = tuple(sorted({*loaded.findings, *said, *book.findings, *shadow.findings, *own}))
    settings = loaded.settings
    broken = book.rules is None or (bool(loaded.site.shadow) and shadow.rules is None)
    if settings is None or inventory is None or broken or own:
        raise NotReady(tuple(finding for finding in findings if finding.is_error))
    return Prepared(settings, inventory, canonical(inventory), rules_body(settings), shadow.rules, findings)


def on_trial(site: Site, inventory: Inventory | None) -> Rulebook:
    """The rules of the shadow, which come after all others; none and no findings where there are none."""
    if not site.shadow:
        return Rulebook(None, ())
    return rulebook.read((*site.rules, *site.shadow), packs=site.packs, inventory=inventory)


def rules_body(settings: Settings) -> str:
    """The rule documents as they are read, which is what the ledger keeps of them."""
    packs = rulebook.shipped() if settings.site.packs else ()
    own = (open_file(path) for path in settings.site.rules)
    return json.dumps([document.data for document in (*packs, *own)], ensure_ascii=False)
