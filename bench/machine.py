"""What the figures were taken on, and what the kernel says of a process."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
import time
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from bench.child import program

_SYNCS = 200


class Usage(NamedTuple):
    """`cpu_s` since its start, of all threads; `peak_mib` the most memory it ever held."""

    cpu_s: float
    peak_mib: float


def usage(pid: int) -> Usage:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return Usage((int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"), peak / 1024)


def describe(folder: Path) -> dict[str, str]:
    """The machine in a few words; `fsync` is what one costs in this folder with nothing else asked of us."""
    middle, worst = _fsync_ms(folder)
    return {
        "machine": f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}",
        "load before": f"{os.getloadavg()[0]:.1f}",
        "fsync of 4 KiB": f"{middle:.1f} ms median, {worst:.1f} ms p99",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "mosquitto": _version(program("mosquitto")),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), "?")


def _version(mosquitto: str) -> str:
    said = subprocess.run([mosquitto, "-h"], capture_output=True, text=True, timeout=5, check=False).stdout
    return said.partition("version ")[2].split("\n", 1)[0].strip()


def _fsync_ms(folder: Path) -> tuple[float, float]:
    took = []
    with (folder / "fsync").open("wb") as file:
        for _ in range(_SYNCS):
            file.write(b"x" * 4096)
            file.flush()
            began = time.perf_counter()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - began) * 1000)
    return median(took), quantiles(took, n=100)[98]
