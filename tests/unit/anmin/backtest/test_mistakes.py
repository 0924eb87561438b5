"""Mistakes: none is none, a name once."""

from __future__ import annotations

import pytest

from anmin.backtest.mistakes import InputInvalid, Mistakes


def test_a_file_without_mistakes_is_not_refused() -> None:
    mistakes = Mistakes("a.csv")
    mistakes.check()
    assert not mistakes
    assert mistakes.findings() == ()


def test_a_name_is_told_once_of_each_sort() -> None:
    mistakes = Mistakes("a.csv")
    said = [mistakes.once("device", "x"), mistakes.once("device", "x"), mistakes.once("quantity", "x")]
    assert said == [True, False, True]


def test_what_is_refused_names_the_file() -> None:
    mistakes = Mistakes("a.csv")
    mistakes.add(3, 4, "value", "错", "wrong")
    with pytest.raises(InputInvalid, match="wrong") as caught:
        mistakes.check()
    (found,) = caught.value.findings
    assert (found.file, found.line, found.column) == ("a.csv", 3, 4)
