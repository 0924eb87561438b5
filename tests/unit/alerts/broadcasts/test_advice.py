from __future__ import annotations

import pytest

from alerts.broadcasts import advice
from devices.level import Hazard
from tests.unit.alerts.broadcasts.test_lexicon import fields, pairs


def test_every_instruction_exists_in_both_languages_with_the_same_fields() -> None:
    found = list(pairs(advice))
    assert len(found) > 50
    for name, pair in found:
        assert pair.zh.strip("。；，"), name
        assert pair.en.isascii(), name
        assert fields(pair.zh) == fields(pair.en) <= {"do"}, name
        assert not pair.zh.endswith(("。", "；")), f"{name}: the form ends the sentence"
        assert not pair.en.endswith((".", ";")), f"{name}: the form ends the sentence"


@pytest.mark.parametrize("table", [advice.RESIDENT, advice.DUTY, advice.CREW, advice.SPOKEN])
def test_every_hazard_has_its_instruction(table: dict[Hazard, object]) -> None:
    assert set(table) == set(Hazard)


@pytest.mark.parametrize("hazard", [Hazard.FIRE, Hazard.GAS, Hazard.ELECTRICAL])
def test_nobody_who_is_told_to_leave_is_sent_into_a_lift(hazard: Hazard) -> None:
    assert "不乘电梯" in advice.RESIDENT[hazard].act.zh
    assert "not the lift" in advice.RESIDENT[hazard].act.en
    assert "不要乘电梯" in advice.SPOKEN[hazard].zh


def test_numbers_to_call_are_the_same_in_both_languages() -> None:
    for name, pair in pairs(advice):
        for number in ("119", "120", "110"):
            assert (number in pair.zh) == (number in pair.en), name


def test_own_output_is_never_called_an_official_warning() -> None:
    assert [name for name, pair in pairs(advice) if "预警" in pair.zh] == []
