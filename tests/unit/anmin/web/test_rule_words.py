"""The words of the rules' page in both languages, each refusal among them."""

from __future__ import annotations

import re
from pathlib import Path

import anmin.rule_keeper
from anmin.web.rule_words import RULES


def test_every_sentence_has_both_languages_and_the_same_fields() -> None:
    for zh, en in RULES.values():
        assert zh.strip()
        assert en.strip()
        assert sorted(re.findall(r"\{\w+\}", zh)) == sorted(re.findall(r"\{\w+\}", en))


def test_every_refusal_has_words() -> None:
    source = Path(anmin.rule_keeper.__file__).read_text("utf-8")
    codes = set(re.findall(r'Refusal\("(\w+)"\)', source))
    assert codes
    assert {f"rules_refused_{code}" for code in codes} <= RULES.keys()
