"""Quantities: what a working sensor can say, and what it cannot."""

from __future__ import annotations

import math

import pytest

from devices.quantity import QUANTITIES, QuantityKind


def test_range_ends_are_plausible_and_what_lies_beyond_is_not() -> None:
    for quantity in QUANTITIES.values():
        assert quantity.plausible(quantity.low)
        assert quantity.plausible(quantity.high)
        assert not quantity.plausible(quantity.low - 1)
        assert not quantity.plausible(quantity.high + 1)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_implausible(value: float) -> None:
    assert not any(quantity.plausible(value) for quantity in QUANTITIES.values())


def test_bits_are_zero_or_one() -> None:
    bits = [quantity for quantity in QUANTITIES.values() if quantity.kind is not QuantityKind.NUMBER]
    assert len(bits) > 10
    assert {(quantity.low, quantity.high, quantity.unit) for quantity in bits} == {(0, 1, "")}


def test_every_quantity_has_its_words_in_both_languages() -> None:
    for name, quantity in QUANTITIES.items():
        assert quantity.name == name
        assert quantity.en.isascii()
        assert not quantity.zh.isascii()
