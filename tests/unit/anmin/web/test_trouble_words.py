"""Every kind of trouble has its name and what to do about it, in both languages."""

from __future__ import annotations

import re

from alerts.troubles.kind import TroubleKind
from anmin.web.trouble_words import TROUBLES
from anmin.web.words import t


def test_every_kind_says_what_it_is_and_what_to_do() -> None:
    for kind in TroubleKind:
        for language in ("zh", "en"):
            assert t(f"trouble.{kind.value}", language)
            assert t(f"trouble_do_{kind.value}", language)


def test_both_languages_take_the_same_fields() -> None:
    for key, (zh, en) in TROUBLES.items():
        assert sorted(re.findall(r"{\w+}", zh)) == sorted(re.findall(r"{\w+}", en)), key
