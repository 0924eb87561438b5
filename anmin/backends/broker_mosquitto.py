"""A mosquitto of our own: safe configuration, persistence proven, restarted when it dies, gone when we go."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import ctypes
import hashlib
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import aiomqtt
import structlog

from anmin.backends.broker_roles import BrokerFailed, Credential, Roles, write_private

_log = structlog.get_logger("anmin.broker")

HOST = "127.0.0.1"
_PLACES = ("/usr/sbin", "/usr/local/sbin", "/usr/local/bin", "/opt/homebrew/sbin", "/opt/homebrew/bin")
_READY_WITHIN_S = 5.0
_STOP_WITHIN_S = 3.0
_PROOF_WITHIN_S = 3.0
_LOG_BYTES = 5_000_000
_TRIES = 3  # a free port may be taken by somebody between our look and the broker's bind
_HASH_ROUNDS = 101  # mosquitto's own; the password is 192 random bits
_PR_SET_PDEATHSIG = 1
_PROOF_TOPIC = "anmin/-/proof"


def find_mosquitto() -> Path | None:
    """A mosquitto 2 on the PATH or where packages put it off a user's PATH."""
    path = os.pathsep.join([os.environ.get("PATH", ""), *_PLACES])
    found = shutil.which("mosquitto", path=path)
    if found is None or not version_of(Path(found)).startswith("2."):
        return None
    return Path(found)


def version_of(mosquitto: Path) -> str:
    """`2.0.11`; empty when it does not say."""
    answer = subprocess.run([mosquitto, "-h"], capture_output=True, text=True, timeout=5, check=False)  # noqa: S603 our own argument
    said = re.search(r"mosquitto version (\S+)", answer.stdout)
    return said[1] if said else ""


def bounds() -> tuple[str, ...]:
    """What any broker of ours keeps, and how much of it.

    Saved every second, not on every change: then mosquitto 2.0 rewrites its whole store for each message and
    falls from 5,000 to 1,200 messages/s. What a device holds our own acknowledgement for does not depend on
    it; a foreign device's message is lost when the broker is killed within that second while we are away.
    """
    return (
        "autosave_on_changes false",
        "autosave_interval 1",
        "persistent_client_expiration 1d",
        "queue_qos0_messages true",
        "max_queued_messages 200000",
        "max_queued_bytes 268435456",
        "max_inflight_messages 4096",
        "max_packet_size 2097152",
        "memory_limit 1073741824",
        "set_tcp_nodelay true",
    )


def configuration(folder: Path, port: int, *, root: bool) -> str:
    """Loopback, known users only, everything bounded, everything kept."""
    lines = [
        f"listener {port} {HOST}",
        "allow_anonymous false",
        f"password_file {folder / 'passwords'}",
        f"acl_file {folder / 'acl'}",
        "persistence true",
        f"persistence_location {folder}{os.sep}",
        "persistence_file mosquitto.db",
        *bounds(),
        f"log_dest file {folder / 'mosquitto.log'}",
        "log_type error",
        "log_type warning",
        "log_type notice",
        "log_timestamp_format %Y-%m-%dT%H:%M:%S%z",
    ]
    if root:
        lines.append("user root")  # else it drops to a user who cannot write our folder, and keeps nothing
    return "\n".join(lines) + "\n"


def access_list(roles: Roles) -> str:
    """mosquitto's ACL file for our two users."""
    lines = [f"user {roles.service.username}", "topic readwrite #", "topic read $SYS/#"]
    lines.append(f"user {roles.devices.username}")
    for write, word in ((True, "write"), (False, "read")):
        lines += [f"topic {word} {topic}" for topic in roles.may(roles.devices.username, write=write)]
    return "\n".join(lines) + "\n"


def password_line(credential: Credential) -> str:
    """`name:$7$rounds$salt$hash`, PBKDF2-SHA512, as mosquitto_passwd of mosquitto 2 writes it."""
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", credential.password.encode(), salt, _HASH_ROUNDS, 64)
    salted, hashed = base64.b64encode(salt).decode(), base64.b64encode(digest).decode()
    return f"{credential.username}:$7${_HASH_ROUNDS}${salted}${hashed}\n"


class PrivateMosquitto:
    """`RunningBroker` over a child process."""

    grade: Literal["mosquitto", "embedded"] = "mosquitto"
    note_zh = ""
    note_en = ""
    host = HOST

    def __init__(self, mosquitto: Path, folder: Path, roles: Roles, port: int) -> None:
        self._mosquitto = mosquitto
        self._folder = folder
        self.roles = roles
        self.port = port
        self._process: asyncio.subprocess.Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._restarts = 0

    @classmethod
    async def start(cls, mosquitto: Path, folder: Path, roles: Roles, port: int) -> PrivateMosquitto:
        """Start it, prove once per folder and version that it keeps messages, and watch over it."""
        for tries_left in reversed(range(_TRIES)):
            self = cls(mosquitto, folder, roles, port or free_port(folder))
            try:
                await asyncio.to_thread(self._prepare)
                await self._spawn()
                break
            except BrokerFailed:
                if port or not tries_left:
                    raise
                (folder / "port").unlink(missing_ok=True)
        try:
            await self._prove()
        except BaseException:
            await self._end()
            raise
        self._watch = asyncio.create_task(self._keep_alive(), name="private-broker")
        return self

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.returncode is None else None

    @property
    def restarts(self) -> int:
        return self._restarts

    async def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        await self._end()

    # --- the process ---

    def _prepare(self) -> None:
        folder, roles = self._folder.resolve(), self.roles
        log = folder / "mosquitto.log"
        if log.exists() and log.stat().st_size > _LOG_BYTES:
            log.replace(log.with_suffix(".log.1"))
        write_private(folder / "passwords", password_line(roles.service) + password_line(roles.devices))
        write_private(folder / "acl", access_list(roles))
        root = hasattr(os, "geteuid") and os.geteuid() == 0
        write_private(folder / "mosquitto.conf", configuration(folder, self.port, root=root))
        write_private(folder / "port", str(self.port))

    async def _spawn(self) -> None:
        command = [str(self._mosquitto), "-c", str(self._folder.resolve() / "mosquitto.conf")]
        log = os.open(self._folder / "mosquitto.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=die_with_parent(),
                start_new_session=True,  # Ctrl-C is ours to handle; it goes when we have stopped
            )
        finally:
            os.close(log)
        await self._until_it_listens(self._process)

    async def _until_it_listens(self, process: asyncio.subprocess.Process) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_READY_WITHIN_S):
                while process.returncode is None:
                    try:
                        _, writer = await asyncio.open_connection(HOST, self.port)
                    except OSError:
                        await asyncio.sleep(0.02)
                    else:
                        writer.close()
                        # Who answers may be a stranger on the same port, while ours is about to give up.
                        await asyncio.sleep(0.05)
                        if process.returncode is None:
                            return
        await self._end()
        raise BrokerFailed(f"mosquitto does not start on port {self.port}", self._folder / "mosquitto.log")

    async def _end(self) -> None:
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_STOP_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    async def _keep_alive(self) -> None:
        wait_s = 0.1
        while True:
            assert self._process is not None
            code = await self._process.wait()
            self._restarts += 1
            _log.error("broker.died", code=code, port=self.port, restarts=self._restarts)
            while True:
                await asyncio.sleep(wait_s)
                try:
                    await self._spawn()
                    break
                except (BrokerFailed, OSError) as error:
                    wait_s = min(wait_s * 2, 5.0)
                    _log.error("broker.restart_failed", error=str(error), again_in_s=wait_s)
            wait_s = 0.1
            _log.info("broker.restarted", pid=self.pid, port=self.port)

    # --- the proof ---

    async def _prove(self) -> None:
        """Kill it once while it holds a message, and see the message again."""
        version = await asyncio.to_thread(version_of, self._mosquitto)
        done = self._folder / "persistence-proven"
        if done.exists() and done.read_text("utf-8") == version:
            return
        token = secrets.token_hex(8).encode()
        try:
            async with asyncio.timeout(_PROOF_WITHIN_S):
                await self._leave_message(token)
                await self._crash()
                await self._spawn()
                await self._find_message(token)
        except (TimeoutError, aiomqtt.MqttError) as error:
            raise BrokerFailed(
                f"it does not keep messages over a crash ({str(error) or 'the message was gone'}); "
                f"make {self._folder} writable for the user that runs it",
                self._folder / "mosquitto.log",
            ) from error
        write_private(done, version)

    async def _leave_message(self, token: bytes) -> None:
        async with self._client("anmin-proof", clean=False) as client:
            await client.subscribe(_PROOF_TOPIC, qos=1)
        async with self._client("anmin-proof-sender") as client:
            await client.publish(_PROOF_TOPIC, token, qos=1)

    async def _crash(self) -> None:
        process = self._process
        assert process is not None
        store = self._folder / "mosquitto.db"
        before = _stamp(store)
        process.send_signal(signal.SIGUSR1)  # save now; by itself it would within a second
        while _stamp(store) == before:  # noqa: ASYNC110 another process writes the file
            await asyncio.sleep(0.02)
        process.kill()
        await process.wait()

    async def _find_message(self, token: bytes) -> None:
        async with self._client("anmin-proof", clean=False) as client:
            while (await anext(client.messages)).payload != token:
                pass  # left by a proof that was interrupted
        async with self._client("anmin-proof"):
            pass  # a clean session: the broker forgets the proof

    def _client(self, name: str, *, clean: bool = True) -> aiomqtt.Client:
        service = self.roles.service
        return aiomqtt.Client(
            HOST,
            self.port,
            identifier=name,
            username=service.username,
            password=service.password,
            clean_session=clean,
            timeout=_PROOF_WITHIN_S,
        )


def die_with_parent() -> Callable[[], None] | None:
    """What the child runs before it becomes the broker: on Linux the kernel ends it with its parent."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)  # loaded here: after the fork nothing may be loaded
    parent = os.getpid()

    def before_exec() -> None:
        libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # the parent died before the kernel knew
            os._exit(1)

    return before_exec


def free_port(folder: Path) -> int:
    """The port of the last start where it is free, else any: gateways find us again."""
    try:
        kept = int((folder / "port").read_text("utf-8"))
    except (OSError, ValueError):
        kept = 0
    for port in (kept, 0):
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
            return int(probe.getsockname()[1])
    raise BrokerFailed(f"no free port on {HOST}")


def _stamp(path: Path) -> tuple[int, int]:
    with contextlib.suppress(OSError):
        state = path.stat()
        return state.st_ino, state.st_mtime_ns
    return (0, 0)
