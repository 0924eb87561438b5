"""The doorman: headers on every response, whose host and origin is served, and how often one may guess."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import secrets
from urllib.parse import urlsplit

from aiohttp import web

from anmin.web.deps import WebDeps, deps_of
from devices.instant import SECOND, Instant, Micros

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    # Not no-referrer: with it browsers send `Origin: null` with forms, and the origin check needs the origin.
    # Nothing leaves the house either way.
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
HSTS = "max-age=31536000"
SAFE_METHODS = frozenset({"GET", "HEAD"})


async def add_headers(request: web.BaseRequest, response: web.StreamResponse) -> None:
    """On `on_response_prepare`: errors and streams too."""
    response.headers.update(HEADERS)
    response.headers.popall("Server", None)
    if not isinstance(request, web.Request):
        return
    if is_trustworthy(request):  # elsewhere browsers ignore it and complain
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    if is_encrypted(request):
        response.headers["Strict-Transport-Security"] = HSTS


def host_of(authority: str) -> str:
    """`[::1]:8080` -> `::1`, `anmin.lan:80` -> `anmin.lan`; empty when it is no authority."""
    try:
        return (urlsplit(f"//{authority}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def from_this_machine(request: web.Request) -> bool:
    """The peer is loopback and no proxy stands between us."""
    forwarded = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP"))
    return not forwarded and is_loopback(request.remote or "")


def is_encrypted(request: web.Request) -> bool:
    """TLS, ours or that of the proxy which the configuration names."""
    if request.scheme == "https":
        return True
    public = urlsplit(deps_of(request).public_url)
    return public.scheme == "https" and public.netloc == request.host


def is_trustworthy(request: web.Request) -> bool:
    """What browsers call a secure context: TLS or this machine."""
    return is_encrypted(request) or is_loopback(host_of(request.host))


def host_allowed(deps: WebDeps, authority: str) -> bool:
    """Names that we are known by, and addresses: rebinding needs a name of its own (S8)."""
    host = host_of(authority)
    if not host:
        return False
    known = {"localhost", deps.host, *(urlsplit(url).hostname or "" for url in _urls(deps))}
    return host in known or _is_address(host)


def origin_allowed(request: web.Request) -> bool:
    """A state changes only for a page of ours (S6): Origin, else Referer, and never across sites."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return False
    claimed = str(request.headers.get("Origin") or request.headers.get("Referer") or "")
    parts = urlsplit(claimed)
    origin = f"{parts.scheme}://{parts.netloc}"
    here = {f"http://{request.host}", f"https://{request.host}"}
    return origin in here or origin in {_origin(url) for url in _urls(deps_of(request))}


def bearer(request: web.Request) -> str:
    """The token of an Authorization header, or nothing."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def token_matches(given: str, expected: str) -> bool:
    """An empty expected token matches nothing: the door is off."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def _urls(deps: WebDeps) -> tuple[str, ...]:
    return tuple(filter(None, (deps.public_url, *deps.trusted_origins)))


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class Allowance:
    """Token buckets by key: `burst` at once, then one every `every_for`. Memory is bounded."""

    MOST = 10_000

    def __init__(self, burst: int, every_for: Micros) -> None:
        self._room = burst * every_for
        self._every_for = every_for
        self._until: dict[str, Instant] = {}  # when the bucket is full again

    def wait_for(self, key: str, now: Instant) -> Micros:
        """How long until one more is allowed; 0 is now. Takes nothing."""
        until = max(self._until.get(key, now), now)
        return max(0, until + self._every_for - now - self._room)

    def take(self, key: str, now: Instant) -> None:
        if key not in self._until and len(self._until) >= self.MOST:
            self._until = {k: until for k, until in self._until.items() if until > now}
            while len(self._until) >= self.MOST:
                self._until.pop(next(iter(self._until)))
        self._until[key] = max(self._until.get(key, now), now) + self._every_for


class Guesses:
    """How often passwords are tried (S4): by address, by account, and by a browser that was here before.

    A browser that once signed in holds a device cookie and has an allowance of its own, so that nobody who
    floods an account from elsewhere can lock its owner out.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = hmac.digest(secret, b"device cookie", "sha256")
        self._by_address = Allowance(10, 5 * SECOND)
        self._by_account = Allowance(20, 5 * SECOND)
        self._by_device = Allowance(10, 5 * SECOND)

    def wait_for(self, account: str, address: str, device: str, now: Instant) -> Micros:
        """0 when this try may be evaluated (and takes it), otherwise how long to wait."""
        keys = self._keys(account, address, device)
        wait = max(book.wait_for(key, now) for book, key in keys)
        if not wait:
            for book, key in keys:
                book.take(key, now)
        return wait

    def _keys(self, account: str, address: str, device: str) -> tuple[tuple[Allowance, str], ...]:
        account = account.casefold()[:200]
        if self._is_known(account, device):
            return ((self._by_device, device),)
        return ((self._by_address, address), (self._by_account, account))

    def device_cookie(self, account: str) -> str:
        nonce = secrets.token_urlsafe(12)
        return f"{nonce}.{self._sign(account.casefold(), nonce)}"

    def _is_known(self, account: str, device: str) -> bool:
        nonce, _, mac = device.partition(".")
        return bool(mac) and token_matches(mac, self._sign(account, nonce))

    def _sign(self, account: str, nonce: str) -> str:
        return hmac.new(self._secret, f"{nonce}\x1f{account}".encode(), hashlib.sha256).hexdigest()[:32]
