"""Disks that fail on demand: fsyncs that say EIO, and a file system that is small enough to fill."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_SOURCE = Path(__file__).with_name("failsync.c")
_MOUNTED = 'mount -t tmpfs -o size="$1" none "$2" && shift 2 && exec "$@"'


def failing_sync(folder: Path, at: int) -> dict[str, str]:
    """The environment of a process whose `at`-th fsync and all later ones fail; skips without a compiler.

    The file `folder / "failed"` exists once one has failed.
    """
    library = _compiled(folder)
    return os.environ | {
        "LD_PRELOAD": str(library),
        "FAIL_SYNC_AT": str(at),
        "FAIL_SYNC_SAID": str(folder / "failed"),
    }


def slow_sync(folder: Path, ms: int) -> dict[str, str]:
    """What to add to the environment of a process whose every fsync takes `ms` longer."""
    return {"LD_PRELOAD": str(_compiled(folder)), "SLOW_SYNC_MS": str(ms)}


def _compiled(folder: Path) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (cc) for the library that makes fsync fail: install gcc")
    library = folder / "failsync.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(_SOURCE), "-ldl"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return library


def on_small_disk(folder: Path, size: str, module: str, *args: str) -> subprocess.CompletedProcess[str]:
    """Run a module with `folder` as a tmpfs of `size` (`16m`) that only it sees and that ends with it."""
    why_not = _cannot_mount()
    if why_not:
        pytest.skip(f"no file system of our own to fill: {why_not}")
    command = ["unshare", "-Urm", "sh", "-c", _MOUNTED, "sh", size, str(folder)]
    command += [sys.executable, "-m", module, str(folder), *args]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=90)


@cache
def _cannot_mount() -> str:
    if shutil.which("unshare") is None:
        return "unshare is missing (package util-linux)"
    trial = ["unshare", "-Urm", "mount", "-t", "tmpfs", "none", "/mnt"]
    said = subprocess.run(trial, capture_output=True, text=True, timeout=20)
    return "" if said.returncode == 0 else said.stderr.strip()
