"""The set-up of a fresh machine: which interpreter, which index, which bytes, and what a person is told."""

from __future__ import annotations

import ast
import base64
import errno
import hashlib
import http.server
import json
import platform
import subprocess
import sys
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import bootstrap
import environment
import package_index
import pytest
from package_index import Index, NoAnswer, WrongHash
from trouble import Trouble

from tests.arch.tree import ROOT

WHEEL = "thing-1.0-py3-none-any.whl"
BYTES = b"not really a wheel"
PIN = hashlib.sha256(BYTES).hexdigest()
HTML = f'<!DOCTYPE html><body><a href="../../files/{WHEEL}#sha256=0">{WHEEL}</a></body>'
BASED = f'<head><base href="/files/"></head><a href="{WHEEL}">{WHEEL}</a>'
JSON = json.dumps({"files": [{"filename": WHEEL, "url": f"../../files/{WHEEL}", "hashes": {}}]})


class Handler(http.server.BaseHTTPRequestHandler):
    """A small index; `answers` maps a path to (content type, body)."""

    answers: dict[str, tuple[str, bytes]]
    login: str | None = None

    def do_GET(self) -> None:
        if self.login and self.headers.get("Authorization") != self.login:
            self.send_error(401)
        elif self.path not in self.answers:
            self.send_error(404)
        else:
            kind, body = self.answers[self.path]
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


Serve = Callable[..., str]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start an index with one project page; returns host:port."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers: list[http.server.HTTPServer] = []

    def start(page: str, kind: str = "text/html", file: bytes = BYTES, login: str | None = None) -> str:
        answers = {"/simple/thing/": (kind, page.encode()), f"/files/{WHEEL}": ("x/y", file)}
        handler = type("Planted", (Handler,), {"answers": answers, "login": login})
        servers.append(http.server.HTTPServer(("127.0.0.1", 0), handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def get(url: str, into: Path) -> bytes:
    package_index.fetch(Index(url), "thing", WHEEL, PIN, into)
    return into.read_bytes()


@pytest.mark.parametrize(
    ("page", "kind"),
    [(HTML, "text/html"), (BASED, "text/html"), (JSON, "application/vnd.pypi.simple.v1+json")],
)
def test_file_is_found_on_every_kind_of_page(page: str, kind: str, serve: Serve, tmp_path: Path) -> None:
    assert get(f"http://{serve(page, kind)}/simple", tmp_path / "got") == BYTES


def test_credentials_in_the_address_are_used_and_never_shown(serve: Serve, tmp_path: Path) -> None:
    login = "Basic " + base64.b64encode(b"user:p@ss").decode()
    host = serve(HTML, login=login)
    url = f"http://user:p%40ss@{host}/simple"
    assert get(url, tmp_path / "got") == BYTES
    assert Index(url).shown == f"http://{host}/simple"
    with pytest.raises(NoAnswer) as refused:
        get(f"http://user:wrong-one@{host}/simple", tmp_path / "got")
    assert "wrong-one" not in str(refused.value)


def test_changed_bytes_are_refused(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(WrongHash, match="pinned"):
        get(f"http://{serve(HTML, file=BYTES + b'!')}/simple", tmp_path / "got")


def test_index_without_the_file_says_so(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(NoAnswer, match=f"has no {WHEEL}"):
        get(f"http://{serve('<html></html>')}/simple", tmp_path / "got")


def test_index_that_does_not_answer_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(time, "sleep", lambda _: None)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with pytest.raises(NoAnswer, match=r"127\.0\.0\.1:9/simple/thing/"):
        get("http://127.0.0.1:9/simple", tmp_path / "got")


def conf(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pip.conf").write_text(text)
    return folder / "pip.conf"


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    """An environment in which no file of this machine is read but those that a test writes."""
    named = conf(
        tmp_path / "named", "[global]\nindex-url = https://file.test/simple/\ntrusted-host = a b:1\n"
    )
    return {"PIP_CONFIG_FILE": str(named), "XDG_CONFIG_HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path)}


def test_index_comes_from_pips_file(nowhere: dict[str, str]) -> None:
    index = package_index.configured(nowhere)
    assert index.url == "https://file.test/simple"
    assert index.trusts("http://a/simple")
    assert index.trusts("http://b:1/simple")
    assert not index.trusts("http://b:2/simple")
    assert not index.public


def test_environment_wins_over_files_and_uv_over_pip(nowhere: dict[str, str]) -> None:
    pip = nowhere | {"PIP_INDEX_URL": "https://pip.test/simple"}
    old = pip | {"UV_INDEX_URL": "https://old.test/simple"}
    new = old | {"UV_DEFAULT_INDEX": "mirror=https://new.test/simple?a=b"}
    seen = [package_index.configured(environ).url for environ in (pip, old, new)]
    assert seen == ["https://pip.test/simple", "https://old.test/simple", "https://new.test/simple?a=b"]


def test_section_install_wins_over_global(nowhere: dict[str, str]) -> None:
    path = Path(nowhere["PIP_CONFIG_FILE"])
    path.write_text("[install]\nindex_url = https://in.test/s\n[global]\nindex-url = https://glob.test/s\n")
    assert package_index.configured(nowhere).url == "https://in.test/s"


def test_without_configuration_the_public_index_is_used() -> None:
    assert package_index.configured({"PIP_CONFIG_FILE": "/dev/null"}).public


def test_broken_pip_file_is_skipped_aloud(
    nowhere: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    Path(nowhere["PIP_CONFIG_FILE"]).write_text("index-url = no section\n")
    package_index.configured(nowhere)
    assert "skipped" in capsys.readouterr().err


@pytest.mark.parametrize("version", [(3, 6, 15), (3, 10, 1), (3, 14, 0)])
def test_interpreter_that_does_not_fit_is_told_in_two_languages(
    version: tuple[int, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "version_info", version)
    assert bootstrap.main() == 3
    told = capsys.readouterr().err
    assert "What to do: install" in told
    assert "怎么办：请安装" in told


def test_first_file_is_readable_for_old_interpreters() -> None:
    source = (ROOT / "scripts/bootstrap.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))
    with pytest.raises(SyntaxError):
        ast.parse("x = (y := 1)", feature_version=(3, 7))


@pytest.mark.parametrize(
    ("error", "en", "zh", "code"),
    [
        (NoAnswer("http://x/simple/uv/: timed out"), "PIP_INDEX_URL", "软件源", 4),
        (WrongHash("f: sha256 1, pinned 2"), "nothing of it was run", "未执行", 4),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "cannot write /x", "无法写入", 3),
        (OSError(errno.EROFS, "Read-only file system", "/x"), "cannot write /x", "无法写入", 3),
        (OSError(errno.ENOSPC, "No space left on device"), "No space left", "磁盘", 3),
        (Trouble(en=("what", "do"), zh=("何事", "如何")), "What to do: do", "怎么办：如何", 3),
    ],
)
def test_trouble_is_told_in_two_languages(
    error: Exception,
    en: str,
    zh: str,
    code: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def prepare() -> None:
        raise error

    monkeypatch.setattr(environment, "prepare", prepare)
    assert environment.set_up() == code
    told = capsys.readouterr().err
    assert en in told
    assert zh in told


@pytest.mark.parametrize(
    ("system", "machine", "libc", "key"),
    [
        ("linux", "x86_64", "x86_64-pc-linux-gnu", "linux-x86_64-glibc"),
        ("linux", "AMD64", "x86_64-alpine-linux-musl", "linux-x86_64-musl"),
        ("linux", "arm64", "aarch64-linux-gnu", "linux-aarch64"),
        ("darwin", "arm64", "None", "darwin-arm64"),
        ("darwin", "x86_64", "None", "darwin-x86_64"),
    ],
)
def test_wheel_is_chosen_by_platform(
    system: str, machine: str, libc: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(platform, "machine", lambda: machine)
    monkeypatch.setattr(sysconfig, "get_config_var", lambda _: libc)
    assert environment.platform_key() == key
    assert key in environment.WHEELS


@pytest.mark.parametrize(
    ("said", "fits"),
    [
        ("uv 0.13.9 (x86_64)", True),
        ("uv 0.13.12", True),
        ("uv 0.13.8", False),
        ("uv 0.14.0", False),
        ("", False),
    ],
)
def test_only_a_uv_of_the_pinned_series_fits(said: str, fits: bool) -> None:
    assert bool(environment.FITTING.match(said)) is fits


@pytest.fixture
def own_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder in which nothing has been set up yet."""
    for name in ("uv.lock", "pyproject.toml"):
        (tmp_path / name).write_text(name)
    for name, path in {"ROOT": "", "TOOLS": ".tools", "VENV": ".venv", "STAMP": ".venv/.anmin-stamp"}.items():
        monkeypatch.setattr(environment, name, tmp_path / path)
    return tmp_path


def test_second_run_does_nothing_until_the_lock_changes(
    own_room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed: list[str] = []

    def install(uv: str, index: Index, python: str) -> None:
        (own_room / ".venv").mkdir(exist_ok=True)
        installed.append(uv)

    monkeypatch.setattr(environment, "uv_at_hand", lambda: "uv")
    monkeypatch.setattr(environment, "install", install)
    environment.prepare()
    environment.prepare()
    assert installed == ["uv"]
    (own_room / "uv.lock").write_text("changed")
    environment.prepare()
    assert installed == ["uv", "uv"]


def test_failed_install_leaves_no_stamp(own_room: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def install(uv: str, index: Index, python: str) -> None:
        environment.run({}, index, sys.executable, "-c", "raise SystemExit(1)")

    monkeypatch.setattr(environment, "uv_at_hand", lambda: "uv")
    monkeypatch.setattr(environment, "install", install)
    with pytest.raises(Trouble, match="failed in"):
        environment.prepare()
    assert not environment.STAMP.exists()


def test_wheel_brought_by_hand_is_checked_too(own_room: Path) -> None:
    environment.TOOLS.mkdir()
    (environment.TOOLS / environment.WHEELS[environment.platform_key()][0]).write_bytes(b"something else")
    with pytest.raises(WrongHash):
        environment.fetch_uv(Index("http://127.0.0.1:9/simple"))
    assert not (environment.TOOLS / "uv").exists()


def test_uv_gets_the_index_the_interpreter_and_nothing_else(
    own_room: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UV_EXTRA_INDEX_URL", "https://other.test/simple")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    monkeypatch.delenv("HTTPS_PROXY", raising=False)
    index = Index("https://mirror.test/simple", proxy="http://proxy.test:3128", trusted=frozenset({"a", "b"}))
    env = environment.uv_environ(index, "/usr/bin/python3")
    assert env["UV_DEFAULT_INDEX"] == index.url
    assert env["UV_PYTHON"] == "/usr/bin/python3"
    assert env["UV_PYTHON_DOWNLOADS"] == "never"
    assert env["HTTPS_PROXY"] == "http://proxy.test:3128"
    assert env["UV_INSECURE_HOST"] == "a b"
    assert not {"UV_EXTRA_INDEX_URL", "VIRTUAL_ENV"} & env.keys()
    assert "UV_DEFAULT_INDEX" not in environment.uv_environ(Index(package_index.PUBLIC), "python3")


def test_make_without_a_target_lists_them() -> None:
    said = subprocess.run(["make", "-s"], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert said.returncode == 0
    assert "make demo" in said.stdout
    assert "make test" in said.stdout
