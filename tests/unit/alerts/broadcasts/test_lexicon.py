from __future__ import annotations

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from alerts.broadcasts import lexicon
from alerts.broadcasts.broadcast import Purpose
from alerts.broadcasts.lexicon import Pair
from devices.device import SENSING, DeviceKind
from devices.level import Hazard, Level


def pairs(module: Any) -> Iterator[tuple[str, Pair]]:
    """Every pair of a module of words, with the name it is found under."""
    for name, value in vars(module).items():
        yield from within(name, value)


def within(name: str, value: object) -> Iterator[tuple[str, Pair]]:
    if isinstance(value, Pair):
        yield name, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from within(f"{name}[{key}]", inner)
    elif isinstance(value, tuple):
        for number, inner in enumerate(value):
            yield from within(f"{name}.{number}", inner)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_every_word_exists_in_both_languages_with_the_same_fields() -> None:
    found = list(pairs(lexicon))
    assert len(found) > 50
    for name, pair in found:
        assert pair.zh.strip(), name
        assert pair.en.strip(), name
        assert fields(pair.zh) == fields(pair.en), name
        assert pair.en.isascii() or "Level" in pair.en, name


def test_nothing_is_left_without_a_word() -> None:
    assert set(lexicon.HAZARD) == set(lexicon.WHAT) == set(Hazard)
    assert set(lexicon.LEVEL) == set(Level)
    assert set(lexicon.PURPOSE) == set(Purpose)
    assert set(lexicon.KIND) == SENSING | {DeviceKind.PRESENCE}  # whose silence is told


def test_own_output_is_never_called_an_official_warning() -> None:
    assert [name for name, pair in pairs(lexicon) if "预警" in pair.zh] == []
