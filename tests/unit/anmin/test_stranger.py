"""Alarm bits of a device that nobody registered, as edges at the community; everything else is no edge."""

from __future__ import annotations

import pytest

from anmin.stranger import HAZARD_OF, RULE, transitions
from devices.level import Hazard, Level
from devices.quantity import QUANTITIES, QuantityKind
from devices.reading import Reading, Trust
from ingest.generic import GENERIC
from ingest.message import Decoded, Heard
from rules.verdict import Transition
from tests.support.community import T0, inventory


def edges(quantity: str, value: float | None, trust: Trust = Trust.NONE) -> list[Transition]:
    reading = Reading("unknown:native:x", quantity, value, T0, T0, trust, 7)
    return list(transitions(Heard(reading.device_id, Decoded("native", "x"), (reading,), True), inventory()))


def test_every_alarm_bit_there_is_has_its_hazard() -> None:
    bits = {name for name, quantity in QUANTITIES.items() if quantity.kind is QuantityKind.ALARM}
    assert bits <= HAZARD_OF.keys()
    assert set(HAZARD_OF) - bits <= {GENERIC}
    assert set(HAZARD_OF.values()) == set(Hazard)


@pytest.mark.parametrize(("value", "level"), [(1.0, Level.ALARM), (0.0, Level.CLEAR), (None, Level.UNKNOWN)])
def test_an_alarm_bit_is_an_edge_at_the_community(value: float | None, level: Level) -> None:
    (edge,) = edges("gas_alarm", value)
    assert (edge.rule_id, edge.hazard, edge.after) == (f"{RULE}.gas", Hazard.GAS, level)
    assert (edge.subject, edge.place_id, edge.at) == ("unknown:native:x", "c", T0)
    (fact,) = edge.evidence
    assert (fact.device_id, fact.quantity, fact.value, fact.sequence) == (edge.subject, "gas_alarm", value, 7)


def test_numbers_and_conditions_of_a_stranger_are_no_alarm() -> None:
    for name, quantity in QUANTITIES.items():
        if quantity.kind is not QuantityKind.ALARM:
            assert edges(name, quantity.high) == []


@pytest.mark.parametrize("trust", [Trust.BACKFILL, Trust.DUPLICATE, Trust.BACKFILL | Trust.TEST])
def test_history_of_a_stranger_is_no_alarm(trust: Trust) -> None:
    assert edges("smoke_alarm", 1.0, trust) == []


def test_what_weakens_a_reading_goes_along() -> None:
    (plain,), (test,), (retained,) = (
        edges("smoke_alarm", 1.0, t) for t in (Trust.QUEUED, Trust.TEST, Trust.RETAINED)
    )
    assert [(one.test, one.age_unknown) for one in (plain, test, retained)] == [
        (False, False),
        (True, False),
        (False, True),
    ]
