"""What a pure module may import and call: an allow-list, for a list of forbidden things has holes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from tests.arch.tree import PRODUCT, Module, imported, modules

# fmt: off
STANDARD = frozenset({
    "__future__", "abc", "base64", "binascii", "bisect", "collections", "copy", "dataclasses",
    "datetime", "decimal", "difflib", "enum", "fractions", "functools", "hashlib", "heapq", "hmac",
    "itertools", "json", "math", "operator", "re", "statistics", "string", "struct", "textwrap",
    "types", "typing", "unicodedata",
})
# fmt: on
PURE = {  # package: what of ours it may know
    "devices": {"devices"},
    "rules": {"rules", "devices"},
    "ingest": {"ingest", "devices"},
    "alerts": {"alerts", "rules", "devices"},
}
EDGES = ("ingest.sources", "alerts.channels")  # the impure half of a pure package
WIRE = {  # where a form from outside is validated
    "ingest.native": {"pydantic", "pydantic_core"},
    "ingest.dialects": {"pydantic", "pydantic_core"},
    "rules.spec": {"pydantic", "pydantic_core"},
}
FORBIDDEN_CALLS = frozenset({"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"})


def within(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def pure_modules() -> Iterator[Module]:
    for module in modules(*PURE):
        if not any(within(module.name, edge) for edge in EDGES):
            yield module


def offences(module: Module) -> Iterator[str]:
    """`file:line: what` for everything a pure module must not do."""
    ours = PURE[module.name.partition(".")[0]]
    allowed = (
        STANDARD | ours | {name for at, names in WIRE.items() if within(module.name, at) for name in names}
    )
    for line, name in imported(module.tree):
        if name.partition(".")[0] not in allowed:
            yield f"{module.shown}:{line}: imports {name}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in FORBIDDEN_CALLS:
            yield f"{module.shown}:{node.lineno}: calls {node.func.id}"
        if isinstance(node, ast.Await):
            yield f"{module.shown}:{node.lineno}: awaits"


@pytest.mark.parametrize("package", PURE)
def test_pure_package_does_nothing_but_compute(package: str) -> None:
    inside = [module for module in pure_modules() if within(module.name, package)]
    assert inside
    assert [offence for module in inside for offence in offences(module)] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import pathlib", "imports pathlib"),
        ("from urllib.parse import quote", "imports urllib.parse"),
        ("def f() -> None:\n    import yaml", "imports yaml"),
        ("from ingest.message import Lane", "imports ingest.message"),
        ("import pydantic", "imports pydantic"),
        ("from . import level", "imports ."),
        ("open('x')", "calls open"),
        ("async def f() -> None:\n    await g()", "awaits"),
    ],
)
def test_planted_offence_is_seen(line: str, told: str) -> None:
    module = modules("devices")[0]._replace(tree=ast.parse(line))
    assert any(told in offence for offence in offences(module))


def test_simulator_knows_only_devices() -> None:
    """It is an outsider: shared codecs would hide errors that are the same on both sides."""
    ours = [
        (m, name)
        for m in modules("simulator")
        for _, name in imported(m.tree)
        if name.split(".")[0] in PRODUCT
    ]
    assert ours
    assert [(m.shown, n) for m, n in ours if n.split(".")[0] not in ("simulator", "devices")] == []
