"""How messages of each dialect name a device, and what such a name may not hold."""

from __future__ import annotations

from collections.abc import Mapping

from anmin.dialects import MAKE

DIALECTS: dict[str, str] = {"native": "+#/$\0", "zigbee2mqtt": "+#\0", **dict.fromkeys(MAKE, "\0")}
"""Each dialect with the signs that its addresses may not hold (reliability S26)."""


def fault(dialects: Mapping[str, str], dialect: str, address: str) -> tuple[str, str] | None:
    """What is wrong with an address (zh, en), None where nothing is."""
    if bad := [sign for sign in dialects[dialect] if sign in address]:
        signs = " ".join("NUL" if sign == "\0" else sign for sign in bad)
        return f"地址 `{address!a}` 不能有 {signs}", f"the address `{address!a}` may not hold {signs}"
    return None
