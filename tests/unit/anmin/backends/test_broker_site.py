"""The files of a site's broker: who is in them, what each may, and that a password is told once only."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from anmin.backends.broker_site import SiteBroker, SiteBrokerError, User, access_list


@pytest.fixture
def site(tmp_path: Path) -> SiteBroker:
    return SiteBroker.create(tmp_path / "broker", "c", "broker.example", 8883)


def test_a_device_may_publish_four_topics_of_its_own_and_read_two() -> None:
    assert access_list("c", {"smoke-1": User("device")}).splitlines() == [
        "user smoke-1",
        "topic write anmin/c/smoke-1/reading",
        "topic write anmin/c/smoke-1/event",
        "topic write anmin/c/smoke-1/status",
        "topic write anmin/c/smoke-1/result",
        "topic read anmin/c/smoke-1/ack",
        "topic read anmin/c/smoke-1/command",
    ]


def test_a_gateway_may_what_it_was_given_and_the_service_everything() -> None:
    users = {"anmin": User("service"), "zigbee": User("gateway", ("zigbee2mqtt/#",))}
    assert access_list("c", users).splitlines() == [
        "user anmin",
        "topic readwrite #",
        "topic read $SYS/#",
        "user zigbee",
        "topic readwrite zigbee2mqtt/#",
    ]


def test_passwords_are_kept_as_hashes_and_only_the_owner_reads_the_files(site: SiteBroker) -> None:
    word = site.issue({"smoke-1": User("device")})["smoke-1"]
    assert len(word) >= 32
    for path in site.folder.rglob("*"):
        if path.is_file():
            assert word not in path.read_text("utf-8")
            if path.suffix != ".crt":
                assert path.stat().st_mode & 0o077 == 0, path
    lines = (site.folder / "passwords").read_text().splitlines()
    assert [line.split(":")[0] for line in lines] == ["anmin", "smoke-1"]
    assert all(":$7$" in line for line in lines)


def test_a_new_password_ends_the_old_one_and_a_revoked_user_is_in_no_file(site: SiteBroker) -> None:
    site.issue({"a": User("device"), "b": User("device")})
    before = (site.folder / "passwords").read_text()
    site.issue({"a": User("device")})
    after = (site.folder / "passwords").read_text()
    assert [line in after for line in before.splitlines()] == [True, False, True]
    site.revoke(["a"])
    assert set(site.users()) == {"anmin", "b"}
    assert "user a" not in (site.folder / "acl").read_text().splitlines()
    with pytest.raises(SiteBrokerError, match="no such user: a"):
        site.revoke(["a", "b"])
    assert "b" in site.users()


@pytest.mark.parametrize("name", ["a:b", "a/b", "+", "", "x" * 129, "a\nuser b"])
def test_a_name_that_would_reach_into_other_lines_or_topics_is_refused(site: SiteBroker, name: str) -> None:
    with pytest.raises(SiteBrokerError, match="user name"):
        site.issue({name: User("device")})


def test_no_device_has_the_services_name(site: SiteBroker) -> None:
    with pytest.raises(SiteBrokerError, match="service's own"):
        site.issue({"anmin": User("device")})


def test_a_second_init_would_end_every_password_and_is_refused(site: SiteBroker) -> None:
    with pytest.raises(SiteBrokerError, match="holds a broker already"):
        SiteBroker.create(site.folder, "c", "broker.example", 8883)


def test_what_is_no_broker_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(SiteBrokerError, match="anmin broker init"):
        SiteBroker(tmp_path).users()


def test_the_certificate_is_of_the_name_that_devices_use(site: SiteBroker) -> None:
    context = ssl.create_default_context(cafile=str(site.folder / "ca.crt"))
    context.load_cert_chain(site.folder / "server.crt", site.folder / "server.key")
    assert context.get_ca_certs()[0]["subject"] == ((("commonName", "Anmin site authority"),),)


def test_a_host_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SiteBrokerError, match="give the name or address"):
        SiteBroker.create(tmp_path / "broker", "c", "a,DNS:b", 8883)


def test_no_running_broker_is_said(site: SiteBroker) -> None:
    assert not site.reload()
