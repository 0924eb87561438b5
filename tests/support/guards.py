"""Guards around every test: nothing left running, nothing sent off this machine, nothing skipped in silence.

A pytest plugin, named in tests/conftest.py.
"""

from __future__ import annotations

import asyncio
import inspect
import ipaddress
import socket
from collections.abc import AsyncIterator, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests.support.services import demanded

BY_DESIGN = "by design: "  # how the reason of a skip begins that no service could change
REAL_TIME = frozenset({"service", "browser", "bench"})  # folders whose tests measure: debug mode is slow
LOCAL_NAMES = frozenset({"localhost", ""})


class LeftTheMachine(AssertionError):
    """A test addressed something that is not loopback."""


def is_local(family: int, address: Any) -> bool:
    """Whether an address of `socket.connect` stays on this machine; a name other than localhost does not."""
    if family not in (socket.AF_INET, socket.AF_INET6):
        return True  # AF_UNIX and netlink have no far end
    host = str(address[0]).partition("%")[0]
    if host in LOCAL_NAMES:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(scope="session")
def addressed() -> Iterator[list[str]]:
    """Patch the ways out of a socket once; what was addressed abroad is kept, for code may swallow errors."""
    abroad: list[str] = []
    patch = pytest.MonkeyPatch()
    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, watched(getattr(socket.socket, name), abroad))
    yield abroad
    patch.undo()


def watched(real: Any, abroad: list[str]) -> Any:
    def call(self: socket.socket, *args: Any) -> Any:
        if not is_local(self.family, args[-1]):
            abroad.append(f"{real.__name__} {args[-1]!r}")
            raise LeftTheMachine(abroad[-1])
        return real(self, *args)

    return call


@pytest.fixture(autouse=True)
def stays_on_this_machine(addressed: list[str]) -> Iterator[None]:
    addressed.clear()
    yield
    if addressed:
        pytest.fail(f"left the machine: {', '.join(addressed)}", pytrace=False)


@pytest.fixture(autouse=True)
def leaves_nothing_running(request: pytest.FixtureRequest) -> None:
    """Set up before all other fixtures of a coroutine test, so that it looks after they have cleaned up.

    A test that must leave something says so: `@pytest.mark.lingers("why")`.
    """
    if inspect.iscoroutinefunction(getattr(request.node, "obj", None)):
        request.getfixturevalue("quiet_loop")


@pytest.fixture
async def quiet_loop(request: pytest.FixtureRequest) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    loop.set_debug(not REAL_TIME & set(Path(request.node.path).parts))
    before = asyncio.all_tasks()
    yield
    await asyncio.sleep(0)  # what was just cancelled may end
    await asyncio.sleep(0)
    left = sorted(task.get_name() for task in asyncio.all_tasks() - before - {asyncio.current_task()})
    left += sorted(timer_name(timer) for timer in timers(loop))
    if left and not request.node.get_closest_marker("lingers"):
        pytest.fail(f"left running: {', '.join(left)}", pytrace=False)


def timers(loop: asyncio.AbstractEventLoop) -> list[asyncio.TimerHandle]:
    """What is still due; asyncio has no public way to ask."""
    scheduled: list[asyncio.TimerHandle] = getattr(loop, "_scheduled", [])
    return [timer for timer in scheduled if not timer.cancelled()]


def timer_name(timer: asyncio.TimerHandle) -> str:
    return f"timer {getattr(timer, '_callback', timer)}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Where the run demands services every skip is a failure, whichever way it was asked for."""
    report = yield
    reason = skipped_for(report)
    if reason and demanded() and not reason.startswith(BY_DESIGN):
        report.outcome = "failed"
        report.longrepr = f"skipped, which this run forbids: {reason}"
    return report


def skipped_for(report: pytest.TestReport) -> str:
    """The reason of a skip, empty when it is none (an expected failure counts as skipped to pytest)."""
    if not report.skipped or hasattr(report, "wasxfail") or not isinstance(report.longrepr, tuple):
        return ""
    return str(report.longrepr[2]).removeprefix("Skipped: ") or "no reason given"


@pytest.fixture(autouse=True)
def logging_as_it_was() -> Iterator[None]:
    """Whoever sets up logging does so for one test: half of it left over would break the next log call."""
    structlog.reset_defaults()
    yield
    structlog.reset_defaults()
