"""Clocks, households, and the people who were not reached."""

from __future__ import annotations

from dataclasses import replace

from alerts.broadcasts.delivery import State
from alerts.incidents.state import Stage
from anmin.web.dossier import clocks, households, reach, verbs
from anmin.web.wording import Wording
from devices.instant import HOUR, SECOND
from tests.support.web_view import NOW, closed, fire, flood, inventory, unreachable_at, with_incident

ZH = Wording("zh", inventory(), 8 * HOUR)


def test_the_crews_clocks_count_from_the_first_alarm() -> None:
    accept, arrive, joint = clocks(fire().incident, inventory(), NOW)
    assert (accept.name, accept.late, accept.met_for) == ("accept", True, None)
    assert accept.due_at == NOW - 42 * SECOND
    assert not arrive.late
    assert joint.due_at - arrive.due_at == 120 * SECOND


def test_a_clock_that_was_met_stops() -> None:
    incident = with_incident(fire(), accepted_at=NOW - 72 * SECOND).incident
    accept = clocks(incident, inventory(), NOW)[0]
    assert accept.met_for == 30 * SECOND
    assert not accept.late


def test_without_a_dispatch_there_are_no_clocks() -> None:
    assert clocks(flood().incident, inventory(), NOW) == ()


def test_those_who_need_help_come_first_and_those_who_are_safe_last() -> None:
    homes = households(fire(), ZH)
    assert [home.reply for home in homes] == ["help", "none", "none", "safe"]
    assert homes[0].needs == ("独居", "轮椅")
    assert homes[0].people == ("孙爷爷",)
    assert homes[0].replied_at is not None


def test_people_who_got_nothing_are_named_and_a_hand_off_is_no_proof() -> None:
    found = reach(fire(), ZH)
    assert [person.name for person in found.unreached] == ["钱多多"]
    assert found.unreached[0].attempts == (("webhook", "failed", "502 from the gateway"),)
    assert [person.name for person in found.unproven] == ["孙爷爷"]


def test_who_has_no_contact_at_all_is_named_and_somebody_has_to_knock() -> None:
    known = unreachable_at(inventory(), "r-1201")
    seen = fire()
    told = tuple(one for one in seen.deliveries if one.recipient.id != "r-1201")
    seen = replace(with_incident(seen, replies=()), deliveries=told)
    wording = replace(ZH, inventory=known)
    found = reach(seen, wording).unreached
    assert (found[0].name, found[0].attempts) == ("Anna Schmidt", ())
    homes = {home.id: home for home in households(seen, wording)}
    assert homes["b3-u2-f12-1201"].knock
    assert homes["b3-u2-f12-1201"].states == ()
    assert sum(home.knock for home in homes.values()) == 1


def test_before_anybody_is_told_nobody_is_missing() -> None:
    wording = replace(ZH, inventory=unreachable_at(inventory(), "r-1201", "r-1203"))
    assert reach(replace(fire(), timeline=(), deliveries=()), wording).unreached == ()


def test_one_channel_that_arrived_is_enough() -> None:
    seen = fire()
    failed = next(delivery for delivery in seen.deliveries if delivery.state is State.FAILED)
    arrived = replace(failed, state=State.DELIVERED, recipient=replace(failed.recipient, channel="sms"))
    found = reach(replace(seen, deliveries=(*seen.deliveries, arrived)), ZH)
    assert found.unreached == ()


def test_only_what_is_possible_is_offered() -> None:
    assert verbs(closed().incident) == ()
    assert set(verbs(fire().incident)) == {"acknowledge", "confirm", "resolve", "close"}
    verifying = with_incident(fire(), stage=Stage.VERIFYING).incident
    assert {"confirm", "dispute"} <= set(verbs(verifying))
    assert "reopen" in verbs(with_incident(fire(), stage=Stage.RESOLVED).incident)
    assert "dispatch" in verbs(flood().incident)
