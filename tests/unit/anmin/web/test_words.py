"""Both languages say everything, with the same blanks to fill."""

from __future__ import annotations

import re
from string import Formatter
from typing import get_args

import pytest

from alerts.incidents.events import Event
from anmin.web.asking import REASONS, VERBS
from anmin.web.render import HERE
from anmin.web.words import LANGUAGES, WORDS, t
from anmin.words import WORDS as VOCABULARY


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("key", WORDS)
def test_every_text_exists_in_both_languages_with_the_same_blanks(key: str) -> None:
    chinese, english = WORDS[key]
    assert chinese
    assert english
    assert blanks(chinese) == blanks(english)


def test_pages_have_no_second_word_for_what_the_vocabulary_names() -> None:
    """`hazard_fire` here beside `hazard.fire` there would be two truths."""
    assert {key for key in WORDS if "." in key} == set()
    assert {key.replace(".", "_") for key in VOCABULARY} & WORDS.keys() == set()


def test_every_reason_and_every_verb_that_pages_offer_has_a_word() -> None:
    wanted = {f"dispute.{reason}" for reason in REASONS} | {f"verb.{verb}" for verb in VERBS - {"respond"}}
    assert wanted - VOCABULARY.keys() == set()


def test_every_kind_of_event_has_a_sentence_whose_blanks_are_its_fields() -> None:
    for event in get_args(Event):
        kind = event.__dataclass_fields__["kind"].default
        fields = set(event.__dataclass_fields__) | {"states"}
        assert blanks(WORDS[f"happened_{kind}"][0]) <= fields, kind


def test_every_key_that_a_template_names_exists() -> None:
    for template in (HERE / "templates").glob("*.html"):
        for key in re.findall(r"\bt\('(\w+)'[,)]", template.read_text()):
            assert key in WORDS, (template.name, key)


def test_every_family_of_words_that_a_template_names_exists() -> None:
    families = {key.split(".")[0] for key in VOCABULARY}
    named = set()
    for template in (HERE / "templates").glob("*.html"):
        named |= set(re.findall(r"\bt\('([a-z]+)\.", template.read_text()))
    assert named
    assert named - families == set()


def test_a_key_that_does_not_exist_is_a_bug() -> None:
    with pytest.raises(KeyError):
        t("no_such_key", "zh")


def test_the_language_decides() -> None:
    assert [t("sign_in", language) for language in LANGUAGES] == ["登录", "Sign in"]
    assert [t("stage.closed", language) for language in LANGUAGES] == ["已解除", "closed"]
