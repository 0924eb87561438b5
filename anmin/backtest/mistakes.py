"""Everything that is wrong with a file of a backtest, told at once: the first twenty, and how many more."""

from __future__ import annotations

from typing import Final

from anmin.finding import Finding, Severity

SHOWN: Final = 20


class InputInvalid(ValueError):
    """The files cannot be judged. `findings` are the first mistakes; a last one counts the rest."""

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__("; ".join(finding.en for finding in findings))
        self.findings = findings


class Mistakes:
    """Of one file. `once` says whether a name was not told before: an unknown device is one mistake."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._first: list[Finding] = []
        self._told: set[tuple[str, str]] = set()
        self._more = 0

    def __bool__(self) -> bool:
        return bool(self._first)

    def add(self, line: int, column: int, code: str, zh: str, en: str) -> None:
        if len(self._first) < SHOWN:
            self._first.append(Finding(self._file, line, column, Severity.ERROR, code, zh, en))
        else:
            self._more += 1

    def once(self, code: str, name: str) -> bool:
        """True the first time."""
        if (code, name) in self._told:
            return False
        self._told.add((code, name))
        return True

    def findings(self) -> tuple[Finding, ...]:
        if not self._more:
            return tuple(self._first)
        zh = f"此文件还有 {self._more} 处错误；先改正以上各处再运行"
        en = f"and {self._more} more mistakes in this file; mend those above and run it again"
        return (*self._first, Finding(self._file, 0, 0, Severity.ERROR, "more", zh, en))

    def check(self) -> None:
        """Raises InputInvalid when there are any."""
        if self._first:
            raise InputInvalid(self.findings())
