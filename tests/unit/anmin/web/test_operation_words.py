"""Every action and every end of a command has its word."""

from __future__ import annotations

import re

from alerts.operations.action import ACTIONS
from alerts.operations.operation import Progress
from anmin.web.operation_words import OPERATIONS
from anmin.web.words import t


def test_actions_ends_and_sentences_are_in_both_languages() -> None:
    for language in ("zh", "en"):
        for one in (one for group in ACTIONS.values() for one in group):
            assert t(f"action.{one.word}", language)
        for progress in Progress:
            assert t(f"progress.{progress.value}", language)
    for key, (zh, en) in OPERATIONS.items():
        assert sorted(re.findall(r"{\w+}", zh)) == sorted(re.findall(r"{\w+}", en)), key
