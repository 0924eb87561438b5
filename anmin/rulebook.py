"""Rules from disk: the shipped packs and files of one's own, as one set, every mistake with its place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path

from anmin.document import Document, open_file
from anmin.document import read as read_document
from anmin.finding import Finding, Severity
from devices.inventory import Inventory
from rules import trial
from rules.selection import check
from rules.spec import Problem, RuleSet, merge, parse

PACKS = "rules/packs/"


@dataclass(frozen=True, slots=True)
class Rulebook:
    """`rules` is None when there is an error among `findings`; its version is the hash of the content."""

    rules: RuleSet | None
    findings: tuple[Finding, ...]


def read(own: Iterable[Path] = (), *, packs: bool = True, inventory: Inventory | None = None) -> Rulebook:
    """The packs (unless told not to), then one's own files in order. With an inventory: also against it."""
    documents = opened(own, packs=packs)
    findings = [finding for document in documents for finding in document.findings]
    parsed = [
        parse(document.data) if document.data is not None else _nothing(document) for document in documents
    ]
    for document, (_, problems) in zip(documents, parsed, strict=True):
        findings += [_finding(document, problem, problem.path) for problem in problems]
        findings += [_finding(document, problem, problem.path) for problem in trial.parse(document.data)[1]]
    merged, problems = merge(rules for rules, _ in parsed)
    broken = bool(findings)
    known = problems if not broken else [one for one in problems if one.path[-1] != "of"]  # else told twice
    findings += _placed(documents, known)
    if inventory is not None and not broken:
        for finding in _placed(documents, check(merged, inventory), Severity.WARNING):
            # a pack is made for every community: that this one has no such device is no gap in the rules
            ours = finding.file.startswith(PACKS)
            findings.append(replace(finding, severity=Severity.NOTE) if ours else finding)
    if not merged.rules and not broken:
        zh, en = "没有任何规则：什么都不会报警", "there are no rules: nothing would ever be raised"
        findings.append(Finding("[site] rules", 0, 0, Severity.ERROR, "no-rules", zh, en))
    found = tuple(sorted(set(findings)))
    return Rulebook(None if any(one.is_error for one in found) else merged, found)


def opened(own: Iterable[Path] = (), *, packs: bool = True) -> list[Document]:
    """The documents that `read` reads, in its order."""
    return [*(shipped() if packs else ()), *(open_file(path) for path in own)]


def shipped() -> Iterator[Document]:
    """The packs of the wheel, by name."""
    folder = files("rules") / "packs"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            yield read_document(entry.read_bytes(), f"{PACKS}{entry.name}")


def _nothing(document: Document) -> tuple[RuleSet, tuple[Problem, ...]]:
    """An empty file is a mistake of its own; one that could not be read has been told."""
    problem = Problem(
        (), "文件是空的：写 `rules:` 和一个列表", "the file is empty: write `rules:` and a list"
    )
    return RuleSet.of(()), () if document.findings else (problem,)


def _placed(
    documents: Sequence[Document], problems: Iterable[Problem], severity: Severity = Severity.ERROR
) -> Iterator[Finding]:
    """Problems whose paths begin with the position of their document."""
    for problem in problems:
        index = problem.path[0]
        assert isinstance(index, int)  # merge puts it there
        yield _finding(documents[index], problem, problem.path[1:], severity)


def _finding(
    document: Document,
    problem: Problem,
    path: tuple[str | int, ...],
    severity: Severity = Severity.ERROR,
) -> Finding:
    return document.finding(path, "rule", problem.zh, problem.en, severity=severity)
