"""Every value that is shown has words in both languages."""

from __future__ import annotations

import string
from collections.abc import Mapping
from enum import Enum, StrEnum

import pytest

from alerts.broadcasts import lexicon
from alerts.broadcasts.broadcast import Audience, Purpose
from alerts.broadcasts.delivery import State
from alerts.incidents.events import Because, Disposition, Reply
from alerts.incidents.state import Condition, Stage
from anmin.community import CHANNELS
from anmin.finding import Severity
from anmin.ways import OBEYING
from anmin.words import WORDS
from devices.device import DeviceKind, DeviceMode
from devices.level import Hazard, Level
from devices.liveness import Liveness
from devices.place import PlaceKind
from devices.resident import Need
from devices.station import Role
from ingest.message import Reason

TABLES: dict[str, type[Enum]] = {
    "hazard": Hazard,
    "level": Level,
    "stage": Stage,
    "condition": Condition,
    "liveness": Liveness,
    "purpose": Purpose,
    "audience": Audience,
    "delivery": State,
    "disposition": Disposition,
    "because": Because,
    "reply": Reply,
    "role": Role,
    "kind": DeviceKind,
    "mode": DeviceMode,
    "place": PlaceKind,
    "need": Need,
    "reason": Reason,
    "severity": Severity,
}


@pytest.mark.parametrize(("head", "table"), TABLES.items(), ids=list(TABLES))
def test_every_member_has_words_and_no_word_is_left_over(head: str, table: type[Enum]) -> None:
    members = {m.word if isinstance(m, Level) else str(m.value) for m in table}
    assert {key.split(".", 1)[1] for key in WORDS if key.startswith(f"{head}.")} == members


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_fields(key: str) -> None:
    zh, en = WORDS[key]
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh, en)]
    assert fields[0] == fields[1]
    assert zh.strip() == zh != ""
    assert en.strip() == en != ""
    assert en.isascii()


def test_the_colours_are_those_of_the_four_warning_levels() -> None:
    assert {f"colour.{level.word}" for level in Level if level.roman} == {
        key for key in WORDS if key.startswith("colour.")
    }


@pytest.mark.parametrize(
    ("head", "spoken"),
    [("hazard", lexicon.HAZARD), ("purpose", lexicon.PURPOSE), ("kind", lexicon.KIND)],
)
def test_messages_to_people_use_the_same_words(head: str, spoken: Mapping[StrEnum, lexicon.Pair]) -> None:
    """The broadcasts have a lexicon of their own, for they may not know this package."""
    for member, pair in spoken.items():
        zh, en = WORDS[f"{head}.{member.value}"]
        assert (zh, en.casefold()) == (pair.zh, pair.en.casefold())


def test_every_channel_that_contacts_may_name_has_words() -> None:
    named = {key.split(".")[1] for key in WORDS if key.startswith("channel.")}
    assert named == CHANNELS | set(OBEYING)


def test_our_own_output_is_never_called_an_official_warning() -> None:
    assert [key for key, (zh, _) in WORDS.items() if "预警" in zh] == []
