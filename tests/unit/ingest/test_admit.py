"""ingest.admit: which device, which time, what a value is worth; floods, strangers, snapshots."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from anmin.codec import dump, load
from devices.device import Device
from devices.instant import HOUR, MINUTE, SECOND
from devices.inventory import Inventory
from devices.reading import Reading, Trust
from ingest.admit import AdmitState, Limits
from ingest.message import Decoded, Point
from tests.support.admission import ALARM, CLEAR, SMOKE, T0, Desk, houses, trusts

# Devices and clocks -----------------------------------------------------------------------------------------


def test_message_becomes_readings_of_its_device() -> None:
    desk = Desk()
    heard = desk.native(ALARM, Point("temperature_c", 41.5), device_at=T0 - SECOND)
    assert (heard.device_id, heard.unknown, heard.duplicate) == ("smoke-1", False, False)
    assert heard.readings == (
        Reading("smoke-1", "smoke_alarm", 1.0, T0, T0 - SECOND, Trust.NONE, 1),
        Reading("smoke-1", "temperature_c", 41.5, T0, T0 - SECOND, Trust.NONE, 1),
    )


@pytest.mark.parametrize("ahead", [-24 * HOUR + 1, -8 * HOUR, 0, 2 * MINUTE - 1])
def test_devices_time_is_believed_within_a_day_back_and_two_minutes_ahead(ahead: int) -> None:
    heard = Desk().native(ALARM, device_at=T0 + ahead)
    assert heard.readings[0].measured_at == T0 + ahead
    assert trusts(heard) == [Trust.NONE]


@pytest.mark.parametrize("ahead", [-3_650 * 24 * HOUR, -24 * HOUR, 2 * MINUTE, 3_650 * 24 * HOUR])
def test_wrong_clock_is_flagged_and_the_alarm_is_still_an_alarm(ahead: int) -> None:
    heard = Desk().native(ALARM, device_at=T0 + ahead)
    assert heard.readings[0].measured_at == T0
    assert heard.readings[0].value == 1.0
    assert trusts(heard) == [Trust.CLOCK]


def test_clock_that_was_never_set_is_not_believed_even_by_a_wrong_clock_of_ours() -> None:
    desk = Desk()
    desk.at = 3 * HOUR
    assert trusts(desk.native(ALARM, device_at=2 * HOUR)) == [Trust.CLOCK]


def test_device_without_a_clock_is_not_flagged() -> None:
    assert trusts(Desk().native(ALARM)) == [Trust.NONE]


def test_words_of_the_message_reach_its_readings() -> None:
    heard = Desk().native(ALARM, test=True, warmup=True, queued=True)
    assert trusts(heard) == [Trust.TEST | Trust.WARMUP | Trust.QUEUED]


# Order ------------------------------------------------------------------------------------------------------


def test_same_message_again_is_a_duplicate_and_still_heard() -> None:
    desk = Desk()
    desk.native(ALARM, event_id="e1", is_event=True)
    desk.at += 20 * SECOND
    desk.seq -= 1
    heard = desk.native(ALARM, event_id="e1", is_event=True)
    assert (heard.duplicate, trusts(heard)) == (True, [Trust.DUPLICATE])
    facts = desk.admission.last("smoke-1")
    assert facts is not None
    assert facts.heard_at == desk.at
    assert facts.values["smoke_alarm"] == (1.0, T0)


def test_older_message_goes_to_the_record_and_changes_nothing() -> None:
    desk = Desk()
    desk.native(ALARM, device_sequence=50)
    heard = desk.native(CLEAR, device_sequence=49)
    assert (heard.duplicate, trusts(heard)) == (False, [Trust.BACKFILL])
    facts = desk.admission.last("smoke-1")
    assert facts is not None
    assert facts.values["smoke_alarm"][0] == 1.0


def test_backfill_by_its_own_mark_is_history() -> None:
    desk = Desk()
    heard = desk.native(ALARM, backfill=True, device_at=T0 - HOUR)
    assert trusts(heard) == [Trust.BACKFILL]
    assert heard.readings[0].measured_at == T0 - HOUR
    assert desk.native(CLEAR, device_at=T0).readings[0].trust == Trust.NONE


def test_history_is_not_taken_for_a_counter_that_was_reset() -> None:
    desk = Desk()
    desk.native(CLEAR, device_sequence=500, device_at=T0)
    flushed = [(40, T0 - 100 * SECOND), (41, T0 - 99 * SECOND), (42, T0 - 98 * SECOND)]
    heard = [desk.native(ALARM, device_sequence=n, device_at=at) for n, at in flushed]
    assert [trusts(one) for one in heard] == [[Trust.BACKFILL]] * 3
    desk.native(ALARM, device_sequence=43, device_at=T0 + SECOND, backfill=True)
    assert trusts(desk.native(ALARM, device_sequence=499)) == [Trust.BACKFILL]


def test_overtaken_event_does_not_make_what_was_before_it_look_like_a_reset() -> None:
    desk = Desk()
    desk.native(CLEAR, device_sequence=500, device_at=T0)
    kept: dict[str, Any] = {"device_sequence": 42, "event_id": "e", "is_event": True, "device_at": T0 - HOUR}
    assert trusts(desk.native(Point("tamper", 1.0), **kept)) == [Trust.NONE]
    flushed = desk.native(ALARM, device_sequence=43, device_at=T0 - HOUR + SECOND)
    assert trusts(flushed) == [Trust.BACKFILL]


def test_age_alone_makes_nothing_historic() -> None:
    desk = Desk()
    desk.native(CLEAR, device_at=T0)
    assert trusts(desk.native(ALARM, device_at=T0 - 20 * HOUR)) == [Trust.NONE]


def test_accepted_event_that_was_overtaken_still_pages() -> None:
    desk = Desk()
    desk.native(CLEAR, device_sequence=500)
    heard = desk.native(ALARM, device_sequence=42, event_id="e1", is_event=True)
    assert trusts(heard) == [Trust.NONE]


def test_resent_bytes_with_the_dup_flag_are_a_duplicate_for_dialects_without_counters() -> None:
    desk = Desk()
    desk.foreign(ALARM, payload=b"one")
    assert desk.foreign(ALARM, payload=b"one", dup=True).duplicate
    assert not desk.foreign(ALARM, payload=b"two", dup=True).duplicate
    assert not desk.foreign(ALARM, payload=b"one").duplicate
    assert not desk.foreign(ALARM, payload=b"one", dup=True, topic="another").duplicate


def test_several_messages_back_are_remembered_but_not_for_ever() -> None:
    """What a broker resends after a broken connection is a few messages, each of which came once."""
    desk = Desk()
    sent = [b"%d" % n for n in range(8)]
    for payload in sent:
        assert not desk.foreign(ALARM, address="stranger", payload=payload).duplicate
    assert all(desk.foreign(ALARM, address="stranger", payload=one, dup=True).duplicate for one in sent)
    desk.foreign(ALARM, address="stranger", payload=b"8")
    assert not desk.foreign(ALARM, address="stranger", payload=b"0", dup=True).duplicate


def test_message_id_of_the_source_makes_the_second_delivery_a_duplicate_whatever_else_differs() -> None:
    desk = Desk()
    assert not desk.foreign(ALARM, payload=b"one", message_id="7").duplicate
    desk.at += 3600 * SECOND
    again = desk.foreign(ALARM, payload=b"other bytes", message_id="7")
    assert again.duplicate
    assert trusts(again) == [Trust.DUPLICATE]
    assert desk.admission.last("z-1") is not None
    assert not desk.foreign(ALARM, payload=b"other bytes", message_id="8").duplicate
    assert not desk.foreign(ALARM, address="stranger", message_id="7").duplicate
    desk.at += 24 * 3600 * SECOND
    assert not desk.foreign(ALARM, message_id="7").duplicate


def test_same_bytes_much_later_are_something_new_in_spite_of_the_dup_flag() -> None:
    desk = Desk()
    desk.foreign(ALARM, payload=b"press")
    desk.at += 31 * SECOND
    assert not desk.foreign(ALARM, payload=b"press", dup=True).duplicate


# Presence ---------------------------------------------------------------------------------------------------


def test_never_heard_is_unknown() -> None:
    desk = Desk()
    assert desk.admission.last("smoke-1") is None
    desk.native(online=True, retain=True)
    assert desk.admission.last("smoke-1") is None


def test_brokers_memory_and_last_will_are_no_sign_of_life() -> None:
    desk = Desk()
    desk.native(CLEAR)
    for more in ({"retain": True}, {"online": False}):
        desk.at += MINUTE
        desk.native(**more)
    facts = desk.admission.last("smoke-1")
    assert facts is not None
    assert (facts.heard_at, facts.online) == (T0, False)


def test_device_that_speaks_is_there_again() -> None:
    desk = Desk()
    desk.native(online=False)
    desk.native(CLEAR)
    facts = desk.admission.last("smoke-1")
    assert facts is not None
    assert facts.online is True


def test_last_will_of_an_earlier_start_does_not_say_that_it_is_gone() -> None:
    desk = Desk()
    desk.native(boot=8, online=True)
    desk.native(boot=7, device_sequence=None, online=False)
    facts = desk.admission.last("smoke-1")
    assert facts is not None
    assert facts.online is True


def test_bridges_opinion_is_no_sign_of_life_and_neither_is_what_it_repeats() -> None:
    desk = Desk()
    desk.foreign(CLEAR, device_at=T0)
    desk.at += MINUTE
    desk.foreign(online=True)
    desk.foreign(CLEAR, device_at=T0)
    facts = desk.admission.last("z-1")
    assert facts is not None
    assert (facts.heard_at, facts.online) == (T0, True)


# Retained and repeated --------------------------------------------------------------------------------------


def test_retained_alarm_is_raised_once_with_its_age_unknown() -> None:
    desk = Desk()
    assert trusts(desk.foreign(ALARM, retain=True)) == [Trust.RETAINED]
    assert trusts(desk.foreign(ALARM, retain=True)) == [Trust.RETAINED | Trust.DUPLICATE]


def test_a_retained_alarm_from_before_what_the_device_has_said_since_is_history() -> None:
    desk = Desk()
    desk.foreign(CLEAR, device_at=T0)
    assert trusts(desk.foreign(ALARM, retain=True, device_at=T0 - 1))[0] & Trust.BACKFILL
    assert trusts(desk.foreign(ALARM, retain=True, device_at=T0 + 1)) == [Trust.RETAINED]


def test_retained_clear_leaves_a_standing_alarm_alone() -> None:
    desk = Desk()
    desk.foreign(ALARM)
    heard = desk.foreign(CLEAR, retain=True)
    assert trusts(heard) == [Trust.RETAINED | Trust.BACKFILL]
    assert trusts(desk.foreign(CLEAR)) == [Trust.NONE]


def test_cached_value_beside_a_new_one_is_stale_and_keeps_its_time() -> None:
    desk = Desk()
    desk.foreign(ALARM, Point("battery_percent", 98.0))
    desk.at += MINUTE
    heard = desk.foreign(ALARM, Point("battery_percent", 97.0))
    assert trusts(heard) == [Trust.STALE, Trust.NONE]
    facts = desk.admission.last("z-1")
    assert facts is not None
    assert facts.values == {"smoke_alarm": (1.0, T0), "battery_percent": (97.0, desk.at)}


def test_parts_of_one_message_are_judged_together_and_hide_nothing_of_each_other() -> None:
    desk = Desk()
    for dup in (False, True):  # a resent message says in all its parts what was said
        record = desk.record(dup=dup, payload=b"both")
        heard = [
            desk.admission.admit(record, Decoded("zigbee2mqtt", "hall", (point,)))
            for point in (Point("fault", 1.0), ALARM)
        ]
        assert [one.duplicate for one in heard] == [dup, dup]
    first = [desk.foreign(Point("fault", 1.0), message_id="1"), desk.foreign(ALARM, message_id="1")]
    assert [one.duplicate for one in first] == [False, True]  # two messages, the second with a known id


def test_two_messages_of_one_second_are_both_fresh_where_nothing_is_cached() -> None:
    desk = Desk()
    desk.foreign(ALARM, device_at=T0 - SECOND, cached=False)
    again = desk.foreign(ALARM, device_at=T0 - SECOND, cached=False)
    assert trusts(again) == [Trust.NONE]


def test_what_is_said_about_a_device_is_no_sign_of_its_life() -> None:
    desk = Desk()
    desk.foreign(heard=False, notes=("its command failed",))
    assert desk.admission.last("z-1") is None
    desk.foreign(CLEAR)
    at, desk.at = desk.at, desk.at + 60 * SECOND
    desk.foreign(heard=False)
    known = desk.admission.last("z-1")
    assert known is not None
    assert known.heard_at == at


def test_source_that_caches_nothing_says_nothing_stale() -> None:
    desk = Desk()
    desk.foreign(Point("temperature_c", 21.0), Point("battery_percent", 90.0))
    fresh = desk.foreign(Point("temperature_c", 21.0), Point("battery_percent", 89.0), cached=False)
    assert trusts(fresh) == [Trust.NONE, Trust.NONE]


def test_time_of_the_network_counts_where_the_device_has_none_that_can_be_true() -> None:
    desk = Desk()
    network = T0 - 60 * SECOND
    for device_at in (None, 1):
        heard = desk.foreign(ALARM, device_at=device_at, network_at=network)
        assert heard.readings[0].measured_at == network
    own = desk.foreign(ALARM, device_at=T0 - SECOND, network_at=network)
    assert own.readings[0].measured_at == T0 - SECOND
    absurd = desk.foreign(ALARM, network_at=T0 - 7 * 24 * 3600 * SECOND)
    assert absurd.readings[0].measured_at == T0


def test_alarm_in_the_first_message_after_our_start_is_an_alarm() -> None:
    assert trusts(Desk().foreign(ALARM, Point("battery_percent", 98.0))) == [Trust.NONE, Trust.NONE]


def test_alarm_that_was_a_test_is_new_when_it_is_none() -> None:
    """What was said under test is no knowledge about the hazard: it must not make the real thing stale."""
    desk = Desk()
    desk.foreign(CLEAR, Point("battery_percent", 98.0))
    desk.foreign(ALARM, Point("battery_percent", 98.0), test=True)
    assert trusts(desk.foreign(ALARM, Point("battery_percent", 97.0))) == [Trust.NONE, Trust.NONE]
    stranger = Desk()
    stranger.foreign(ALARM, test=True)
    assert trusts(stranger.foreign(ALARM, retain=True)) == [Trust.RETAINED]


def test_native_values_are_never_taken_for_cached_ones() -> None:
    desk = Desk()
    desk.native(ALARM, Point("temperature_c", 20.0))
    assert trusts(desk.native(ALARM, Point("temperature_c", 21.0))) == [Trust.NONE, Trust.NONE]


# Floods -----------------------------------------------------------------------------------------------------


def test_stuck_device_is_cut_down_to_its_budget_and_counted() -> None:
    desk = Desk()
    passed = 0
    for _ in range(1_000):  # within 200 ms: 5,000 a second
        passed += len(desk.native(Point("temperature_c", 20.0)).readings)
        desk.at += SECOND // 5_000
    assert 100 <= passed <= 110
    assert desk.admission.dropped == {"over_budget": 1_000 - passed}
    facts = desk.admission.last("smoke-1")
    assert facts is not None
    assert facts.heard_at > T0


def test_flood_hides_no_edge() -> None:
    """S31: alarms and conditions pass when they change, however much is said beside them."""
    desk = Desk()
    for _ in range(500):
        desk.native(CLEAR, Point("temperature_c", 20.0), Point("tamper", 0.0))
    heard = desk.native(ALARM, Point("temperature_c", 90.0), Point("tamper", 1.0))
    assert [reading.quantity for reading in heard.readings] == ["smoke_alarm", "tamper"]
    assert desk.native(ALARM).readings == ()
    assert desk.native(CLEAR).readings[0].value == 0.0


def test_flood_hides_no_event() -> None:
    """It was accepted; and what it says may be a number over its limit, or a second press of a button."""
    desk = Desk()
    desk.foreign(Point("sos_alarm", 1.0), is_event=True)
    desk.at += MINUTE
    for _ in range(500):
        desk.native(Point("co_ppm", 3.0))
        desk.foreign(Point("battery_percent", 90.0))
    assert desk.native(Point("co_ppm", 400.0), event_id="e", is_event=True).readings[0].value == 400.0
    assert trusts(desk.native(Point("co_ppm", 400.0), event_id="e", is_event=True)) == []
    assert trusts(desk.foreign(Point("sos_alarm", 1.0), is_event=True)) == [Trust.NONE]
    assert trusts(desk.foreign(Point("sos_alarm", 1.0), is_event=True)) == []


def test_flood_under_test_hides_no_alarm() -> None:
    desk = Desk()
    for _ in range(500):
        desk.native(ALARM, test=True)
    assert trusts(desk.native(ALARM)) == [Trust.NONE]


def test_one_devices_flood_costs_another_nothing() -> None:
    desk = Desk()
    for _ in range(500):
        desk.native(CLEAR)
    assert len(desk.foreign(CLEAR).readings) == 1


def test_ten_messages_a_second_are_never_cut() -> None:
    desk = Desk()
    for _ in range(3_000):
        desk.native(Point("temperature_c", 20.0))
        desk.at += SECOND // 10
    assert not desk.admission.dropped


# Strangers --------------------------------------------------------------------------------------------------


def test_alarm_of_an_unknown_device_passes() -> None:
    desk = Desk()
    heard = desk.foreign(ALARM, address="attic smoke")
    assert (heard.device_id, heard.unknown) == ("unknown:zigbee2mqtt:attic%20smoke", True)
    assert heard.readings[0].value == 1.0
    assert desk.admission.inbox() == {heard.device_id: T0}


def test_generic_alarm_of_a_known_device_gets_its_name() -> None:
    heard = Desk().foreign(Point("generic_alarm", 1.0))
    assert [reading.quantity for reading in heard.readings] == ["smoke_alarm"]


def test_hostile_invention_of_devices_is_capped_and_counted() -> None:
    desk = Desk()
    passed = [desk.foreign(ALARM, address=f"x{n}").readings for n in range(1_500)]
    assert sum(1 for readings in passed if readings) == 20
    assert len(desk.admission.inbox()) == 1_000
    assert desk.admission.dropped == {"stranger_alarm": 1_480, "stranger_forgotten": 500}
    assert desk.foreign(ALARM, address="x0").readings
    assert desk.foreign(ALARM, address="y", source="another").readings
    desk.at += 10 * MINUTE
    assert desk.foreign(ALARM, address="y").readings


def test_clear_of_a_capped_stranger_costs_no_slot() -> None:
    desk = Desk(Limits(strangers_alarming=1))
    assert [bool(desk.foreign(CLEAR, address=f"x{n}").readings) for n in range(3)] == [True] * 3
    assert desk.foreign(ALARM, address="x2").readings


def test_stranger_that_is_registered_leaves_the_inbox() -> None:
    desk = Desk()
    desk.foreign(ALARM, address="attic")
    desk.admission.drain()
    desk.admission.adopt(houses(Device("new", SMOKE, "c", "zigbee2mqtt", "attic", "新", "New")))
    assert desk.admission.inbox() == {}
    assert desk.admission.drain() == [("unknown:zigbee2mqtt:attic", None)]
    assert desk.foreign(ALARM, address="attic").device_id == "new"


def test_device_that_is_taken_out_of_the_community_is_forgotten() -> None:
    desk = Desk()
    desk.native(ALARM)
    desk.foreign(ALARM)
    desk.admission.adopt(Inventory.of("c", "2", (), [houses().devices["z-1"]]))
    assert desk.admission.last("smoke-1") is None
    assert desk.admission.last("z-1") is not None
    assert ("smoke-1", None) in desk.admission.drain()


# What a device says of its own interval ---------------------------------------------------------------------


def said_for(desk: Desk) -> int | None:
    facts = desk.admission.last("z-1")
    assert facts is not None
    return facts.reports_every_for


def test_the_interval_a_device_says_is_remembered_until_it_says_another() -> None:
    desk = Desk()
    desk.foreign(CLEAR)
    assert said_for(desk) is None
    desk.foreign(CLEAR, reports_every_for=HOUR)
    desk.foreign(CLEAR)
    assert said_for(desk) == HOUR
    desk.foreign(CLEAR, reports_every_for=4 * HOUR)
    assert said_for(desk) == 4 * HOUR


@pytest.mark.parametrize("wrong", [0, SECOND, 8 * 24 * HOUR, -HOUR])
def test_an_interval_beyond_reason_changes_nothing_whatever_the_dialect_let_through(wrong: int) -> None:
    desk = Desk()
    desk.foreign(CLEAR, reports_every_for=HOUR)
    desk.foreign(CLEAR, reports_every_for=wrong)
    assert said_for(desk) == HOUR


def test_the_interval_in_a_record_of_the_past_is_of_the_past() -> None:
    desk = Desk()
    desk.foreign(CLEAR, reports_every_for=HOUR)
    desk.foreign(CLEAR, reports_every_for=2 * HOUR, backfill=True)
    assert said_for(desk) == HOUR


def test_the_interval_survives_a_restart_and_older_snapshots_have_none() -> None:
    desk = Desk()
    desk.foreign(CLEAR, reports_every_for=HOUR)
    kept = {key: dump(state) for key, state in desk.admission.drain()}
    again = Desk()
    again.admission.restore((key, load(AdmitState, text)) for key, text in kept.items())
    assert said_for(again) == HOUR
    *older, _ = json.loads(kept["z-1"])
    again.admission.restore([("z-1", load(AdmitState, json.dumps(older)))])
    assert said_for(again) is None


def test_another_device_under_the_same_name_does_not_inherit_the_interval() -> None:
    desk = Desk()
    desk.foreign(CLEAR, reports_every_for=HOUR)
    desk.admission.adopt(houses(Device("x", SMOKE, "c", "native", "x", "x", "x")))
    assert said_for(desk) == HOUR
    known = houses().devices
    swapped = replace(known["z-1"], address="hall-new")
    desk.admission.adopt(Inventory.of("c", "9", (), (known["smoke-1"], swapped)))
    assert said_for(desk) is None
    assert "z-1" in dict(desk.admission.drain())
