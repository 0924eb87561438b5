"""What an address may not hold."""

from __future__ import annotations

import pytest

from anmin.addresses import DIALECTS, fault


@pytest.mark.parametrize("sign", ["+", "#", "/", "$", "\0"])
def test_a_native_address_is_one_level_of_a_topic(sign: str) -> None:
    said = fault(DIALECTS, "native", f"a{sign}b")
    assert said is not None
    assert ("NUL" if sign == "\0" else sign) in said[1]


def test_other_dialects_name_devices_as_they_like() -> None:
    assert fault(DIALECTS, "zigbee2mqtt", "hall/kitchen smoke") is None
    assert fault(DIALECTS, "chirpstack", "a+b") is None
    assert all(fault(DIALECTS, dialect, "a\0") for dialect in DIALECTS)
