"""Supervision over time: what begins, what is told, what is over, and that a restart changes none of it."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import pytest

from alerts.incidents.command import Declined, Done
from alerts.troubles.command import OwnTroubles, StartWalk
from alerts.troubles.events import WalkEnded
from alerts.troubles.kind import TroubleKind as K
from alerts.troubles.supervision import Supervision
from alerts.troubles.trouble import Stage
from devices.device import misses
from devices.instant import DAY, HOUR, MINUTE, SECOND
from devices.liveness import expected
from devices.reading import Trust
from tests.unit.alerts.troubles.ward import GATEWAY, SMOKE, T0, Ward, device, inventory


def test_a_device_that_is_silent_for_its_limit_is_a_trouble_and_told_once() -> None:
    ward = Ward(device("a"))
    ward.says("a", temperature_c=20)
    ward.wait(SMOKE.silent_after_for - 1)
    assert not ward.supervision.troubles
    ward.wait(1)
    assert ward.kinds("a") == set()
    ward.wait(2 * MINUTE)
    assert ward.kinds("a") == {K.LOST}
    assert ward.now - T0 <= 1.1 * SMOKE.missed_allowed * SMOKE.reports_every_for  # P10
    ward.wait(MINUTE)
    assert [len(notice.sends) for notice in ward.notices] == [1]
    assert "烟感a：失联" in ward.notices[0].sends[0].text
    assert "smoke a: lost contact" in ward.notices[0].sends[0].text
    ward.wait(3 * HOUR)
    assert len(ward.notices) == 1


@pytest.mark.parametrize("every_for", [MINUTE, DAY])
def test_a_device_that_says_its_own_interval_is_silent_by_that(every_for: int) -> None:
    ward = Ward(device("a"))
    ward.says("a", smoke_alarm=0)
    ward.wait(MINUTE)
    ward.says("a", every_for=every_for)
    limit = expected(SMOKE, every_for).silent_after_for
    ward.wait(limit)
    assert ward.kinds("a") == set()
    ward.wait(3 * MINUTE)
    assert ward.kinds("a") == {K.LOST}


def test_what_is_not_mended_is_told_again_and_what_is_owned_only_after_a_day() -> None:
    ward = Ward(device("a"))
    ward.says("a", fault=1)
    ward.wait(2 * MINUTE)
    assert len(ward.notices) == 1
    ward.says("a")
    ward.wait(4 * HOUR)
    ward.says("a")
    assert len(ward.notices) == 2
    (trouble,) = ward.supervision.counting("a")
    said = ward.supervision.command(OwnTroubles(trouble_ids=(trouble.id,), by="wang"), ward.now, ward.stamp)
    assert said.answer == Done(trouble.id, "acknowledged")
    for _ in range(23):
        ward.wait(HOUR)
        ward.says("a")
    assert len(ward.notices) == 2
    ward.wait(2 * HOUR)
    assert len(ward.notices) == 3


def test_all_that_stand_are_owned_at_once_and_an_unknown_one_is_said_to_be() -> None:
    ward = Ward(device("a"), device("b"))
    ward.says("a", fault=1)
    ward.says("b", tamper=1)
    ward.wait(2 * MINUTE)
    ward.supervision.command(OwnTroubles(trouble_ids=(), by="wang"), ward.now, ward.stamp)
    assert {one.acknowledged_by for one in ward.supervision.troubles.values()} == {"wang"}
    said = ward.supervision.command(OwnTroubles(trouble_ids=("trb_x",), by="wang"), ward.now, ward.stamp)
    assert isinstance(said.answer, Declined)
    assert said.answer.code == "no_such_trouble"


def test_what_lasts_too_short_leaves_no_trace_and_what_flutters_is_one_trouble() -> None:
    ward = Ward(device("a"))
    ward.says("a", fault=1)
    ward.wait(30 * SECOND)
    ward.says("a", fault=0)
    ward.wait(HOUR)
    assert ward.events == []
    for _ in range(20):
        ward.says("a", fault=1)
        ward.wait(2 * MINUTE)
        ward.says("a", fault=0)
        ward.wait(30 * SECOND)
    assert ward.happened().count("trouble_began") == 1
    assert len(ward.notices) == 1
    ward.wait(2 * MINUTE)
    assert ward.happened()[-1] == "trouble_over"
    assert "已恢复" in ward.notices[-1].sends[0].text


def test_a_trouble_stands_while_any_of_its_causes_does() -> None:
    ward = Ward(device("a"))
    ward.says("a", battery_low=1, battery_percent=3)
    ward.wait(HOUR)
    ward.says("a", battery_low=0)
    ward.wait(2 * HOUR)
    assert ward.kinds("a") == {K.BATTERY}
    ward.says("a", battery_percent=15)
    ward.wait(2 * HOUR)
    assert ward.kinds("a") == {K.BATTERY}
    ward.says("a", battery_percent=90)
    ward.wait(61 * MINUTE)
    assert ward.kinds("a") == set()


@pytest.mark.parametrize("trust", [Trust.BACKFILL, Trust.DUPLICATE])
def test_history_begins_and_ends_nothing(trust: Trust) -> None:
    ward = Ward(device("a"))
    ward.says("a", trust=trust, fault=1)
    ward.wait(HOUR)
    assert not ward.supervision.troubles
    ward.says("a", fault=1)
    ward.wait(2 * MINUTE)
    ward.says("a", trust=trust, fault=0)
    ward.wait(HOUR)
    assert ward.kinds("a") == {K.FAULT}


def test_a_dead_gateway_explains_its_devices_and_an_alarm_of_one_is_no_concern_of_it() -> None:
    children = [device(f"d{n}", via="g") for n in range(300)]
    others = [device(f"m{n}", place="c.b2") for n in range(800)]
    ward = Ward(device("g", GATEWAY), *children, *others)
    for one in (*children, *others):
        ward.says(one.id, temperature_c=20)
    ward.says("g")
    ward.wait(7 * MINUTE)
    for one in others:
        ward.says(one.id)
    ward.wait(HOUR)
    assert ward.kinds("g") == {K.LOST}
    for _ in range(4):
        ward.wait(HOUR)
        for one in others:
            ward.says(one.id)
    lost = ward.trouble("g", K.LOST)
    assert lost is not None
    assert ward.supervision.folded(lost.id) == 300
    assert {ward.supervision.counting(one.id)[0].stage for one in children} == {Stage.FOLDED}
    for _ in range(4):
        ward.wait(HOUR)
        for one in others:
            ward.says(one.id)
    told = {event.incident_id for event in ward.events if event.kind == "trouble_told"}
    assert told == {lost.id}
    assert "共 300 台" in ward.notices[-1].sends[0].text
    ward.says("g")
    for one in children:
        ward.says(one.id, smoke_alarm=1)
    ward.keeps_saying("g", for_=2 * HOUR, every=MINUTE)
    assert not ward.kinds("g")
    assert not any(ward.kinds(one.id) for one in children)


def test_after_its_gateway_is_back_a_device_that_stays_away_is_told_by_itself() -> None:
    ward = Ward(device("g", GATEWAY), device("a", via="g"), device("b", via="g"))
    for name in ("g", "a", "b"):
        ward.says(name)
    ward.wait(6 * HOUR)
    ward.says("g")
    ward.says("a")
    ward.keeps_saying("g", for_=30 * MINUTE, every=MINUTE)
    trouble = ward.trouble("b", K.LOST)
    assert trouble is not None
    assert trouble.stage is Stage.BEGINNING
    ward.keeps_saying("g", for_=40 * MINUTE, every=MINUTE)
    assert ward.kinds("b") == {K.LOST}
    assert "烟感b：失联" in ward.notices[-1].sends[0].text


def test_a_power_cut_is_one_trouble_with_the_exact_count() -> None:
    devices = [device(f"d{n}", place=f"c.b{n % 3 + 1}") for n in range(1_000)]
    ward = Ward(*devices)
    for one in devices:
        ward.says(one.id)
    ward.now += MINUTE
    for one in devices[:900]:
        ward.is_said_offline(one.id)
    ward.wait(2 * MINUTE)
    assert len(ward.notices) == 1
    assert "大面积失联（停电或断网），共 900 台" in ward.notices[0].sends[0].text
    facts = json.loads(ward.notices[0].sends[0].data)
    assert [(one["kind"], one["devices"]) for one in facts["troubles"]] == [("area", 900)]
    for one in devices[:900]:
        ward.says(one.id, smoke_alarm=0)
    ward.wait(10 * MINUTE)
    assert not ward.supervision.troubles
    assert [e.folded for e in ward.events if e.kind == "trouble_over"] == [900]
    assert len(ward.notices) == 2


def test_one_buildings_cut_is_that_buildings_and_grows_to_the_communitys() -> None:
    devices = [device(f"d{n}", place=f"c.b{n % 3 + 1}") for n in range(60)]
    ward = Ward(*devices)
    for one in devices:
        ward.says(one.id)
    for one in devices:
        if one.place_id == "c.b1":
            ward.is_said_offline(one.id)
    ward.wait(2 * MINUTE)
    assert ward.kinds("c.b1") == {K.AREA}
    assert ward.kinds("c") == set()
    for one in devices:
        if one.place_id == "c.b2":
            ward.is_said_offline(one.id)
    ward.wait(2 * MINUTE)
    whole = ward.trouble("c", K.AREA)
    assert whole is not None
    assert ward.supervision.folded(whole.id) == 40
    assert ward.kinds("c.b1") == set()
    for one in devices:
        if one.place_id == "c.b2":
            ward.says(one.id)
    assert ward.supervision.folded(whole.id) == 20
    for one in devices[:36]:
        if one.place_id == "c.b1":
            ward.says(one.id)
    ward.wait(2 * MINUTE)
    assert ward.kinds("c") == set()
    assert ward.supervision.counting("c.b1")[0].peak == 8


def test_our_own_absence_is_no_silence_of_theirs() -> None:
    ward = Ward(device("a"), device("b"))
    ward.says("a")
    ward.now += 3 * DAY
    ward.supervision.deaf_until(ward.now)
    ward.wait(SMOKE.silent_after_for - 1)
    assert not ward.supervision.troubles
    ward.wait(3 * MINUTE)
    assert ward.kinds("a") == ward.kinds("b") == {K.LOST}


def test_a_device_that_never_spoke_is_a_trouble_after_its_limit_too() -> None:
    ward = Ward(device("a"))
    ward.wait(SMOKE.silent_after_for + 3 * MINUTE)
    assert ward.kinds("a") == {K.LOST}


def test_a_device_that_is_away_for_days_is_one_trouble_and_none_when_it_is_back() -> None:
    ward = Ward(device("a"), *(device(f"b{n}", place="c.b2") for n in range(6)))
    names = ("a", *(f"b{n}" for n in range(6)))
    for name in names:
        ward.says(name, temperature_c=20.0)
    ward.wait(5 * DAY)
    assert {one.kind for one in ward.supervision.troubles.values()} == {K.LOST, K.AREA}
    for _ in range(10):
        for name in names:
            ward.says(name)
        ward.wait(HOUR)
    assert not ward.supervision.troubles


def test_values_that_cannot_be_that_never_move_and_that_no_longer_come() -> None:
    ward = Ward(device("a"), device("b"), device("c"))
    for hours in range(80):
        ward.says("a", temperature_c=1300.0)
        ward.says("b", temperature_c=21.5)
        if hours < 40:
            ward.says("c", temperature_c=20.0 + hours / 10)
        else:
            ward.says("c")
        ward.wait(HOUR)
    assert ward.kinds("a") == {K.IMPLAUSIBLE, K.STUCK}
    assert ward.kinds("b") == {K.STUCK}
    assert ward.kinds("c") == {K.STALE}
    for name, value in (("a", 20.0), ("b", 21.6), ("c", 22.0)):
        ward.says(name, temperature_c=value)
    ward.wait(2 * HOUR)
    assert ward.kinds("a") == ward.kinds("b") == ward.kinds("c") == set()


def test_dates_make_troubles_and_a_replacement_ends_them() -> None:
    old = device("a", installed_at=T0 - 3649 * DAY)
    ward = Ward(old)
    ward.says("a")
    for _ in range(50):
        ward.wait(HOUR)
        ward.says("a")
    assert ward.kinds("a") == {K.EXPIRED, K.TEST_DUE}
    new = inventory([replace(old, installed_at=ward.now)])
    ward.take(ward.supervision.review(new, ward.now, ward.stamp))
    assert ward.kinds("a") == set()


def test_a_press_of_the_button_an_alarm_or_a_command_done_proves_a_device() -> None:
    ward = Ward(device("a", installed_at=T0 - 366 * DAY))
    ward.says("a")
    ward.wait(MINUTE)
    assert ward.kinds("a") == {K.TEST_DUE}
    ward.says("a", test=True)
    assert ward.supervision.proved_at("a") == ward.now
    assert ward.kinds("a") == set()
    ward.wait(MINUTE)
    ward.says("a", smoke_alarm=1, trust=Trust.RETAINED)
    assert ward.supervision.proved_at("a") == ward.now - MINUTE
    ward.says("a", smoke_alarm=1)
    assert ward.supervision.proved_at("a") == ward.now


def test_a_command_without_result_is_a_trouble_until_one_works() -> None:
    ward = Ward(device("a"))
    ward.says("a")
    ward.take(ward.supervision.operated("a", False, ward.now, ward.stamp))
    ward.wait(MINUTE)
    assert ward.kinds("a") == {K.COMMAND}
    ward.take(ward.supervision.operated("a", True, ward.now, ward.stamp))
    assert ward.kinds("a") == set()
    assert ward.supervision.proved_at("a") == ward.now


class TestWalk:
    """A test on foot."""

    @staticmethod
    def started() -> Ward:
        ward = Ward(device("a"), device("g", GATEWAY))
        ward.says("a", smoke_alarm=0)
        said = ward.take(ward.supervision.command(StartWalk(device_id="a", by="li"), ward.now, ward.stamp))
        assert said is not None
        assert said.answer == Done("a", "walking")
        return ward

    def test_passes_with_the_press_and_keeps_it_from_the_rules(self) -> None:
        ward = self.started()
        ward.wait(20 * SECOND)
        assert ward.supervision.walk_of("a") is not None
        ward.says("a", smoke_alarm=1)
        ward.says("a", smoke_alarm=0)
        assert [e.passed for e in ward.events if isinstance(e, WalkEnded)] == [True]
        ward.wait(MINUTE)
        assert ward.supervision.walk_of("a") is None
        assert [(one.quantity, one.value) for one in ward.released] == [("smoke_alarm", 0)]
        assert [e.passed for e in ward.events if isinstance(e, WalkEnded)] == [True]

    def test_fails_after_a_minute_without_a_press(self) -> None:
        ward = self.started()
        ward.says("a", temperature_c=20)
        ward.wait(MINUTE)
        assert [e.passed for e in ward.events if isinstance(e, WalkEnded)] == [False]

    def test_an_alarm_that_outlasts_it_is_handed_to_the_rules(self) -> None:
        ward = self.started()
        ward.says("a", smoke_alarm=1)
        ward.wait(MINUTE)
        assert [(one.value, one.at) for one in ward.released] == [(1, ward.now)]

    @pytest.mark.parametrize(
        ("name", "code"), [("a", "under_way"), ("g", "no_button"), ("x", "no_such_device")]
    )
    def test_is_declined_where_there_is_nothing_to_press(self, name: str, code: str) -> None:
        ward = self.started()
        said = ward.supervision.command(StartWalk(device_id=name, by="li"), ward.now, ward.stamp)
        assert isinstance(said.answer, Declined)
        assert said.answer.code == code


def test_a_device_that_is_retired_takes_its_troubles_with_it() -> None:
    ward = Ward(device("a"), device("b"))
    ward.says("a", fault=1)
    ward.wait(5 * MINUTE)
    ward.take(ward.supervision.review(inventory([device("b")]), ward.now, ward.stamp))
    assert not ward.supervision.troubles
    assert ward.happened()[-1] == "trouble_over"


def test_a_restart_at_any_moment_changes_nothing() -> None:
    """The same story with a drain and restore after every step leads to the same events and notices."""

    def story(restarts: bool) -> Ward:
        devices = [device(f"d{n}", via="g" if n < 5 else None, place=f"c.b{n % 2 + 1}") for n in range(24)]
        ward = Ward(device("g", GATEWAY), *devices)
        kept: dict[str, Any] = {}
        for step in range(60):
            for n, one in enumerate(devices):
                if (step * 7 + n * 3) % 11 < 4 and not 20 < step < 40:
                    ward.says(one.id, fault=float((step + n) % 5 == 0), temperature_c=20.0 + step)
            if step % 3 and step < 30:
                ward.says("g")
            if step == 30:
                for one in devices[5:]:
                    ward.is_said_offline(one.id)
            ward.wait((step % 5) * 31 * MINUTE)
            if restarts:
                kept |= dict(ward.supervision.drain())
                fresh = Supervision(ward.inventory, ward.facts.get)
                fresh.restore((k, v) for k, v in kept.items() if v is not None)
                ward.supervision = fresh
        return ward

    plain, restarted = story(False), story(True)
    assert len(plain.events) > 40
    assert restarted.events == plain.events
    assert restarted.notices == plain.notices
    assert restarted.supervision.troubles == plain.supervision.troubles


def test_a_value_that_was_said_once_is_stale_in_its_time_though_the_device_goes_on() -> None:
    ward = Ward(device("a"))
    ward.keeps_saying("a", for_=DAY, every=HOUR)
    ward.says("a", gas_lel_percent=1.0)
    said_at = ward.now
    while ward.now < said_at + 3 * SMOKE.silent_after_for:
        assert not ward.supervision.troubles
        ward.wait(30 * MINUTE)
        ward.says("a")
    assert ward.kinds("a") == {K.STALE}


def test_the_next_deadline_is_what_one_that_was_just_restored_reckons() -> None:
    """It is asked for with every record, and so not reckoned anew by going through everything."""
    chance = random.Random(5)
    daily = replace(SMOKE, reports_every_for=DAY)
    ward = Ward(*(device(f"d{n}", daily if n % 4 == 0 else SMOKE, f"c.b{n % 3 + 1}") for n in range(12)))
    kept: dict[str, Any] = {}
    seen: set[K] = set()
    for step in range(1500):
        name, values = f"d{chance.randrange(12)}", dict[str, Any]()
        if chance.random() < 0.5:
            values["temperature_c"] = 20.0 + chance.randrange(3)
        if chance.random() < 0.01:
            values["gas_lel_percent"] = 1.0
        if chance.random() < 0.05:
            values[chance.choice(("battery_low", "smoke_alarm", "fault"))] = float(chance.random() < 0.5)
        ward.says(name, every_for=chance.choice((None, None, None, 2 * HOUR)), **values)
        if chance.random() < 0.02:
            ward.is_said_offline(f"d{chance.randrange(12)}")
        if chance.random() < 0.02:
            ward.take(ward.supervision.command(StartWalk(device_id=name, by="li"), ward.now, ward.stamp))
        if chance.random() < 0.01:
            ward.supervision.deaf_until(ward.now)
        ward.wait(chance.choice((SECOND, MINUTE, 10 * MINUTE, HOUR)) if step % 200 else 5 * DAY)
        kept |= dict(ward.supervision.drain())
        fresh = Supervision(ward.inventory, ward.facts.get)
        fresh.restore((k, v) for k, v in kept.items() if v is not None)
        assert ward.supervision.next_deadline() == fresh.next_deadline(), step
        seen |= {one.kind for one in ward.supervision.troubles.values()}
    assert seen >= {K.LOST, K.AREA, K.STALE, K.BATTERY, K.FAULT}


def test_a_number_that_moved_until_the_crash_is_not_stuck_after_it() -> None:
    ward = Ward(device("a"))
    kept: dict[str, Any] = {}
    for hour in range(80):
        ward.says("a", temperature_c=20.0 + hour % 2)
        kept |= dict(ward.supervision.drain())
        ward.wait(HOUR)
    fresh = Supervision(ward.inventory, ward.facts.get)
    fresh.restore((k, v) for k, v in kept.items() if v is not None)
    ward.supervision = fresh
    ward.wait(MINUTE)
    assert not ward.kinds("a")


def test_the_limit_follows_the_interval() -> None:
    for every in (24 * SECOND, 5 * MINUTE, HOUR, DAY):
        profile = replace(SMOKE, reports_every_for=every, missed_allowed=misses(every))
        ward = Ward(device("a", profile))
        ward.says("a")
        ward.wait(int(1.1 * misses(every) * every))
        assert ward.kinds("a") == {K.LOST}, every
