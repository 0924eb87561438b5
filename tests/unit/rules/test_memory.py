"""What a rule remembers between readings."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter

from devices.instant import SECOND
from rules.elapsed import Elapsed
from rules.memory import Memory, MemoryState
from rules.verdict import Evidence
from rules.window import Window
from tests.support.rulebook import reading


def test_it_goes_through_text_and_is_the_same() -> None:
    kept, fresh = Memory(Window(60 * SECOND, SECOND)), Memory(Window(60 * SECOND, SECOND))
    kept.met, kept.facts = True, (Evidence("d", "temperature_c", 20.5, None, 3, 4),)
    for t in range(5):
        kept.of(Window).rise(20 + t % 3, reading("d", "temperature_c", 20, t))
    form = TypeAdapter(MemoryState)
    fresh.load(form.validate_json(form.dump_json(kept.state())))
    assert fresh.state() == kept.state()


def test_what_never_heard_anything_stays_so() -> None:
    fresh = Memory(Window(60 * SECOND, SECOND))
    fresh.load(Memory(Window(60 * SECOND, SECOND)).state())
    assert fresh.state() == MemoryState(None, (), ())


def test_a_memory_of_another_kind_is_a_mistake_of_the_program() -> None:
    with pytest.raises(AssertionError):
        Memory().of(Window)
    assert Elapsed().row() == (0, 0, 0)
