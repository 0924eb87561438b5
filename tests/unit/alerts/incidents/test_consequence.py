"""What follows by itself, and in which order."""

from __future__ import annotations

from dataclasses import replace

from alerts.incidents.consequence import assess, consequences
from alerts.incidents.state import Ack, Stage
from devices.level import Level
from tests.support.community import T0
from tests.unit.alerts.incidents.test_incident import context, fresh


def kinds(incident: object) -> list[str]:
    return [event.kind for event in consequences(incident, context(T0 + 1))]  # type: ignore[arg-type] # an Incident


def test_nothing_more_follows_from_what_has_followed_already() -> None:
    assert kinds(fresh()) == []


def test_a_confirmation_worsens_ends_the_ownership_of_a_lower_level_and_activates() -> None:
    owned = replace(fresh(), ack=Ack("duty-1", Level.ALARM, T0, T0 + 9), confirmed_by="duty-1")
    assert kinds(owned) == ["worsened", "lapsed", "activated"]


def test_the_crew_is_called_once_an_alarm_stands_and_somebody_serves_the_place() -> None:
    assert kinds(replace(fresh(), dispatched_at=None)) == ["dispatched"]
    nobody = replace(context(T0 + 1), station_id=None)
    assert list(consequences(replace(fresh(), dispatched_at=None), nobody)) == []


def test_the_condition_follows_the_standings() -> None:
    (standing,) = fresh().standings
    clear = replace(standing, level=Level.CLEAR)
    silent = replace(standing, level=Level.UNKNOWN)
    assert kinds(replace(fresh(), standings=(clear,))) == ["cleared"]
    assert kinds(replace(fresh(), standings=(silent,))) == ["blinded"]


def test_nothing_follows_once_it_is_closed() -> None:
    assert kinds(replace(fresh(), stage=Stage.CLOSED, confirmed_by="duty-1")) == []


def test_a_person_makes_an_alarm_of_a_suspicion_and_critical_of_an_alarm() -> None:
    (standing,) = fresh().standings
    weak = replace(standing, level=Level.NOTICE, peak=Level.NOTICE)
    assert assess(replace(fresh(), standings=(weak,))) is Level.NOTICE
    assert assess(replace(fresh(), standings=(weak,), confirmed_by="x")) is Level.ALARM
    assert assess(replace(fresh(), confirmed_by="x")) is Level.CRITICAL
