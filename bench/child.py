"""Processes that end with us: a benchmark that is killed leaves no broker and no service behind."""

from __future__ import annotations

import asyncio
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

HOST = "127.0.0.1"
_OFF_THE_PATH = ("/usr/sbin", "/usr/local/sbin", "/opt/homebrew/sbin", "/opt/homebrew/bin")
_READY_WITHIN_S = 5.0
_STOP_WITHIN_S = 20.0
_PR_SET_PDEATHSIG = 1


def program(name: str) -> str:
    """Its path; says what to install when there is none."""
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_OFF_THE_PATH)))
    if found is None:
        raise SystemExit(f"bench: no {name}: apt install mosquitto mosquitto-clients victoria-metrics")
    return found


async def start(*words: str, **streams: Any) -> Process:
    return await asyncio.create_subprocess_exec(*words, preexec_fn=_die_with_parent, **streams)


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


async def stop(process: Process) -> None:
    """Asked first, then made to."""
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _STOP_WITHIN_S)
        except TimeoutError:
            process.kill()
    await process.wait()


@asynccontextmanager
async def broker(folder: Path) -> AsyncIterator[int]:
    """A mosquitto with the limits that the product gives its own one; yields its port."""
    port = _configure(folder)
    process = await start(program("mosquitto"), "-c", str(folder / "conf"), stderr=subprocess.DEVNULL)
    try:
        await _listens(port, folder / "log")
        yield port
    finally:
        await stop(process)


def _configure(folder: Path) -> int:
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port = int(probe.getsockname()[1])
    lines = [
        f"listener {port} {HOST}",
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {folder}/",
        "autosave_on_changes false",
        "autosave_interval 1",
        "queue_qos0_messages true",
        "max_queued_messages 200000",
        "max_inflight_messages 4096",
        "set_tcp_nodelay true",
        f"log_dest file {folder}/log",
        *(["user root"] if os.geteuid() == 0 else []),
    ]
    (folder / "conf").write_text("\n".join(lines) + "\n")
    return port


async def _listens(port: int, said: Path) -> None:
    end = time.monotonic() + _READY_WITHIN_S
    while time.monotonic() < end:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        await asyncio.sleep(0.02)
    raise SystemExit(f"bench: mosquitto did not start: {content(said)}")


def content(said: Path) -> str:
    """What a child said for itself."""
    return said.read_text("utf-8") if said.exists() else "nothing"
