"""The report as JSON: every part there, times and levels as words."""

from __future__ import annotations

import json

from anmin.backtest.report import body
from anmin.backtest.truth import Truth
from devices.instant import SECOND, rfc3339
from devices.level import Hazard
from tests.support.community import T0
from tests.unit.anmin.backtest.test_run import ran, rising, rule

FLOOD = Truth(T0 + 90 * SECOND, T0 + 300 * SECOND, "c.garage", Hazard.FLOOD)


def test_everything_is_plain_and_can_be_read_back() -> None:
    said = body(ran(rule(100), rising(), [FLOOD], rule(150)))
    assert json.loads(json.dumps(said)) == said
    assert said["from"] == rfc3339(T0)
    assert said["rules"]["transitions"][1] == {
        "at": rfc3339(T0 + 100 * SECOND),
        "rule": "depth",
        "hazard": "flood",
        "of": "level-1",
        "place": "c.garage",
        "before": "clear",
        "after": "alarm",
        "drill": False,
    }
    (incident,) = said["rules"]["incidents"]
    assert (incident["level"], incident["cleared"]) == ("alarm", rfc3339(T0 + 300 * SECOND))
    truth = said["rules"]["truth"]
    assert (truth["detected"], truth["missed"], truth["false_alerts"]) == (1, 0, 0)
    assert truth["delay_median_s"] == truth["delay_most_s"] == 10
    assert truth["events"][0]["delays_s"] == {"notice": 10, "prealarm": 10, "alarm": 10}
    assert said["difference"]["apart"][0]["against_later_s"] == 50
    assert said["against"]["truth"]["delay_most_s"] == 60


def test_what_was_not_asked_for_is_null() -> None:
    said = body(ran(rule(100), rising()))
    assert (said["against"], said["difference"], said["rules"]["truth"]) == (None, None, None)
    nothing = body(ran(rule(100), []))
    assert (nothing["from"], nothing["to"], nothing["readings"]) == (None, None, 0)


def test_false_alarms_stand_with_what_raised_them() -> None:
    late = Truth(T0 - 900 * SECOND, T0 - 800 * SECOND, "c.underpass", Hazard.FLOOD)
    said = body(ran(rule(100), rising(), [late]))["rules"]["truth"]
    assert [(one["what"], one["level"]) for one in said["false"]] == [
        ("alert", "alarm"),
        ("incident", "alarm"),
    ]
    assert said["false"][0]["of"] == "depth level-1"
    assert said["not_covered"] == 1
    assert said["false_alerts_per_1000_device_days"] > 0
