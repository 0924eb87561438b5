"""What an incident says of itself."""

from __future__ import annotations

from dataclasses import replace

from alerts.incidents.state import Stage
from tests.support.community import T0, home
from tests.unit.alerts.incidents.test_incident import fresh


def test_sources_and_places_come_from_its_standings() -> None:
    assert fresh().sources == {"smoke-301"}
    assert fresh().places == (home(3),)


def test_a_device_nobody_registered_is_no_voice() -> None:
    (standing,) = fresh().standings
    assert standing.voices == {"smoke-301"}
    stranger = replace(standing, subject="unknown:native:x", evidence=())
    assert stranger.voices == frozenset()


def test_it_is_open_until_it_is_closed() -> None:
    assert fresh().is_open
    assert not replace(fresh(), stage=Stage.CLOSED).is_open
    assert fresh().reached_stage_at(Stage.VERIFYING) == T0
    assert fresh().reached_stage_at(Stage.ACTIVE) is None
