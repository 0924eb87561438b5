"""Where an MQTT broker is, who we are to it, and what its refusals mean in words for a person."""

from __future__ import annotations

import socket
import ssl
from dataclasses import dataclass, field
from typing import Literal

import aiomqtt
from aiomqtt.exceptions import MqttConnectError


@dataclass(frozen=True, slots=True)
class Tls:
    """PEM files. `ca` None means the system's; `cert` and `key` are for brokers that ask for them."""

    ca: str | None = None
    cert: str | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class MqttEndpoint:
    """A broker and who we are to it. `client_id` names the session the broker keeps: stable, one per source.

    `session_expiry` in seconds; `receive_maximum` bounds what is delivered and not yet acknowledged (MQTT 5;
    with 3.1.1 the broker's own `max_inflight_messages` does). Below 1,000 mosquitto 2.0 overruns it.
    """

    host: str
    port: int
    client_id: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: Tls | None = None
    protocol: Literal["5", "3.1.1"] = "5"
    keepalive: int = 15
    session_expiry: int = 86_400
    receive_maximum: int = 4096

    def __post_init__(self) -> None:
        if not self.client_id or any(sign in self.client_id for sign in "+#/"):
            raise ValueError(f"MQTT client id {self.client_id!r}: give a name without '+', '#' and '/'")
        if not 1000 <= self.receive_maximum <= 65535:
            raise ValueError(f"MQTT receive_maximum {self.receive_maximum}: give 1000 to 65535")


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Raises OSError (ssl.SSLError included) for files that are missing or broken."""
    context = ssl.create_default_context(cafile=tls.ca)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if tls.cert:
        context.load_cert_chain(tls.cert, tls.key)
    return context


def describe(error: BaseException, at: MqttEndpoint) -> str:
    """One sentence for a person: what went wrong at which broker, and what to do."""
    where = f"{at.host}:{at.port}"
    cause = error.__context__ if isinstance(error.__context__, OSError) else error
    match cause:
        case ConnectionRefusedError():
            return f"nothing listens on {where}: start the broker or correct the address"
        case socket.gaierror() | UnicodeError():
            return f"the name {at.host!r} is not known: correct the broker's address"
        case ssl.SSLCertVerificationError():
            return f"the certificate of {where} is not trusted ({cause}): set its CA file"
        case ssl.SSLError():
            return f"TLS with {where} failed ({cause}): compare port, certificates and TLS settings"
        case FileNotFoundError():
            return f"a certificate file for {where} is missing: set existing PEM files"
        case MqttConnectError():
            who = at.username or "anonymous"
            return f"{where} refuses user {who!r}, client {at.client_id!r} ({cause}): check name and password"
        case aiomqtt.MqttCodeError() if "taken over" in str(cause).lower():
            return f"another client took the session {at.client_id!r} at {where}: give each its own client id"
        case aiomqtt.MqttCodeError():
            who = f"another client came as {at.client_id!r}"  # which mosquitto does not say
            return f"the connection to {where} broke ({cause}): broker stopped, network failed, or {who}"
        case TimeoutError():
            return f"{where} does not answer: check address, network and firewall"
    return f"{where}: {cause}"
