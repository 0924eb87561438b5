"""ingest.dialects.fields: what is not understood is unknown and remarked."""

from __future__ import annotations

import pytest

from ingest.dialects.fields import take_bit, take_number
from ingest.understood import Understood


@pytest.mark.parametrize(
    ("value", "read", "notes"),
    [(True, 1.0, 0), ("OFF", 0.0, 0), (None, None, 0), ("", None, 0), ("perhaps", None, 1), (0.02, None, 1)],
)
def test_bit_is_yes_no_or_unknown(value: object, read: float | None, notes: int) -> None:
    said = Understood()
    take_bit(said, "smoke_alarm", "smoke", value)
    assert (said.values, len(said.notes)) == ({"smoke_alarm": read}, notes)


@pytest.mark.parametrize(
    ("value", "read", "notes"),
    [
        (3, 3000.0, 0),
        ("2.9", 2900.0, 0),
        (None, None, 0),
        (True, None, 1),
        ("nan", None, 1),
        (-1, None, 1),
        (10**18, None, 1),
        ([3], None, 1),
    ],
)
def test_number_is_taken_in_the_unit_of_its_quantity(value: object, read: float | None, notes: int) -> None:
    said = Understood()
    take_number(said, "battery_mv", "battery", value, 1000)
    assert (said.values, len(said.notes)) == ({"battery_mv": read}, notes)
