"""What places and devices are called outside the house: never by a household, a resident or a door number."""

from __future__ import annotations

import re
from hashlib import blake2b
from typing import Final

from anmin.i18n import t
from devices.device import Device
from devices.inventory import Inventory
from devices.place import PlaceKind

_SIGNS: Final = "bcdfghjkmnpqrstvwxz"
"""No digit, so that no door number comes about by chance; no vowel, so that no word does."""
_LENGTH: Final = 8


def node(community_id: str) -> str:
    """Discovery takes letters, digits, `_` and `-` only."""
    return "anmin_" + re.sub(r"[^A-Za-z0-9_-]", "_", community_id)


def opaque(device_id: str, secret: bytes) -> str:
    """The same at every start, and not to be guessed from a device's id without the secret."""
    digest = blake2b(device_id.encode(), key=secret[:64], person=b"homeassistant", digest_size=8).digest()
    number, signs = int.from_bytes(digest, "big"), ""
    for _ in range(_LENGTH):
        number, rest = divmod(number, len(_SIGNS))
        signs += _SIGNS[rest]
    return signs


def public_place(inventory: Inventory, place_id: str, language: str) -> str:
    """Building and stair, or the zone, or the community where it is neither or is no longer known."""
    tree = inventory.tree
    if place_id not in tree.places:
        place_id = inventory.community_id
    shown = [
        place
        for place in tree.up(place_id)
        if place.kind in (PlaceKind.BUILDING, PlaceKind.UNIT) or place.kind.is_zone
    ]
    if not shown:
        return community_name(inventory, language)
    if language == "zh":
        return "".join(place.zh for place in reversed(shown))
    return ", ".join(place.en for place in reversed(shown))


def community_name(inventory: Inventory, language: str) -> str:
    place = inventory.tree.get(inventory.community_id)
    return place.zh if language == "zh" else place.en


def device_name(inventory: Inventory, device: Device, sign: str, language: str) -> str:
    """`烟感 3号楼2单元 kqzrtbvm`."""
    kind = t(f"kind.{device.kind.value}", language)
    return f"{kind} {public_place(inventory, device.place_id, language)} {sign}"
