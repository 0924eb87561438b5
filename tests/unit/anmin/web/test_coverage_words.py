"""Coverage's words in both languages, each gap among them."""

from __future__ import annotations

from anmin.web.coverage_words import COVERAGE
from anmin.web.words import t
from devices.coverage import Gap


def test_every_gap_and_sentence_has_both_languages() -> None:
    assert all(zh.strip() and en.strip() for zh, en in COVERAGE.values())
    for gap in Gap:
        assert t(f"gap.{gap.value}", "zh") != t(f"gap.{gap.value}", "en")
