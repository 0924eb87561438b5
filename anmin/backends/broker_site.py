"""The files of a mosquitto that serves a site: TLS, a password per device, and who may say what.

Each device has a user of its own and may publish its own reading, event, status and result and read its own
ack and command, nothing else (reliability S25, S26). What a site adds by hand belongs into a file of its own
beside these, for these are written anew.
"""

from __future__ import annotations

import ipaddress
import json
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from anmin.backends.broker_mosquitto import bounds, password_line
from anmin.backends.broker_roles import SERVICE, Credential, write_private
from ingest import native

KINDS: Final = ("service", "device", "gateway")
DEVICE_WRITES: Final = ("reading", "event", "status", "result")
DEVICE_READS: Final = ("ack", "command")
SERVICE_PORT: Final = 1883
_CA_DAYS, _SERVER_DAYS = 7300, 825
_OWNER = "mosquitto"

Kind: TypeAlias = Literal["service", "device", "gateway"]


class SiteBrokerError(Exception):
    """What cannot be done with these files, and what to do instead."""


@dataclass(frozen=True, slots=True)
class User:
    """`topics` of a gateway are what it may read and write."""

    kind: Kind
    topics: tuple[str, ...] = ()


class SiteBroker:
    """A folder with `mosquitto.conf`, `acl`, `passwords`, certificates, and `users.json`, from which the
    access list is made. Passwords are in it as hashes only, the service's own apart."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()

    # Making it --------------------------------------------------------------------------------------------

    @classmethod
    def create(
        cls, folder: Path, community: str, host: str, port: int, *, own_tls: bool = False
    ) -> SiteBroker:
        """Write everything. Raises SiteBrokerError where there is one already, or no openssl.

        `own_tls`: the site brings `server.crt`, `server.key` and `ca.crt` into the folder itself.
        """
        self = cls(folder)
        if (self.folder / "mosquitto.conf").exists():
            raise SiteBrokerError(f"{folder} holds a broker already; its devices would lose their passwords")
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        (self.folder / "data").mkdir(exist_ok=True, mode=0o700)
        if not own_tls:
            _certificates(self.folder, host)
        write_private(self.folder / "community", community + "\n")
        write_private(self.folder / "passwords", "")
        write_private(self.folder / "users.json", "{}\n")
        password = self.issue({SERVICE: User("service")})[SERVICE]
        write_private(self.folder / "anmin.password", password + "\n")
        write_private(self.folder / "mosquitto.conf", self._configuration(port))
        self._give_away()
        return self

    def _configuration(self, port: int) -> str:
        """Devices come by TLS, under their own name; the service comes from this machine."""
        folder = self.folder
        lines = [
            "# Written by `anmin broker init`; put what you add into a file of your own and include it.",
            "per_listener_settings false",
            "allow_anonymous false",
            f"password_file {folder / 'passwords'}",
            f"acl_file {folder / 'acl'}",
            f"pid_file {folder / 'data' / 'mosquitto.pid'}",
            "persistence true",
            f"persistence_location {folder / 'data'}{os.sep}",
            "persistence_file mosquitto.db",
            *bounds(),
            f"log_dest file {folder / 'data' / 'mosquitto.log'}",
            "log_type error",
            "log_type warning",
            "log_type notice",
            "log_timestamp_format %Y-%m-%dT%H:%M:%S%z",
            "",
            f"listener {SERVICE_PORT if port != SERVICE_PORT else SERVICE_PORT + 1} 127.0.0.1",
            "",
            f"listener {port}",
            f"certfile {folder / 'server.crt'}",
            f"keyfile {folder / 'server.key'}",
            "tls_version tlsv1.2",
            "use_username_as_clientid true",  # else one device could throw another off by its client id
            "max_keepalive 3600",
            "max_connections 20000",
        ]
        return "\n".join(lines) + "\n"

    def _give_away(self) -> None:
        """Debian's mosquitto drops to a user of its own, who must be able to read and write here."""
        if os.geteuid() != 0:
            return
        try:
            for path in (self.folder, *self.folder.rglob("*")):
                shutil.chown(path, _OWNER, _OWNER)
        except LookupError:
            return  # there is no such user: mosquitto will run as whoever starts it

    # Who may what -----------------------------------------------------------------------------------------

    @property
    def community(self) -> str:
        return self._read("community").strip()

    def users(self) -> dict[str, User]:
        """Raises SiteBrokerError where there is no broker."""
        kept = json.loads(self._read("users.json"))
        return {name: User(entry["kind"], tuple(entry["topics"])) for name, entry in kept.items()}

    def issue(self, wanted: Mapping[str, User]) -> dict[str, str]:
        """New passwords, 192 random bits each, told only now; an old one of the same name ends."""
        for name, user in wanted.items():
            if not native.is_name(name) or ":" in name:
                raise SiteBrokerError(f"user name {name!r}: 1 to 128 printable signs without + # / $ :")
            if (name == SERVICE) != (user.kind == "service"):
                raise SiteBrokerError(f"the name {name!r} is the service's own; give the device another id")
        fresh = {name: secrets.token_urlsafe(24) for name in wanted}
        lines = self._passwords()
        lines |= {name: password_line(Credential(name, word)) for name, word in fresh.items()}
        self._keep({**self.users(), **wanted}, lines)
        return fresh

    def revoke(self, names: Iterable[str]) -> None:
        """They cannot connect any more, once the broker has read its files again."""
        gone = set(names)
        if unknown := gone - self.users().keys():
            raise SiteBrokerError(f"no such user: {', '.join(sorted(unknown))}")
        users = {name: user for name, user in self.users().items() if name not in gone}
        self._keep(users, {name: line for name, line in self._passwords().items() if name not in gone})

    def reload(self) -> bool:
        """Ask the running broker to read its files again; False when none runs here."""
        try:
            pid = int((self.folder / "data" / "mosquitto.pid").read_text())
            if "mosquitto" not in Path(f"/proc/{pid}/comm").read_text():
                return False
            os.kill(pid, 1)
        except (OSError, ValueError):
            return False
        return True

    def _keep(self, users: Mapping[str, User], passwords: Mapping[str, str]) -> None:
        """The access list first: no password ever works with the rights of the one before."""
        entries = {name: {"kind": user.kind, "topics": list(user.topics)} for name, user in users.items()}
        write_private(self.folder / "acl", access_list(self.community, users))
        write_private(self.folder / "passwords", "".join(passwords.values()))
        write_private(self.folder / "users.json", json.dumps(entries, ensure_ascii=False, indent=1) + "\n")
        self._give_away()

    def _passwords(self) -> dict[str, str]:
        lines = self._read("passwords").splitlines(keepends=True)
        return {line.partition(":")[0]: line for line in lines}

    def _read(self, name: str) -> str:
        try:
            return (self.folder / name).read_text("utf-8")
        except FileNotFoundError:
            raise SiteBrokerError(
                f"{self.folder} holds no broker; make one with `anmin broker init`"
            ) from None


def access_list(community: str, users: Mapping[str, User]) -> str:
    """mosquitto's ACL file. Who is not in it may nothing."""
    lines: list[str] = []
    for name, user in users.items():
        lines.append(f"user {name}")
        if user.kind == "service":
            lines += ["topic readwrite #", "topic read $SYS/#"]
        elif user.kind == "gateway":
            lines += [f"topic readwrite {topic}" for topic in user.topics]
        else:
            lines += [f"topic write {native.topic(community, name, leaf)}" for leaf in DEVICE_WRITES]
            lines += [f"topic read {native.topic(community, name, leaf)}" for leaf in DEVICE_READS]
    return "\n".join(lines) + "\n"


# Certificates -----------------------------------------------------------------------------------------------


def _certificates(folder: Path, host: str) -> None:
    """An authority of the site's own, and a certificate of the broker under it."""
    names = [_alternative(host), "DNS:localhost", "IP:127.0.0.1"]
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    _openssl(
        *("req", "-x509", *curve, "-keyout", str(folder / "ca.key"), "-out", str(folder / "ca.crt")),
        *("-days", str(_CA_DAYS), "-subj", "/CN=Anmin site authority"),
        *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
    )
    request, extensions = folder / "server.csr", folder / "server.ext"
    _openssl(
        *("req", "-new", *curve, "-keyout", str(folder / "server.key"), "-out", str(request)),
        *("-subj", f"/CN={host[:64]}"),
    )
    write_private(extensions, f"subjectAltName={','.join(names)}\nextendedKeyUsage=serverAuth\n")
    _openssl(
        *(
            "x509",
            "-req",
            "-in",
            str(request),
            "-CA",
            str(folder / "ca.crt"),
            "-CAkey",
            str(folder / "ca.key"),
        ),
        *("-CAcreateserial", "-out", str(folder / "server.crt"), "-days", str(_SERVER_DAYS)),
        *("-extfile", str(extensions)),
    )
    for leftover in (request, extensions, folder / "ca.srl"):
        leftover.unlink(missing_ok=True)
    for key in ("ca.key", "server.key"):
        (folder / key).chmod(0o600)


def _alternative(host: str) -> str:
    try:
        return f"IP:{ipaddress.ip_address(host)}"
    except ValueError:
        if not all(part.isalnum() for part in host.replace("-", "").split(".")):
            raise SiteBrokerError(
                f"host {host!r}: give the name or address that devices connect to"
            ) from None
        return f"DNS:{host}"


def _openssl(*words: str) -> None:
    program = shutil.which("openssl")
    if program is None:
        raise SiteBrokerError(
            "there is no openssl: install it, or bring ca.crt, server.crt and server.key yourself (--own-tls)"
        )
    command = [program, *words]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 our own arguments
    if done.returncode != 0:
        raise SiteBrokerError(f"openssl {words[0]}: {done.stderr.strip().splitlines()[-1:]}")
