from __future__ import annotations

import socket

import pytest
from yarl import URL

from alerts.channels.egress import NotAllowed, allowed, guarded, objection

PUBLIC = ["1.1.1.1", "114.114.114.114", "223.5.5.5", "2400:3200::1", "2606:4700:4700::1111"]
HOUSE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::c0a8:1",
]
NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_always_allowed(address: str) -> None:
    assert allowed(address, private=False)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", HOUSE)
def test_addresses_of_a_house_are_allowed_where_the_setting_says_so(address: str) -> None:
    assert not allowed(address, private=False)
    assert allowed(address, private=True)


@pytest.mark.parametrize("address", NEVER)
def test_special_addresses_are_never_allowed(address: str) -> None:
    assert not allowed(address, private=False)
    assert not allowed(address, private=True)


def test_mapped_public_address_is_judged_by_what_it_holds() -> None:
    assert allowed("::ffff:1.1.1.1", private=False)
    assert allowed("64:ff9b::101:101", private=False)


def test_socket_is_made_only_for_what_is_allowed() -> None:
    info = (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", 80))
    with pytest.raises(NotAllowed, match="allow_private"):
        guarded(private=False)(info)
    with guarded(private=True)(info) as made:
        assert made.family == socket.AF_INET


@pytest.mark.parametrize(
    ("url", "private", "bad"),
    [
        ("https://partner.example/hook", False, ""),
        ("http://partner.example/hook", False, "not https"),
        ("http://127.0.0.1:8080/", True, ""),
        ("ftp://partner.example/", True, "not https or http"),
        ("file:///etc/passwd", True, "not https or http"),
        ("https:///nohost", False, "not https"),
        ("https://user:secret@partner.example/", False, "user name or password in the address"),
    ],
)
def test_url_is_judged_before_anything_is_resolved(url: str, private: bool, bad: str) -> None:
    assert objection(URL(url), private=private) == bad
    assert "secret" not in objection(URL(url), private=private)
