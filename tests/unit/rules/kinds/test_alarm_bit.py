"""The device's own alarm."""

from __future__ import annotations

from dataclasses import replace

from devices.device import Profile
from devices.inventory import Inventory
from devices.level import Level
from rules.engine import Engine
from tests.support.community import SMOKE, inventory
from tests.support.rulebook import engine, moves, reading, ruleset

BIT = """
rules:
  - {id: b, hazard: fire, kind: alarm_bit, quantities: [smoke_alarm], level: alarm, source: maker}
"""
BOTH = BIT.replace("[smoke_alarm]", "[smoke_alarm, heat_alarm]")
EVENT = BIT.replace("level: alarm,", "level: alarm, lasts: 10s,")

U, C, A = Level.UNKNOWN, Level.CLEAR, Level.ALARM


def two_bits() -> Inventory:
    """`smoke-301` also has a heat element."""
    known = inventory()
    profile = Profile("combined", SMOKE.kind, SMOKE.quantities | {"heat_alarm"})
    devices = [
        replace(device, profile=profile) if device.id == "smoke-301" else device
        for device in known.devices.values()
    ]
    return Inventory.of("c", "two", known.tree.places.values(), devices)


def test_the_bit_is_the_level() -> None:
    running = engine(BIT)
    edges = [
        moves(running.handle(reading("smoke-301", "smoke_alarm", value, second)))
        for second, value in enumerate([0, 1, 1, 0, None, 1])
    ]
    assert edges == [[("b", U, C)], [("b", C, A)], [], [("b", A, C)], [("b", C, U)], [("b", U, A)]]


def test_any_of_several_bits_raises_it_and_it_clears_with_the_last() -> None:
    running = Engine(ruleset(BOTH), two_bits())
    said = [("smoke_alarm", 1.0), ("heat_alarm", 0.0), ("heat_alarm", 1.0), ("smoke_alarm", 0.0)]
    found = []
    for second, (quantity, value) in enumerate([*said, ("heat_alarm", 0.0)]):
        running.handle(reading("smoke-301", quantity, value, second))
        found.append(running.levels("smoke-301")["b"])
    assert found == [A, A, A, A, C]


def test_a_bit_that_is_unknown_is_never_outvoted_by_a_clear_one() -> None:
    running = Engine(ruleset(BOTH), two_bits())
    running.handle(reading("smoke-301", "smoke_alarm", 0, 0))
    assert running.levels("smoke-301") == {"b": C}
    running.handle(reading("smoke-301", "heat_alarm", None, 1))
    assert running.levels("smoke-301") == {"b": U}


def test_every_press_of_a_button_that_never_clears_is_an_edge() -> None:
    running = engine(EVENT)
    assert moves(running.handle(reading("smoke-301", "smoke_alarm", 1, 0))) == [("b", U, A)]
    assert running.handle(reading("smoke-301", "smoke_alarm", 1, 3)) == ()
    assert moves(running.tick(reading("", "", 0, 13).at)) == [("b", A, C)]
    assert moves(running.handle(reading("smoke-301", "smoke_alarm", 1, 20))) == [("b", C, A)]


def test_a_value_beyond_a_bit_is_unknown() -> None:
    running = engine(BIT)
    assert running.handle(reading("smoke-301", "smoke_alarm", 17, 0)) == ()
    assert running.levels("smoke-301") == {"b": U}
