"""The trouble machine, cell by cell."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from alerts.troubles.kind import TERMS, TroubleKind
from alerts.troubles.trouble import TABLE, Stage, Trigger, Trouble, again_at, step
from devices.instant import DAY, HOUR, MINUTE

T = Trouble("trb_1", TroubleKind.FAULT, "a", "c", 0, causes=("fault",))
TERM = TERMS[TroubleKind.FAULT]


@pytest.mark.parametrize(("stage", "trigger"), [*product(Stage, Trigger)])
def test_every_cell_leads_where_the_table_says_and_no_other_changes_anything(
    stage: Stage, trigger: Trigger
) -> None:
    before = replace(T, stage=stage, parent_id="trb_0" if stage is Stage.FOLDED else None)
    after = step(before, trigger, 100, 7)
    if (stage, trigger) not in TABLE:
        assert after is before
        return
    assert after.stage is TABLE[stage, trigger]
    assert (after.parent_id is not None) is (
        stage is Stage.FOLDED and after.stage in (Stage.FOLDED, Stage.OVER)
    )
    due = {
        Stage.BEGINNING: 107,
        Stage.STANDING: 100,
        Stage.ENDING: 100 + TERM.ends_for,
        Stage.FOLDED: None,
        Stage.OVER: None,
    }
    assert after.due_at == due[after.stage]


def test_nothing_leads_out_of_over() -> None:
    assert not [stage for stage, _ in TABLE if stage is Stage.OVER]
    assert {stage for stage, _ in TABLE} == set(Stage) - {Stage.OVER}


def test_it_is_told_at_once_then_after_its_time_and_when_owned_after_a_day() -> None:
    assert again_at(T, 50) == 50
    told = replace(T, told_at=50)
    assert again_at(told, 60) == 50 + TERM.again_for
    assert again_at(told, 50 + 9 * HOUR) == 50 + 9 * HOUR
    owned = replace(told, acknowledged_at=50 + HOUR)
    assert again_at(owned, 60) == 50 + HOUR + DAY
    told_since = replace(owned, told_at=50 + 2 * DAY)
    assert again_at(told_since, 50 + 2 * DAY) == 50 + 2 * DAY + TERM.again_for


def test_only_what_counts_stands() -> None:
    assert [stage for stage in Stage if replace(T, stage=stage).stands] == [Stage.STANDING, Stage.ENDING]
    assert T.due_at is None
    assert TERM.again_for > MINUTE
