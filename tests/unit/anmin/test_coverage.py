"""What the picture knows of each device, as coverage needs it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from alerts.troubles.kind import TroubleKind
from alerts.troubles.trouble import Stage, Trouble
from anmin.coverage import figures, rows_of
from anmin.view import DeviceView, TroubleView, View
from devices.coverage import Gap
from devices.liveness import Liveness
from tests.support.web_view import NOW, view

HOME = "b3-u2-f12-1203"


def proved(shown: View) -> View:
    seen = shown.devices["smoke-1203"]
    shown.devices["smoke-1203"] = replace(seen, proved_at=NOW, liveness=Liveness.HEARD)
    return shown


def gaps(shown: View) -> set[Gap]:
    return {gap for subject, gap in rows_of(shown, NOW, {"webhook"})[HOME].gaps if subject == "smoke-1203"}


def test_what_is_heard_and_proved_is_good() -> None:
    assert gaps(proved(view())) == set()
    assert gaps(view()) == {Gap.NOT_PROVED}


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [(TroubleKind.BATTERY, {Gap.TROUBLE}), (TroubleKind.TEST_DUE, set()), (TroubleKind.LOST, set())],
)
def test_a_trouble_is_a_gap_unless_coverage_knows_it_by_itself(kind: TroubleKind, wanted: set[Gap]) -> None:
    shown = proved(view())
    shown.troubles["t"] = TroubleView(Trouble("t", kind, "smoke-1203", HOME, NOW, Stage.STANDING), 0)
    shown.devices["smoke-1203"] = replace(shown.devices["smoke-1203"], troubles=("t", "over"))
    assert gaps(shown) == wanted


def test_the_figures_count_the_whole_community() -> None:
    shown = proved(view())
    shown.now = NOW
    assert figures(shown) == {"all": 4, "good": 1, "heard": 3, "tested": 1, "in_date": 4, "sound": 4} | {
        "heard": sum(_heard(one) for one in shown.devices.values())
    }


def _heard(seen: DeviceView) -> bool:
    return seen.liveness in (Liveness.HEARD, Liveness.LATE)
