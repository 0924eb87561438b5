"""Crash points do nothing unless they are asked for, and then they kill."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from anmin.crash import POINTS


def _passes(point: str, at: str) -> int:
    code = f"from anmin.crash import point; point({point!r}); point({point!r})"
    return subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "ANMIN_CRASH_AT": at}, check=False
    ).returncode


def test_a_point_that_is_not_named_does_nothing() -> None:
    assert _passes(POINTS[0], "") == 0
    assert _passes(POINTS[0], POINTS[1]) == 0


def test_the_named_point_kills_after_so_many_passes() -> None:
    assert _passes(POINTS[0], POINTS[0]) == -signal.SIGKILL
    assert _passes(POINTS[0], f"{POINTS[0]}:1") == -signal.SIGKILL
    assert _passes(POINTS[0], f"{POINTS[0]}:2") == 0
