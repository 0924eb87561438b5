"""Where requests may go: the address that a connection is made to is checked, not the name that led there.

Whatever an address is called, in decimal, octal, by a name that changes its mind or inside an IPv6 address:
the check stands where the socket is made, so what was checked is what is connected to (requirement S17).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from yarl import URL

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(text) for text in texts)


# A system in the same building: loopback, RFC 1918, carrier-grade NAT (RFC 6598), unique local (RFC 4193).
_HOUSE: Final = _networks(
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "::1/128", "fc00::/7"
)
# IANA special-purpose registries; our own list, for `is_global` differs between versions of Python.
_SPECIAL: Final = _networks(
    "0.0.0.0/8",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/3",
    "2001::/23",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
)
_UNICAST: Final = _networks("0.0.0.0/0", "2000::/3")  # all that IANA has given out as global unicast
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")


class NotAllowed(OSError):
    """A request to an address that requests may not go to. The text is constant, so that several are one."""

    def __init__(self) -> None:
        super().__init__("private or special address: set webhook.allow_private for a system of your own")


def allowed(address: str, *, private: bool) -> bool:
    """Whether a connection to this address may be made; `private` allows a house's own networks too.

    Link-local addresses (cloud metadata lives there), multicast and reserved ones are never allowed.
    """
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and (ip.ipv4_mapped is not None or ip in _NAT64):
        ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    if _within(ip, _HOUSE):
        return private
    return _within(ip, _UNICAST) and not _within(ip, _SPECIAL)


def _within(ip: Address, networks: tuple[Network, ...]) -> bool:
    return any(ip in network for network in networks)


def guarded(*, private: bool) -> Callable[[Any], socket.socket]:
    """A socket factory for `aiohttp.TCPConnector` that raises NotAllowed before anything is sent."""

    def make(info: tuple[Any, ...]) -> socket.socket:
        family, kind, protocol, _, address = info
        if not allowed(str(address[0]), private=private):
            raise NotAllowed
        return socket.socket(family=family, type=kind, proto=protocol)

    return make


def objection(url: URL, *, private: bool) -> str:
    """Why requests do not go to such a URL whatever it resolves to; empty when nothing speaks against it."""
    schemes = ("https", "http") if private else ("https",)
    if url.scheme not in schemes or not url.host:
        return f"not {' or '.join(schemes)}"
    if url.user is not None or url.password is not None:
        return "user name or password in the address"
    return ""
