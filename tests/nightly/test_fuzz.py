"""Every decoder under coverage-guided fuzzing, each in a process of its own (`python -m tests.fuzz`)."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.__main__ import NO_ATHERIS
from tests.fuzz.targets import NAMES, PLANTED
from tests.support.services import ROOT, demanded

SECONDS = int(os.environ.get("ANMIN_FUZZ_SECONDS", "60"))
STARTING_S = 60

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(SECONDS + 2 * STARTING_S)]


def fuzz(*words: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-m", "tests.fuzz", *words)
    within_s = SECONDS + STARTING_S
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=within_s, check=False)


def need_atheris() -> None:
    if find_spec("atheris") is None:
        reason = "no atheris: run `make nightly` on Linux on x86-64, for which it has wheels"
        if demanded() or os.environ.get("CI") == "true":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)


@pytest.mark.parametrize("decoder", NAMES)
def test_fuzzing_finds_nothing(decoder: str, tmp_path: Path) -> None:
    need_atheris()
    done = fuzz(decoder, "--seconds", str(SECONDS), "--findings", str(tmp_path))
    assert done.returncode == 0, done.stderr[-4000:]
    assert "stat::number_of_executed_units" in done.stderr


def test_fuzzing_without_atheris_says_so() -> None:
    if find_spec("atheris") is not None:
        pytest.skip("atheris is there")
    assert fuzz("strict_json").returncode == NO_ATHERIS


@pytest.mark.parametrize("planted", PLANTED)
def test_a_planted_fault_is_found(planted: str, tmp_path: Path) -> None:
    """The red control, and the command that it prints shows the fault again."""
    need_atheris()
    done = fuzz(planted, "--seconds", str(SECONDS), "--findings", str(tmp_path))
    assert done.returncode == 1, done.stderr[-4000:]
    (line,) = [line for line in done.stderr.splitlines() if line.startswith("FINDING")]
    again = fuzz(*line.rpartition("tests.fuzz ")[2].split())
    assert again.returncode == 1
    assert again.stderr.splitlines()[-1] in done.stderr
