"""What some tests need from the machine: there, or the test is skipped with a reason, or fails on demand."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
OFF_THE_PATH = os.pathsep.join(("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/bin"))
DEMANDED = "ANMIN_REQUIRE_SERVICES"


class Service(NamedTuple):
    find: Callable[[], Path | None]
    lacking: str  # what is not there and what to do


def program(*names: str) -> Callable[[], Path | None]:
    def find() -> Path | None:
        path = os.pathsep.join((os.environ.get("PATH", os.defpath), OFF_THE_PATH))
        found = next(filter(None, (shutil.which(name, path=path) for name in names)), None)
        return Path(found) if found else None

    return find


def postgres() -> Path | None:
    """The newest server with its `initdb` beside it; Debian keeps them off the PATH."""
    found = program("postgres")()
    debian = Path("/usr/lib/postgresql").glob("*/bin/postgres")
    newest = max(debian, key=lambda path: float(path.parent.parent.name), default=None)
    inside = (path.resolve() for path in (newest, found) if path)
    return next((path for path in inside if path.with_name("initdb").exists()), None)


def shared_data() -> Path | None:
    folder = Path(os.environ.get("ANMIN_SHARED") or ROOT.parent / "shared") / "data"
    return folder if folder.is_dir() else None


def small_filesystem() -> Path | None:
    """The `unshare` that can mount a tmpfs of its own (`unshare -Urm sh -c 'mount -t tmpfs ...'`)."""
    unshare = program("unshare")()
    trial = "mount -t tmpfs -o size=1m none /mnt"
    if unshare and not subprocess.run([unshare, "-Urm", "sh", "-c", trial], capture_output=True).returncode:
        return unshare
    return None


def pinned_uv() -> Path | None:
    ours = ROOT / ".tools" / "uv"
    return ours if ours.exists() else program("uv")()


SERVICES = {
    "mosquitto": Service(program("mosquitto"), "no mosquitto binary: apt install mosquitto"),
    "mosquitto_sub": Service(program("mosquitto_sub"), "no mosquitto_sub: apt install mosquitto-clients"),
    "postgres": Service(postgres, "no PostgreSQL server: apt install postgresql"),
    "influxd": Service(program("influxd"), "no InfluxDB: apt install influxdb"),
    "victoria-metrics": Service(
        program("victoria-metrics"), "no VictoriaMetrics: apt install victoria-metrics"
    ),
    "openssl": Service(program("openssl"), "no openssl: apt install openssl"),
    "chromium": Service(
        program("chromium", "chromium-browser", "google-chrome"), "no chromium: apt install chromium"
    ),
    "shared data": Service(
        shared_data, "no recorded data beside the project: set ANMIN_SHARED to its folder"
    ),
    "tmpfs": Service(small_filesystem, "no tmpfs in a namespace of our own: allow user namespaces"),
    "uv": Service(pinned_uv, "no uv: run scripts/bootstrap.py"),
    "cc": Service(program("cc", "gcc", "clang"), "no C compiler: apt install gcc libc6-dev"),
}


@cache
def _found(name: str) -> Path | None:
    return SERVICES[name].find()


def demanded() -> bool:
    """Whether this run must have every service (CI)."""
    return os.environ.get(DEMANDED, "") not in ("", "0")


def need(name: str) -> Path:
    """The path of a service of the machine, by its name in SERVICES.

    Not there: the test is skipped with the reason, or fails when ANMIN_REQUIRE_SERVICES=1.
    """
    found = _found(name)
    if found is not None:
        return found
    reason = f"{name}: {SERVICES[name].lacking}"
    if demanded():
        pytest.fail(f"{reason} ({DEMANDED} forbids skipping)", pytrace=False)
    pytest.skip(reason)
