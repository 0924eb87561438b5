"""Every trap that real devices are known to set (32 of them) is a test by its number."""

from __future__ import annotations

import re

from tests.arch.tree import ROOT

TRAP = re.compile(r"def test_trap_(\d+)_")


def test_every_known_trap_has_its_test() -> None:
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    assert {int(number) for text in texts for number in TRAP.findall(text)} == set(range(1, 33))
