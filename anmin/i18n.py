"""Words by key, in the language of the one who reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from anmin.words import WORDS

Language: TypeAlias = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")


def t(key: str, language: str, **fields: object) -> str:
    """The words for a key with its fields filled in; any language but `zh` reads English.

    A key without words is shown as the key: a page with a strange word is better than none (a test
    compares the table with every enumeration, so that it does not happen).
    """
    if key not in WORDS:
        return key
    zh, en = WORDS[key]
    text = zh if language == "zh" else en
    return text.format(**fields) if fields else text


def language_of(environ: Mapping[str, str]) -> Language:
    """The language of a terminal: what LC_ALL, else LC_MESSAGES, else LANG begins with."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name):
            return "zh" if value.lower().startswith("zh") else "en"
    return "en"


def language_from(accept: str, default: Language = "zh") -> Language:
    """The language of a browser, from `Accept-Language`: the first that there are words for."""
    ranked: list[tuple[float, int, Language]] = []
    for place, part in enumerate(accept.split(",")):
        tag, _, quality = part.strip().partition(";q=")
        for language in LANGUAGES:
            if tag.lower().split("-")[0] == language:
                ranked.append((-_weight(quality), place, language))
    return min(ranked)[2] if ranked else default


def _weight(quality: str) -> float:
    try:
        return float(quality or 1)
    except ValueError:
        return 0.0
