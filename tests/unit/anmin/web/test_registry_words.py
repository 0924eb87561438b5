"""The registry's sentences have both languages and the same places to fill."""

from __future__ import annotations

import re

from anmin.web.registry_words import REGISTRY


def test_both_languages_take_the_same_fields() -> None:
    for key, (zh, en) in REGISTRY.items():
        assert zh.strip(), key
        assert en.strip(), key
        assert sorted(re.findall(r"{\w+}", zh)) == sorted(re.findall(r"{\w+}", en)), key
