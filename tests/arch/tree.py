"""The source tree as the tests of the architecture see it: every module parsed once."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PRODUCT = ("devices", "ingest", "rules", "alerts", "simulator", "anmin")
BESIDE = ("tests", "bench", "scripts")  # not shipped
NOT_OURS = frozenset({".git", ".venv", ".tools", "node_modules", "dist", "var", "__pycache__"})

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Module(NamedTuple):
    """One Python file; `name` is dotted, without `__init__`."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        return len(self.text.splitlines())

    @property
    def shown(self) -> str:
        return str(self.path.relative_to(ROOT))

    def functions(self) -> Iterator[Function]:
        for node in ast.walk(self.tree):
            if isinstance(node, Function):
                yield node


def length(function: Function) -> int:
    """Lines from `def` to the end, docstring and all."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


@cache
def modules(*folders: str) -> tuple[Module, ...]:
    """All modules under the given top folders, in order of their paths."""
    found = []
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not NOT_OURS & set(path.parts):
                text = path.read_text(encoding="utf-8")
                found.append(Module(dotted(path), path, text, ast.parse(text)))
    return tuple(found)


def dotted(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """(line, absolute module) of every import anywhere in a file; a relative one keeps its dots."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project that people wrote."""
    for path in sorted(ROOT.rglob("*")):
        inside = path.relative_to(ROOT)
        hidden = any(part.startswith(".") and part not in (".ci", ".gitignore") for part in inside.parts)
        if path.is_file() and not hidden and not NOT_OURS & set(inside.parts) and path.name != "uv.lock":
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                continue  # a picture or a database
