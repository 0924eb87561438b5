"""How long each kind must last, and how often it is told."""

from __future__ import annotations

import pytest

from alerts.troubles.kind import SILENT, TERMS, TroubleKind, begins_for
from devices.device import misses
from devices.instant import DAY, HOUR, MINUTE, SECOND
from tests.unit.alerts.troubles.ward import SMOKE, device


def test_every_kind_has_its_terms_and_none_is_told_more_than_once_an_hour() -> None:
    assert set(TERMS) == set(TroubleKind)
    assert min(terms.again_for for terms in TERMS.values()) >= HOUR


def test_a_fault_shows_within_100_seconds() -> None:
    assert TERMS[TroubleKind.FAULT].begins_for <= 100 * SECOND


@pytest.mark.parametrize("every", [24 * SECOND, MINUTE, 5 * MINUTE, HOUR, DAY])
def test_silence_shows_within_a_tenth_beyond_the_limit(every: int) -> None:
    from dataclasses import replace

    limit = misses(every) * every
    watched = device("a", replace(SMOKE, reports_every_for=every, missed_allowed=misses(every)))
    shown = watched.profile.silent_after_for + begins_for(TroubleKind.LOST, watched, SILENT)
    assert limit < shown <= 1.1 * limit


def test_what_is_only_said_waits_its_whole_time() -> None:
    assert begins_for(TroubleKind.LOST, device("a"), "offline") == 2 * MINUTE
    assert begins_for(TroubleKind.LOST, None, SILENT) == 2 * MINUTE
