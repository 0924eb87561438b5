"""One form for everything that is wrong with a file: what, where, and what to do, in both languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # nothing starts with it
    WARNING = "warning"  # it starts, and somebody should look
    NOTE = "note"


_SEVERITY_ZH = {Severity.ERROR: "错误", Severity.WARNING: "警告", Severity.NOTE: "提示"}


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """`line` and `column` count from 1, in characters; 0 means that the place has no lines (environment).

    `code` is stable, for tools; `zh` and `en` are whole sentences.
    """

    file: str
    line: int
    column: int
    severity: Severity
    code: str
    zh: str
    en: str

    @property
    def is_error(self) -> bool:
        return self.severity is Severity.ERROR

    def text(self, language: str) -> str:
        return self.zh if language == "zh" else self.en


class Wrong(ValueError):
    """A value that a form does not take, said in both languages; pydantic carries it to the finding."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(en)
        self.code = code
        self.zh = zh
        self.en = en


def render(finding: Finding, language: str) -> str:
    """`community.yaml:12:5: error: ... [code]`, one line, as editors and CI understand it."""
    where = finding.file + (f":{finding.line}:{finding.column}" if finding.line else "")
    severity = _SEVERITY_ZH[finding.severity] if language == "zh" else finding.severity.value
    return f"{where}: {severity}: {finding.text(language)} [{finding.code}]"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant."""
    return next(iter(get_close_matches(word, tuple(known), n=1, cutoff=0.6)), None)


def meant(word: str, known: Iterable[str]) -> tuple[str, str]:
    """The tail of a sentence about an unknown word: what was meant, else all that there is (zh, en)."""
    words = sorted(known)
    if near := nearest(word, words):
        return f"；是不是 `{near}`？", f"; did you mean `{near}`?"
    if not words:
        return "。", "."
    few = "`, `".join(words[:12]) + ("` …" if len(words) > 12 else "`")
    return f"；可用：`{few}。", f"; known: `{few}."
