"""What no file may say: unfinished work, a developer's own paths, an ignore without its reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.arch.tree import BESIDE, PRODUCT, ROOT, modules, texts

UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b")
OWN_PATH = re.compile(r"(?<![\w./])/(?:work|root|home/\w+|Users/\w+)/")
IGNORE = re.compile(r"#\s*(?:noqa|type:\s*ignore|pragma)\b.*")
GIVES_REASON = re.compile(
    r"#\s*(?:noqa:\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*|type:\s*ignore\[[\w, -]+\])\W+\w+\W+\w+"
)


def found(pattern: re.Pattern[str], among: Iterator[tuple[Path, str]]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path, text in among
        if path != Path(__file__)
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_nothing_is_left_unfinished() -> None:
    assert not (said := found(UNFINISHED, texts())), "\n".join(said)


def test_no_path_of_a_developers_machine() -> None:
    assert not (said := found(OWN_PATH, texts())), "\n".join(said)


def test_every_ignore_gives_its_reason() -> None:
    lines = [
        (f"{m.shown}:{n}", line)
        for m in modules(*PRODUCT, *BESIDE)
        if m.path != Path(__file__)
        for n, line in enumerate(m.text.splitlines(), 1)
    ]
    silent = [
        f"{where}: {line.strip()}"
        for where, line in lines
        if IGNORE.search(line) and not GIVES_REASON.search(line)
    ]
    assert not silent, "\n".join(silent)


def test_every_ignore_in_the_settings_gives_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    ignores = re.search(r"^ignore = \[\n(.*?)^\]", text, re.M | re.S)
    per_file = re.search(r"^\[tool\.ruff\.lint\.per-file-ignores\]\n(.*?)(?:^\[|\Z)", text, re.M | re.S)
    assert ignores
    assert per_file
    lines = [line for block in (ignores, per_file) for line in block[1].splitlines() if line.strip()]
    assert [line for line in lines if "#" not in line] == []


@pytest.mark.parametrize(
    ("line", "reasoned"),
    [
        ("x = 1  # noqa: S101 - the state must hold", True),
        ("x = 1  # type: ignore[attr-defined]  # set by the C layer", True),
        ("x = 1  # noqa: F401, E402", False),
        ("x = 1  # type: ignore[attr-defined]", False),
        ("x = 1  # noqa", False),
        ("x = 1  # type: ignore  # without a code", False),
    ],
)
def test_reason_is_recognised(line: str, reasoned: bool) -> None:
    assert IGNORE.search(line)
    assert bool(GIVES_REASON.search(line)) is reasoned


@pytest.mark.parametrize("path", ["/root/x", "(/work/main", "`/home/me/x"])
def test_own_path_is_recognised(path: str) -> None:
    assert OWN_PATH.search(path)
    assert not OWN_PATH.search("https://example.org/work/x and net/work/x")
