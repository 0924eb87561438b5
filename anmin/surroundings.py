"""What the machine must offer before a start: a folder, a port, a broker, room on the disk."""

from __future__ import annotations

import errno
import fcntl
import os
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from anmin.backends.broker_mosquitto import find_mosquitto
from anmin.backends.disk import Space
from anmin.backends.unusable import LedgerUnusable, ServerAway
from anmin.finding import Finding, Severity
from anmin.keeping import check_history, check_server
from anmin.section import MIB
from anmin.sections import Settings
from anmin.settings import Loaded

ROOM = 512 * MIB
SQLITE_FLAW = ((3, 7, 0), (3, 51, 2))
"""Versions in which two connections to one WAL file can lose committed writes; we hold to one each."""


def surroundings(loaded: Loaded) -> Iterator[Finding]:
    """Everything that can be seen without starting. Changes nothing on the machine."""
    if (settings := loaded.settings) is None:
        return
    in_use = _in_use(settings.site.data_dir)
    if in_use:
        zh = "已有一个 Anmin 在用这个数据目录：检查可以，启动不行"
        en = "an Anmin is running on this data directory: fine for a check, not for a second start"
        yield _finding(loaded, "site", "data_dir", Severity.NOTE, "running", zh, en)
    yield from _folder(loaded, settings.site.data_dir, settings.log.reserve_bytes)
    if not in_use:
        yield from _port(loaded, settings)
    yield from _broker(loaded, settings)
    yield from _ledger(loaded, settings)
    yield from _history(loaded, settings)
    yield from _sqlite(loaded)


def _finding(
    loaded: Loaded, section: str, key: str, severity: Severity, code: str, zh: str, en: str
) -> Finding:
    origin = loaded.origin(section, key)
    named = f"[{section}] {key}"
    return Finding(
        origin.name, origin.line, origin.column, severity, code, f"{named}：{zh}", f"{named}: {en}"
    )


def _in_use(folder: Path) -> bool:
    """Whether another process holds the lock of the data directory."""
    try:
        handle = os.open(folder / "lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def _nearest(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that is there."""
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _folder(loaded: Loaded, folder: Path, reserve: int) -> Iterator[Finding]:
    there = _nearest(folder)
    if not there.is_dir():
        zh, en = f"{there} 不是文件夹", f"{there} is not a folder"
        yield _finding(loaded, "site", "data_dir", Severity.ERROR, "not-a-folder", zh, en)
    elif not os.access(there, os.W_OK | os.X_OK):
        zh, en = (
            f"不能写入 {there}：换一个目录或修改权限",
            f"cannot write in {there}: name another, or chown it",
        )
        yield _finding(loaded, "site", "data_dir", Severity.ERROR, "not-writable", zh, en)
    else:
        free = Space.of(there).free
        severity = Severity.ERROR if free < reserve else Severity.WARNING
        if free < reserve + ROOM:
            zh, en = f"只剩 {free // MIB} MiB", f"only {free // MIB} MiB left"
            yield _finding(
                loaded,
                "site",
                "data_dir",
                severity,
                "disk-nearly-full",
                f"{zh}，请腾出空间",
                f"{en}; make room",
            )


def _port(loaded: Loaded, settings: Settings) -> Iterator[Finding]:
    host, port = settings.web.host, settings.web.port
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            zh = f"端口 {port} 已被占用：换一个，或写 0 用任意空闲端口"
            en = f"port {port} is taken: choose another, or 0 for any free one"
            yield _finding(loaded, "web", "port", Severity.ERROR, "port-in-use", zh, en)
        elif error.errno == errno.EACCES:
            zh, en = (
                f"没有权限使用端口 {port}：用 1024 以上的",
                f"no right to port {port}: use one above 1024",
            )
            yield _finding(loaded, "web", "port", Severity.ERROR, "port-forbidden", zh, en)
        else:
            zh, en = f"本机没有地址 {host}", f"this machine has no address {host}"
            yield _finding(loaded, "web", "host", Severity.ERROR, "no-such-address", zh, en)


def _broker(loaded: Loaded, settings: Settings) -> Iterator[Finding]:
    if not settings.mqtt.url and find_mosquitto() is None:
        zh = "没有找到 mosquitto，将用演示级的内置服务：请安装 mosquitto 2"
        en = "no mosquitto found, the embedded broker is for demos only: install mosquitto 2"
        yield _finding(loaded, "mqtt", "url", Severity.WARNING, "no-mosquitto", zh, en)


def _ledger(loaded: Loaded, settings: Settings) -> Iterator[Finding]:
    try:
        check_server(settings)
    except LedgerUnusable as why:
        key = "url_file" if settings.ledger.url_file else "url"
        severity = Severity.WARNING if isinstance(why, ServerAway) else Severity.ERROR
        yield _finding(loaded, "ledger", key, severity, "ledger", why.zh, why.en)


def _history(loaded: Loaded, settings: Settings) -> Iterator[Finding]:
    """A warning: what is measured waits on our own disk until the server takes it."""
    try:
        problem = check_history(settings)
    except OSError as error:
        problem = str(error)
    if problem:
        zh, en = f"历史数据库现在不接收写入：{problem}", f"takes no writes now: {problem}"
        yield _finding(loaded, "history", "url", Severity.WARNING, "history", zh, en)


def _sqlite(loaded: Loaded) -> Iterator[Finding]:
    first, last = SQLITE_FLAW
    if first <= sqlite3.sqlite_version_info <= last:
        version = sqlite3.sqlite_version
        zh = (
            f"SQLite {version} 在多个连接写同一文件时可能丢数据；Anmin 只用一个连接，其他程序不要打开这些文件"
        )
        en = f"SQLite {version} can lose writes with several connections to one file; Anmin uses one"
        yield _finding(
            loaded,
            "site",
            "data_dir",
            Severity.NOTE,
            "sqlite",
            zh,
            f"{en}, and nothing else may open these files",
        )
