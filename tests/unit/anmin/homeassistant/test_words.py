"""Every entity has a name in both languages."""

from __future__ import annotations

import pytest

from alerts.troubles.kind import TroubleKind
from anmin.homeassistant.words import ENTITIES, entity_name, problem_name


@pytest.mark.parametrize("key", ENTITIES)
def test_an_entity_has_two_names(key: str) -> None:
    assert entity_name(key, "en").isascii()
    assert not entity_name(key, "zh").isascii()


@pytest.mark.parametrize("kind", TroubleKind)
def test_a_class_of_trouble_has_two_names(kind: TroubleKind) -> None:
    assert problem_name(kind, "en").isascii()
    assert not problem_name(kind, "zh").isascii()


def test_no_two_entities_of_one_device_have_the_same_name() -> None:
    names = [pair[1] for pair in ENTITIES.values()]
    assert len(set(names)) == len(names)
