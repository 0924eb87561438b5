"""What is named outside tells where help is needed, and not whose home it is."""

from __future__ import annotations

from anmin.homeassistant.naming import community_name, device_name, node, opaque, public_place
from tests.support.web_view import HOME, inventory

SECRET = b"s" * 32


def test_a_household_is_shown_as_its_building_and_stair() -> None:
    known = inventory()
    assert public_place(known, HOME, "zh") == "3号楼2单元"
    assert public_place(known, HOME, "en") == "Building 3, Stair 2"
    assert public_place(known, "b3-u2-f12", "zh") == "3号楼2单元"


def test_a_zone_is_public_and_what_is_nowhere_is_the_community() -> None:
    known = inventory()
    assert public_place(known, "garage", "en") == "Garage under building 5"
    assert public_place(known, "xfl", "zh") == public_place(known, "gone", "zh") == "幸福里社区"
    assert community_name(known, "en") == "Xingfuli Community"


def test_the_sign_of_a_device_is_stable_and_needs_the_secret() -> None:
    assert opaque("smoke-1203", SECRET) == opaque("smoke-1203", SECRET)
    assert opaque("smoke-1203", SECRET) != opaque("smoke-1203", b"t" * 32)
    signs = {opaque(f"smoke-{number}", SECRET) for number in range(10_000)}
    assert len(signs) == 10_000
    assert not set("".join(signs)) & set("0123456789aeiouy")


def test_discovery_takes_only_plain_letters_in_a_topic() -> None:
    assert node("xfl") == "anmin_xfl"
    assert node("a.b/c d") == "anmin_a_b_c_d"


def test_a_device_is_called_by_its_kind_and_its_building() -> None:
    known = inventory()
    name = device_name(known, known.devices["smoke-1203"], "kqzrtbvm", "zh")
    assert name == "烟感 3号楼2单元 kqzrtbvm"
