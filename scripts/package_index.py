"""The package index this machine is set up to use: where it is, and how to fetch one file from it by hash.

Reads what pip and uv are told (environment first, then pip's configuration files); speaks the simple API
in its HTML (PEP 503) and JSON (PEP 691) forms. Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import base64
import configparser
import hashlib
import importlib
import json
import os
import ssl
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.client import HTTPException
from pathlib import Path
from urllib.response import addinfourl

PUBLIC = "https://pypi.org/simple"
ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.5, text/html;q=0.2"
TIMEOUT_S = 60
TRIES = 3


class NoAnswer(Exception):
    """The index could not be reached or had nothing to offer; `detail` is its own word."""


class WrongHash(Exception):
    """The bytes that came are not the bytes that were pinned."""


@dataclass(frozen=True)
class Index:
    """`url` may hold credentials: show `shown` to people, never `url`."""

    url: str
    cert: str | None = None
    proxy: str | None = None
    trusted: frozenset[str] = field(default_factory=frozenset)

    @property
    def shown(self) -> str:
        return without_login(self.url)[0]

    @property
    def public(self) -> bool:
        return self.shown.rstrip("/") == PUBLIC

    def trusts(self, url: str) -> bool:
        parts = urllib.parse.urlsplit(url)
        return bool({parts.hostname, parts.netloc.rpartition("@")[2]} & self.trusted)


def configured(environ: Mapping[str, str]) -> Index:
    """The index for this environment: uv's variables, then pip's, then pip's files, then the public one."""
    pip = pip_settings(environ)
    named = environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL") or pip.get("index-url") or PUBLIC
    url = named.partition("=")[2] if "=" in named.partition("://")[0] else named  # uv allows name=url
    cert = pip.get("cert") or environ.get("SSL_CERT_FILE") or environ.get("REQUESTS_CA_BUNDLE")
    trusted = frozenset(pip.get("trusted-host", "").split())
    return Index(url.strip().rstrip("/"), cert or None, pip.get("proxy") or None, trusted)


def pip_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """pip's settings as pip itself would read them: later files win, the environment wins over files."""
    found: dict[str, str] = {}
    for path in pip_files(environ):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError) as error:
            print(f"anmin: skipped {path}: {error}", file=sys.stderr)
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                found.update((key.replace("_", "-"), value) for key, value in parser.items(section))
    for key in ("index-url", "cert", "proxy", "trusted-host"):
        if value := environ.get("PIP_" + key.upper().replace("-", "_")):
            found[key] = value
    return found


def pip_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where pip looks, lowest priority first."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return
    home = Path(os.path.expanduser("~"))
    for shared in environ.get("XDG_CONFIG_DIRS", "/etc/xdg").split(os.pathsep):
        yield Path(shared, "pip", "pip.conf")
    yield Path("/etc/pip.conf")
    if sys.platform == "darwin":
        yield Path("/Library/Application Support/pip/pip.conf")
        yield home / "Library/Application Support/pip/pip.conf"
    yield home / ".pip" / "pip.conf"
    yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config", "pip", "pip.conf")
    yield Path(sys.prefix, "pip.conf")
    if named:
        yield Path(named)


def without_login(url: str) -> tuple[str, str | None]:
    """The address without its user and password, and the Authorization header they make."""
    parts = urllib.parse.urlsplit(url)
    login, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    user, _, password = login.partition(":")
    plain = f"{urllib.parse.unquote(user)}:{urllib.parse.unquote(password)}".encode()
    return parts._replace(netloc=host).geturl(), "Basic " + base64.b64encode(plain).decode()


def fetch(index: Index, project: str, filename: str, sha256: str, into: Path) -> None:
    """Write one file of a project to `into`. Raises NoAnswer, WrongHash, OSError of the disk."""
    page_url = f"{index.url}/{project}/"
    for left in reversed(range(TRIES)):
        try:
            url = locate(index, page_url, filename)
            download(index, url, sha256, into)
            return
        except (urllib.error.URLError, HTTPException, ConnectionError, TimeoutError) as error:
            refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
            if refused or not left:
                raise NoAnswer(f"{index.shown}/{project}/: {getattr(error, 'reason', error)}") from error
            time.sleep(1)


def locate(index: Index, page_url: str, filename: str) -> str:
    """The absolute address of a file on a project's page."""
    with opened(index, page_url) as page:
        kind = page.headers.get_content_type()
        base = page.geturl()
        body = page.read()
    links = json_links(body) if kind.endswith("json") else html_links(body)
    for name, href in links:
        if name == filename:
            return urllib.parse.urljoin(base, href).partition("#")[0]
    raise NoAnswer(f"{without_login(page_url)[0]} has no {filename}")


def json_links(body: bytes) -> Iterator[tuple[str, str]]:
    for file in json.loads(body)["files"]:
        yield file["filename"], file["url"]


def html_links(body: bytes) -> Iterator[tuple[str, str]]:
    page = _Anchors()
    page.feed(body.decode("utf-8", "replace"))
    for href in page.found:
        path = urllib.parse.urlsplit(href).path
        yield urllib.parse.unquote(path.rpartition("/")[2]), urllib.parse.urljoin(page.base, href)


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.base = ""
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if href and tag == "base":
            self.base = href
        elif href and tag == "a":
            self.found.append(href)


def download(index: Index, url: str, sha256: str, into: Path) -> None:
    seen = hashlib.sha256()
    with opened(index, url) as source, into.open("wb") as target:
        for chunk in iter(lambda: source.read(1 << 16), b""):
            seen.update(chunk)
            target.write(chunk)
    check(seen.hexdigest(), sha256, without_login(url)[0])


def check_file(path: Path, sha256: str) -> None:
    """Raises WrongHash when a file already here is not the pinned one."""
    check(hashlib.sha256(path.read_bytes()).hexdigest(), sha256, str(path))


def check(seen: str, pinned: str, where: str) -> None:
    if seen != pinned:
        raise WrongHash(f"{where}: sha256 {seen}, pinned {pinned}")


def opened(index: Index, url: str) -> addinfourl:
    """An open response; credentials of the index go to the index's own host only."""
    plain, login = without_login(url)
    own, of_index = without_login(index.url)
    if login is None and urllib.parse.urlsplit(plain).netloc == urllib.parse.urlsplit(own).netloc:
        login = of_index
    if plain.startswith("file:") and plain.endswith("/"):
        plain += "index.html"
    request = urllib.request.Request(plain, headers={"Accept": ACCEPT, "User-Agent": "anmin-bootstrap"})
    if login:
        request.add_unredirected_header("Authorization", login)
    response: addinfourl = opener(index, plain).open(request, timeout=TIMEOUT_S)
    return response


def opener(index: Index, url: str) -> urllib.request.OpenerDirector:
    handlers: list[urllib.request.BaseHandler] = [
        urllib.request.HTTPSHandler(context=tls(index, trusted=index.trusts(url)))
    ]
    if index.proxy:
        handlers.append(urllib.request.ProxyHandler({"http": index.proxy, "https": index.proxy}))
    return urllib.request.build_opener(*handlers)


def tls(index: Index, *, trusted: bool) -> ssl.SSLContext:
    """Verified, unless the operator told pip to trust this host: the pinned hash guards the bytes anyway."""
    if trusted:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    if index.cert and Path(index.cert).is_dir():
        return ssl.create_default_context(capath=index.cert)
    if index.cert:
        return ssl.create_default_context(cafile=index.cert)
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"] and (bundle := pip_bundle()):
        context.load_verify_locations(bundle)
    return context


def pip_bundle() -> str | None:
    """pip's own root certificates: what a Python without access to the system's store still has."""
    try:
        return str(importlib.import_module("pip._vendor.certifi").where())
    except ImportError:
        return None
