"""Users, passwords and what each may say."""

from __future__ import annotations

import stat
from pathlib import Path

from anmin.backends.broker_roles import Credential, Roles, keep_roles, write_private

_ROLES = Roles(Credential("anmin", "a"), Credential("devices", "d"), ("zigbee2mqtt/#",))


def test_the_service_may_everything_and_a_stranger_nothing() -> None:
    assert _ROLES.may("anmin", write=True) == ("#",)
    assert _ROLES.may("mallory", write=True) == ()
    assert _ROLES.may(None, write=False) == ()


def test_devices_speak_on_their_topics_and_hear_theirs() -> None:
    write, read = _ROLES.may("devices", write=True), _ROLES.may("devices", write=False)
    assert "anmin/+/+/event" in write
    assert "anmin/+/+/command" not in write
    assert "anmin/+/+/command" in read
    assert "anmin/+/+/event" not in read
    assert "zigbee2mqtt/#" in set(write) & set(read)


def test_passwords_stay_the_same_over_restarts_and_differ_between_folders(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    first, again, other = keep_roles(one, ()), keep_roles(one, ()), keep_roles(two, ())
    assert first.devices.password == again.devices.password
    assert len({first.devices.password, first.service.password, other.devices.password}) == 3


def test_only_the_owner_reads_a_private_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, "x")
    write_private(path, "y")
    assert path.read_text() == "y"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


def test_a_password_is_not_shown() -> None:
    assert "hidden" not in repr(Credential("anmin", "hidden"))
