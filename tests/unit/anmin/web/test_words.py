"""Both languages say everything, with the same blanks to fill."""

from __future__ import annotations

import re
from string import Formatter
from typing import get_args

import pytest

from alerts.broadcasts.broadcast import Audience, Purpose
from alerts.broadcasts.delivery import State
from alerts.incidents.events import Because, Disposition, Event, Reply
from alerts.incidents.state import Condition, Stage
from anmin.view import Liveness
from anmin.web.asking import REASONS
from anmin.web.render import HERE
from anmin.web.words import LANGUAGES, WORDS, t
from devices.device import DeviceKind
from devices.level import Hazard, Level
from devices.resident import Need

VOCABULARIES = {
    "stage": Stage,
    "condition": Condition,
    "hazard": Hazard,
    "state": State,
    "disposition": Disposition,
    "because": Because,
    "reply": Reply,
    "audience": Audience,
    "purpose": Purpose,
    "need": Need,
    "kind": DeviceKind,
    "live": Liveness,
}


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_every_text_exists_in_both_languages_with_the_same_blanks(key: str) -> None:
    chinese, english = WORDS[key]
    assert chinese
    assert english
    assert blanks(chinese) == blanks(english)


def test_every_value_that_pages_show_has_a_word() -> None:
    wanted = {f"{prefix}_{member.value}" for prefix, kind in VOCABULARIES.items() for member in kind}
    wanted |= {f"level_{int(level)}" for level in Level} | {f"reason_{reason}" for reason in REASONS}
    assert wanted - WORDS.keys() == set()


def test_every_kind_of_event_has_a_sentence_whose_blanks_are_its_fields() -> None:
    for event in get_args(Event):
        kind = event.__dataclass_fields__["kind"].default
        fields = set(event.__dataclass_fields__) | {"n"}
        assert blanks(WORDS[f"event_{kind}"][0]) <= fields, kind


def test_every_key_that_a_template_names_exists() -> None:
    for template in (HERE / "templates").glob("*.html"):
        for key in re.findall(r"\bt\('(\w+)'[,)]", template.read_text()):
            assert key in WORDS, (template.name, key)


def test_a_key_that_does_not_exist_is_a_bug() -> None:
    with pytest.raises(KeyError):
        t("no_such_key", "zh")


def test_the_language_decides() -> None:
    assert [t("do_acknowledge", language) for language in LANGUAGES] == ["确认收到", "Acknowledge"]
