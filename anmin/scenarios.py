"""Scenario files to scripts, with every error at once and its place; the shipped ones by name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from anmin.complaint import complaints
from anmin.document import Document, open_file
from anmin.document import read as read_document
from anmin.finding import Finding
from simulator.script import Script

FOLDER = "simulator/scenarios/"


class Named(NamedTuple):
    """A script and what it is called: the name of its file."""

    name: str
    script: Script


def load(paths: Iterable[Path]) -> tuple[tuple[Named, ...], tuple[Finding, ...]]:
    """The scripts of files, or of every `.yaml` in folders, by name; findings where one is broken."""
    documents = [open_file(file) for path in paths for file in _files(path)]
    return _all(documents)


def shipped(names: Iterable[str] = ()) -> tuple[tuple[Named, ...], tuple[Finding, ...]]:
    """Those of the wheel; `names`: only these."""
    wanted = set(names)
    return _all(document for document in _shipped() if not wanted or _name(document) in wanted)


def shipped_names() -> tuple[str, ...]:
    return tuple(_name(document) for document in _shipped())


def read(document: Document) -> tuple[Script | None, tuple[Finding, ...]]:
    """The script, or None where an error is among the findings."""
    if document.findings:
        return None, document.findings
    try:
        return Script.model_validate(document.data), ()
    except ValidationError as error:
        return None, tuple(
            document.finding(one.where, one.code, one.zh, one.en, key=one.key)
            for one in complaints(error, Script)
        )


def _all(documents: Iterable[Document]) -> tuple[tuple[Named, ...], tuple[Finding, ...]]:
    found: list[Named] = []
    findings: list[Finding] = []
    for document in documents:
        script, said = read(document)
        findings += said
        if script is not None:
            found.append(Named(_name(document), script))
    return tuple(sorted(found)), tuple(findings)


def _name(document: Document) -> str:
    return Path(document.name).stem


def _files(path: Path) -> Iterator[Path]:
    yield from sorted(path.glob("*.yaml")) if path.is_dir() else (path,)


def _shipped() -> Iterator[Document]:
    folder = files("simulator") / "scenarios"
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.name.endswith(".yaml"):
            yield read_document(entry.read_bytes(), f"{FOLDER}{entry.name}")
