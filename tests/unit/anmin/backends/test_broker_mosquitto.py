"""What the private mosquitto is told."""

from __future__ import annotations

import base64
import hashlib
import os
import socket
from pathlib import Path

import pytest

from anmin.backends.broker_mosquitto import (
    access_list,
    configuration,
    find_mosquitto,
    free_port,
    password_line,
    version_of,
)
from anmin.backends.broker_roles import Credential, Roles


def _told(*, root: bool) -> list[str]:
    return configuration(Path("/data/broker"), 18830, root=root).splitlines()


def test_listens_on_loopback_only_and_lets_nobody_in_unknown() -> None:
    told = _told(root=False)
    assert [line for line in told if line.startswith("listener")] == ["listener 18830 127.0.0.1"]
    assert "allow_anonymous false" in told
    assert "password_file /data/broker/passwords" in told
    assert "acl_file /data/broker/acl" in told


def test_keeps_everything_within_bounds() -> None:
    told = dict(line.split(" ", 1) for line in _told(root=False))
    assert told["persistence"] == "true"
    assert told["autosave_interval"] == "1"
    assert told["queue_qos0_messages"] == "true"
    for bound in ("max_queued_messages", "max_queued_bytes", "max_packet_size", "memory_limit"):
        assert int(told[bound]) > 0, bound
    assert int(told["max_inflight_messages"]) >= 1000


def test_root_stays_root_so_that_it_can_write_our_folder() -> None:
    assert "user root" in _told(root=True)
    assert "user root" not in _told(root=False)


def test_the_password_is_hashed_as_mosquitto_hashes() -> None:
    name, said = password_line(Credential("devices", "open sesame")).strip().split(":")
    _, kind, rounds, salt, digest = said.split("$")
    assert (name, kind) == ("devices", "7")
    expected = hashlib.pbkdf2_hmac("sha512", b"open sesame", base64.b64decode(salt), int(rounds), 64)
    assert base64.b64decode(digest) == expected


def test_the_access_list_names_both_users() -> None:
    roles = Roles(Credential("anmin", ""), Credential("devices", ""), ("zigbee2mqtt/#",))
    service, devices = access_list(roles).split("user devices\n")
    assert "topic readwrite #" in service
    assert "topic write anmin/+/+/event" in devices
    assert "topic read anmin/+/+/ack" in devices
    assert "topic write anmin/+/+/ack" not in devices


def test_an_old_mosquitto_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "mosquitto"
    program.write_text("#!/bin/sh\necho 'mosquitto version 1.6.9'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}/bin{os.pathsep}/usr/bin")
    assert version_of(program) == "1.6.9"
    assert find_mosquitto() is None
    program.write_text("#!/bin/sh\necho 'mosquitto version 2.1.0'\n")
    assert find_mosquitto() == program


def test_takes_the_port_of_last_time_unless_it_is_taken(tmp_path: Path) -> None:
    first = free_port(tmp_path)
    (tmp_path / "port").write_text(str(first))
    assert free_port(tmp_path) == first
    with socket.create_server(("127.0.0.1", first)):
        assert free_port(tmp_path) != first
    (tmp_path / "port").write_text("nonsense")
    assert free_port(tmp_path) > 0
