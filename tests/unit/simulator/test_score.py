"""The judge: every kind of case, and that a clean run has none."""

from __future__ import annotations

from collections.abc import Iterable

from devices.instant import DAY, HOUR, MINUTE
from simulator.score import Case, Notice, Raised, Score, per_thousand, quantiles, score
from simulator.truth import Nature, Truth
from tests.support.town import HOME, OTHER, T0, notice, raised, seconds

END = T0 + DAY


def fire(
    nature: Nature = Nature.REAL, *, begins: float = 0, over: float | None = 600, **more: float
) -> Truth:
    truth = Truth("fire 1", nature, "fire", HOME, seconds(begins), within_s=60.0)
    truth.over_at = None if over is None else seconds(over)
    truth.sensed_at = seconds(more["sensed"]) if "sensed" in more else None
    truth.must = int(more.get("must", 3))
    return truth


def judged(
    truths: Iterable[Truth], raisings: Iterable[Raised] = (), notices: Iterable[Notice] = (), **more: object
) -> Score:
    broken: tuple[Case, ...] = more.get("broken", ())  # type: ignore[assignment] # of cases
    return score(tuple(truths), raisings, notices, devices=10, begins_at=T0, ends_at=END, broken=broken)


def kinds(found: Score) -> list[str]:
    return [case.kind for case in found.cases]


TOLD = (notice(at=seconds(40)),)


def test_an_alarm_in_time_of_which_people_are_told_is_clean_and_has_its_delays() -> None:
    found = judged([fire(sensed=30)], [raised(at=seconds(40))], TOLD)
    assert kinds(found) == []
    assert (found.delays_s, found.answers_s) == ((40.0,), (10.0,))
    assert (found.incidents, found.notices, found.device_days) == (1, 1, 10.0)


def test_no_incident_or_one_of_which_nobody_is_told_or_below_its_level_is_missed() -> None:
    assert kinds(judged([fire()])) == ["missed"]
    assert kinds(judged([fire()], [raised(at=seconds(40))])) == ["missed"]
    assert kinds(judged([fire()], [raised(at=seconds(40))], [notice("device", "siren")])) == ["missed"]
    assert kinds(judged([fire()], [raised(at=seconds(40), level=2)], TOLD)) == ["missed"]
    assert kinds(judged([fire(must=2)], [raised(at=seconds(40), level=2)], TOLD)) == []


def test_a_drill_is_no_answer_to_a_fire() -> None:
    found = judged([fire()], [raised(at=seconds(40), drill=True)], [notice(at=seconds(40), drill=True)])
    assert kinds(found) == ["missed"]


def test_later_than_allowed_counts_from_the_first_detector_else_from_the_begin() -> None:
    assert kinds(judged([fire(sensed=30)], [raised(at=seconds(91))], TOLD)) == ["late"]
    assert kinds(judged([fire(sensed=31)], [raised(at=seconds(91))], TOLD)) == []
    assert kinds(judged([fire()], [raised(at=seconds(61))], TOLD)) == ["late"]


def test_an_incident_that_stood_already_is_an_answer_at_once() -> None:
    before = raised(at=T0 - HOUR)
    assert judged([fire()], [before], TOLD).delays_s == (0.0,)
    closed = [before, raised(at=T0 - MINUTE, level=0, is_open=False)]
    assert "missed" in kinds(judged([fire()], closed, TOLD))


def test_an_alarm_without_anything_real_is_false_and_one_right_after_is_not() -> None:
    assert kinds(judged([], [raised()], TOLD)) == ["false"]
    assert kinds(judged([], [raised(level=2)], TOLD)) == []
    assert kinds(judged([fire(Nature.NUISANCE)], [raised()], TOLD)) == ["false"]
    late = [raised("i1", at=seconds(20)), raised("i1", at=seconds(30), level=0, is_open=False)]
    again = [*late, raised("i2", at=seconds(600 + 14 * 60))]
    assert kinds(judged([fire()], again, TOLD)) == []
    assert kinds(judged([fire()], [*late, raised("i2", at=seconds(600 + 16 * 60))], TOLD)) == ["false"]


def test_an_alarm_elsewhere_or_of_another_hazard_is_another_matter() -> None:
    assert kinds(judged([fire()], [raised(place="xfl.b2.u1.f1.101")], TOLD)) == ["false", "missed"]
    assert kinds(judged([fire()], [raised(hazard="gas")], TOLD)) == ["false", "missed"]
    assert kinds(judged([fire()], [raised(place=OTHER)], TOLD)) == []  # smoke in the same stair
    assert kinds(judged([fire()], [raised(hazard="co")], TOLD)) == []


def test_two_open_incidents_at_one_place_and_two_keys_of_one_message_are_duplicates() -> None:
    twice = [raised("i1", at=seconds(10)), raised("i2", at=seconds(20))]
    assert kinds(judged([fire()], twice, TOLD)) == ["duplicate"]
    after = [*twice[:1], raised("i1", at=seconds(15), level=0, is_open=False), twice[1]]
    assert kinds(judged([fire()], after, TOLD)) == []
    two = (notice(at=seconds(40)), notice(at=seconds(41), key="another"))
    assert kinds(judged([fire()], [raised(at=seconds(40))], two)) == ["duplicate"]
    assert kinds(judged([fire()], [raised(at=seconds(40))], (*TOLD, *TOLD))) == []


def test_what_was_over_long_before_is_historic() -> None:
    old = fire(Nature.HISTORIC, begins=-7200, over=-7000)
    assert kinds(judged([old], [raised()], TOLD)) == ["historic"]


def test_a_drill_leaks_when_it_is_raised_for_real_or_told_alive() -> None:
    drill = fire(Nature.DRILL)
    assert kinds(judged([drill], [raised(at=seconds(5))], TOLD)) == ["leaked"]
    quiet = [raised(at=seconds(5), drill=True)]
    assert kinds(judged([drill], quiet, [notice(drill=True)])) == []
    assert kinds(judged([drill], quiet, [notice(drill=False)])) == ["leaked"]


def test_broken_expectations_count_and_everything_is_plain_data() -> None:
    found = judged([], broken=(Case("broken", T0, "closed: expected"),))
    body = found.as_json()
    assert (body["broken"], body["false_per_1000_device_days"]) == (1, 0.0)
    assert body["cases"] == ["broken 2026-05-28T20:26:40.000Z closed: expected"]


def test_quantiles_are_values_that_were_there() -> None:
    assert quantiles([3.0, 1.0, 2.0]) == {"p50": 2.0, "p90": 3.0, "p99": 3.0, "max": 3.0}
    assert quantiles([])["p50"] is None
    assert (per_thousand(3, 1_500.0), per_thousand(3, 0.0)) == (2.0, 0.0)
