"""The guards of tests/support/guards.py, each shown the fault that it is there for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.support import services
from tests.support.guards import is_local
from tests.support.services import ROOT, need

LEAVES_TASK = """
import asyncio
async def test_it():
    asyncio.get_running_loop()
    task = asyncio.create_task(asyncio.sleep(60), name="forgotten")
    keep.append(task)
keep = []
"""
LEAVES_TIMER = """
import asyncio
async def test_it():
    asyncio.get_running_loop().call_later(60, print)
"""
SWALLOWS_CONNECT = """
import socket
def test_it():
    with socket.socket() as s:
        s.settimeout(0.01)
        try:
            s.connect(("192.0.2.1", 9))
        except BaseException:
            pass
"""
SENDS_DATAGRAM = """
import socket
def test_it():
    with socket.socket(type=socket.SOCK_DGRAM) as s:
        s.sendto(b"x", ("192.0.2.1", 9))
"""
IS_CLEAN = """
import asyncio, socket
async def test_it():
    assert asyncio.get_running_loop().get_debug()
    server = await asyncio.start_server(lambda r, w: w.close(), "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        reader, writer = await asyncio.open_connection(host, port)
        assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()
"""
SKIPS = """
import pytest
def test_it():
    pytest.importorskip("no_such_module", reason="not here")
"""
SKIPS_BY_DESIGN = """
import pytest
def test_it():
    pytest.skip("by design: it cannot do that")
"""
SAYS_WHY = "import pytest\n" + LEAVES_TASK.replace("async def", "@pytest.mark.lingers('shown')\nasync def")


FAULTS = {
    "leaves_task": (LEAVES_TASK, "left running: forgotten"),
    "leaves_timer": (LEAVES_TIMER, "left running: timer"),
    "swallows_connect": (SWALLOWS_CONNECT, "left the machine: connect ('192.0.2.1', 9)"),
    "sends_datagram": (SENDS_DATAGRAM, "left the machine: sendto ('192.0.2.1', 9)"),
}
SKIPPED = {"skips": SKIPS, "skips_by_design": SKIPS_BY_DESIGN}
FINE = {"is_clean": IS_CLEAN, "says_why": SAYS_WHY}


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What pytest reports of all the planted modules, run under the guards in a process of its own."""
    folder = tmp_path_factory.mktemp("planted")
    for name, source in {**{name: fault for name, (fault, _) in FAULTS.items()}, **FINE}.items():
        (folder / f"test_{name}.py").write_text(source)
    ini = folder / "pytest.ini"
    ini.write_text("[pytest]\nasyncio_mode = auto\nmarkers =\n    lingers: why\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.guards", "-p", "no:cacheprovider"]
    for name, source in SKIPPED.items():
        (folder / f"test_{name}.py").write_text(source)
    command += ["-rA", "--rootdir", str(folder), "-c", str(ini), str(folder)]
    env = os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "200", services.DEMANDED: "1"}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=60).stdout


@pytest.mark.parametrize("name", FAULTS)
def test_guard_sees_the_fault(name: str, said: str) -> None:
    assert f"ERROR test_{name}.py::test_it - Failed: {FAULTS[name][1]}" in said


@pytest.mark.parametrize("name", FINE)
def test_guard_lets_a_good_test_pass(name: str, said: str) -> None:
    assert f"PASSED test_{name}.py::test_it" in said
    assert f"ERROR test_{name}.py" not in said


def test_skip_fails_where_services_are_demanded(said: str) -> None:
    assert "FAILED test_skips.py::test_it - skipped, which this run forbids: not here" in said
    assert "by design: it cannot do that" in said
    assert "FAILED test_skips_by_design.py" not in said


def test_only_loopback_is_local() -> None:
    inside = [("127.0.0.1", 1), ("127.8.0.1", 1), ("localhost", 1)]
    outside = [("10.0.0.1", 1), ("0.0.0.0", 1), ("example.org", 1)]
    assert all(is_local(socket.AF_INET, address) for address in inside)
    assert not any(is_local(socket.AF_INET, address) for address in outside)
    assert is_local(socket.AF_INET6, ("::1", 1, 0, 0))
    assert not is_local(socket.AF_INET6, ("fe80::1%eth0", 1, 0, 2))
    assert is_local(socket.AF_UNIX, "/run/some.socket")


def test_a_postgresql_off_the_path_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian keeps the server in a folder of its version."""
    if (found := services.postgres()) is None or "postgresql" not in found.parts:
        pytest.skip("by design: it is not installed as Debian does")
    monkeypatch.setenv("PATH", "/nowhere")
    assert services.postgres() == found


def test_missing_service_skips_with_a_reason_and_fails_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = services.Service(lambda: None, "no such thing: do this")
    monkeypatch.setitem(services.SERVICES, "no such thing", lacking)
    monkeypatch.delenv(services.DEMANDED, raising=False)
    with pytest.raises(pytest.skip.Exception, match="do this"):
        need("no such thing")
    monkeypatch.setenv(services.DEMANDED, "1")
    with pytest.raises(pytest.fail.Exception, match="forbids skipping"):
        need("no such thing")
