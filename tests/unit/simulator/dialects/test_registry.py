"""Every dialect by its name, with products that the registry of devices knows."""

from __future__ import annotations

import pytest

from anmin.profiles import BUILT_IN
from devices.device import DeviceKind
from simulator.dialects.registry import DIALECTS


@pytest.mark.parametrize("name", list(DIALECTS))
def test_each_is_called_what_it_is_and_its_products_are_known_models(name: str) -> None:
    dialect = DIALECTS[name]
    assert dialect.name == name
    for kind, model in dialect.models.items():
        profile = BUILT_IN[model.profile]
        assert profile.kind is DeviceKind(kind)
        assert set(model.quantities) <= profile.quantities
        assert model.every_s * 1_000_000 <= profile.reports_every_for


@pytest.mark.parametrize("name", list(DIALECTS))
def test_addresses_are_of_one_device_each(name: str) -> None:
    addresses = [DIALECTS[name].address(f"smoke-b1-{number}", number) for number in range(1, 500)]
    assert len(set(addresses)) == len(addresses)
