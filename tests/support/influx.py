"""Time series servers for tests: InfluxDB 1.6 and VictoriaMetrics of Debian, and a declared stub of a 2.x."""

from __future__ import annotations

import gzip
import json
import shutil
import ssl
import subprocess
import tempfile
import threading
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.mosquitto import HOST, free_port
from tests.support.services import need

_READY_WITHIN_S = 30.0
_INFLUX_CONFIG = """
reporting-disabled = true
bind-address = "{host}:{rpc}"
[meta]
  dir = "{folder}/meta"
[data]
  dir = "{folder}/data"
  wal-dir = "{folder}/wal"
[http]
  bind-address = "{host}:{port}"
  log-enabled = false
[monitor]
  store-enabled = false
"""


def ask(url: str, query: dict[str, str], post: bool = False) -> str:
    """One request without the client under test."""
    body = urllib.parse.urlencode(query)
    request = url if post else f"{url}?{body}"
    with urllib.request.urlopen(request, data=body.encode() if post else None, timeout=10) as answer:
        text: str = answer.read().decode()
        return text


def statement(url: str, text: str) -> None:
    """Administer InfluxDB 1.x."""
    ask(f"{url}/query", {"q": text}, post=True)


@contextmanager
def influxdb() -> Iterator[str]:
    """The URL of an InfluxDB 1.6 of one's own with an empty database `history`."""
    program = need("influxd")
    folder = Path(tempfile.mkdtemp(prefix="anmin-influx-"))
    port = free_port()
    config = folder / "influxdb.conf"
    config.write_text(_INFLUX_CONFIG.format(host=HOST, port=port, rpc=free_port(), folder=folder))
    with _server(
        [str(program), "run", "-config", str(config)], f"http://{HOST}:{port}", "/ping", folder
    ) as url:
        statement(url, "CREATE DATABASE history")
        yield url


@contextmanager
def victoria() -> Iterator[str]:
    """The URL of a VictoriaMetrics of one's own; it keeps one sample of a series and millisecond."""
    program = need("victoria-metrics")
    folder = Path(tempfile.mkdtemp(prefix="anmin-victoria-"))
    port = free_port()
    flags = ["-retentionPeriod=100y", "-dedup.minScrapeInterval=1ms", "-search.disableCache"]
    command = [str(program), f"-httpListenAddr={HOST}:{port}", f"-storageDataPath={folder}/data", *flags]
    with _server(command, f"http://{HOST}:{port}", "/health", folder) as url:
        yield url


@contextmanager
def _server(command: Sequence[str], url: str, door: str, folder: Path) -> Iterator[str]:
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        end = time.monotonic() + _READY_WITHIN_S
        while True:
            try:
                urllib.request.urlopen(url + door, timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()[-2000:]
                assert time.monotonic() < end, (folder / "log").read_text()[-2000:]
                time.sleep(0.05)
        yield url
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def influx_url() -> Iterator[str]:
    with influxdb() as url:
        yield url


@pytest.fixture(scope="session")
def victoria_url() -> Iterator[str]:
    with victoria() as url:
        yield url


class Said(NamedTuple):
    """One request as the stub got it; `lines` unpacked."""

    path: str
    query: dict[str, str]
    authorization: str
    lines: tuple[str, ...]


class InfluxStub:
    """A 2.x server as far as its status codes go: takes all but lines with `poison`, unless told so."""

    def __init__(self) -> None:
        self.status = 204
        self.headers: dict[str, str] = {}
        self.message = ""
        self.poison = ""
        self.most = 1 << 30
        self.said: list[Said] = []
        stub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, format: str, *args: object) -> None: ...

            def do_GET(self) -> None:
                self._answer(*((200, "") if self.path.startswith("/ping") else (404, "not found")))

            def do_POST(self) -> None:
                size = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(size)
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                address = urllib.parse.urlsplit(self.path)
                query = dict(urllib.parse.parse_qsl(address.query))
                lines = tuple(body.decode().split("\n"))
                said = Said(address.path, query, self.headers.get("Authorization", ""), lines)
                stub.said.append(said)
                self._answer(*stub.judge(said))

            def _answer(self, status: int, message: str) -> None:
                body = b"" if status == 204 else json.dumps({"code": "x", "message": message}).encode()
                self.send_response(status)
                for name, value in stub.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self._server = ThreadingHTTPServer((HOST, 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def secure(self, certificate: Path, key: Path) -> str:
        """From now on by https, with this certificate; its URL then."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        return self.url.replace("http://", "https://")

    def judge(self, said: Said) -> tuple[int, str]:
        if self.status != 204:
            return self.status, self.message
        if said.path != "/api/v2/write":
            return 404, "path not found"
        if len(said.lines) > self.most:
            return 413, "too large"
        if self.poison and any(self.poison in line for line in said.lines):
            return 400, "unable to parse"
        return 204, ""

    @property
    def taken(self) -> list[str]:
        """Lines that were taken, without probes."""
        good = (said for said in self.said if self.judge(said)[0] == 204)
        return [line for said in good for line in said.lines if not line.startswith("anmin_ready")]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def stub() -> Iterator[InfluxStub]:
    server = InfluxStub()
    yield server
    server.close()
