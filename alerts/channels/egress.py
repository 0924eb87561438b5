"""Where requests may go: the address that a connection is made to is checked, not the name that led there.

Whatever an address is called, in decimal, octal, by a name that changes its mind or inside an IPv6 address:
the check stands where the socket is made, so what was checked is what is connected to (requirement S17).
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from typing import Any, Final

from yarl import URL

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# A system in the same building: loopback, RFC 1918, carrier-grade NAT (RFC 6598), unique local (RFC 4193).
_HOUSE: Final = tuple(
    ipaddress.ip_network(net)
    for net in ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10")
) + tuple(ipaddress.ip_network(net) for net in ("::1/128", "fc00::/7"))
_GLOBAL_6: Final = ipaddress.ip_network("2000::/3")  # IANA: the only global unicast so far
_NAT64: Final = ipaddress.ip_network("64:ff9b::/96")
_TUNNELS: Final = tuple(ipaddress.ip_network(net) for net in ("2002::/16", "2001::/32"))  # 6to4, Teredo


class NotAllowed(OSError):
    """A request to an address that requests may not go to. The text is constant, so that several are one."""

    def __init__(self) -> None:
        super().__init__("private or special address: set webhook.allow_private for a system of your own")


def allowed(address: str, *, private: bool) -> bool:
    """Whether a connection to this address may be made; `private` allows a house's own networks too.

    Link-local addresses (cloud metadata lives there), multicast and reserved ones are never allowed.
    """
    ip: Address = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None or ip in _NAT64:
            ip = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        elif ip in _GLOBAL_6:
            return ip.is_global and not any(ip in tunnel for tunnel in _TUNNELS)
    if any(ip.version == net.version and ip in net for net in _HOUSE):
        return private
    return ip.version == 4 and ip.is_global and not ip.is_multicast


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
