"""Words by key, in the reader's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from anmin.i18n import language_from, language_of, t
from anmin.words import WORDS

PACKAGE = Path(__file__).parents[3] / "anmin"


def test_words_come_in_the_language_of_the_reader_with_their_fields() -> None:
    assert t("hazard.gas", "zh") == "燃气泄漏"
    assert t("hazard.gas", "fr") == "gas leak"
    assert t("demo.fire", "en", seconds=20) == "a kitchen catches fire in 20 s"


def test_a_key_without_words_is_shown_not_raised() -> None:
    assert t("no.such.key", "zh") == "no.such.key"


def test_every_key_that_the_program_writes_out_has_words() -> None:
    used = set()
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "from anmin.i18n import" in text:
            used |= set(re.findall(r'\bt\("([^"]+)"', text))
    assert used - WORDS.keys() == set()


@pytest.mark.parametrize(
    ("environ", "language"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
        ({"LANG": "zh_CN", "LC_ALL": "en_GB"}, "en"),
        ({"LC_MESSAGES": "ZH_tw", "LANG": "de"}, "zh"),
        ({"LC_ALL": "", "LANG": "zh"}, "zh"),
    ],
)
def test_a_terminal_speaks_the_language_of_its_locale(environ: dict[str, str], language: str) -> None:
    assert language_of(environ) == language


@pytest.mark.parametrize(
    ("accept", "language"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.8", "en"),
        ("de, zh;q=0.2, en;q=0.7", "en"),
        ("de", "zh"),
        ("", "zh"),
        ("en;q=x, zh;q=0.1", "zh"),
    ],
)
def test_a_browser_gets_the_first_language_that_there_is(accept: str, language: str) -> None:
    assert language_from(accept) == language
