"""From a script to a world."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from devices.instant import MINUTE, SECOND, rfc3339
from simulator import happening
from simulator.places import Nowhere
from simulator.script import Script
from simulator.truth import Nature, Truth
from simulator.world import World
from tests.support.town import Outside

HEAD: dict[str, Any] = {"title": {"zh": "一", "en": "One"}, "story": {"zh": "一", "en": "One"}, "lasts": "2h"}
TOWN: dict[str, Any] = {
    "buildings": 1,
    "floors": 3,
    "homes": {"smoke": 1, "gas": 1, "co": 1, "sos": 1, "presence": 1},
    "entrances": ["electrical"],
    "zones": {"underpass": ["water_level"], "garage": ["water_level", "smoke"]},
}


def play(happens: dict[str, Any], hours: float = 2.0, **more: Any) -> tuple[World, Outside, list[Truth]]:
    script = Script.model_validate(HEAD | {"town": TOWN, "happens": [happens]} | more)
    out = Outside()
    world = happening.stage(script, happening.town_of(script, "1"), "1", out)
    world.start()
    world.step(world.begins_at + round(hours * 3_600 * SECOND))
    return world, out, world.truths


@pytest.mark.parametrize(
    ("what", "form", "hazard"),
    [
        ("fire", {"place": "b1.f2.1", "growth": "fast"}, "fire"),
        ("battery", {"place": "garage", "growth": "ultra_fast"}, "fire"),
        ("gas", {"source": "cut_pipe"}, "gas"),
        ("co", {"grams_h": 200}, "co"),
        ("rain", {"peak_mm_h": 200, "clogged": 0.9}, "flood"),
        ("pipe", {"flow_m3_h": 60, "hazard": "flood"}, "flood"),
        ("cable", {"amps": 60, "mohm": 5, "doubles": "5m"}, "electrical"),
        ("leakage", {"ma": 900}, "electrical"),
        ("sos", {}, "sos"),
    ],
)
def test_a_danger_is_true_and_is_sensed(what: str, form: dict[str, Any], hazard: str) -> None:
    _, out, (truth,) = play({"at": "5m", what: form})
    assert (truth.nature, truth.hazard, truth.name) == (Nature.REAL, hazard, f"{what} 1")
    assert truth.sensed_at is not None
    assert truth.sensed_at > truth.begins_at
    assert out.topics("/event")


def test_a_nuisance_is_none_and_sounds_nothing() -> None:
    _, out, (truth,) = play({"at": "5m", "nuisance": {"kind": "steam", "place": "b1.f1.1"}})
    assert (truth.nature, truth.must, out.topics("/event")) == (Nature.NUISANCE, 0, [])


def test_what_happens_again_does_so_as_often_as_told() -> None:
    _, _, truths = play(
        {"at": "1m", "again": 4, "every": "5m-10m", "nuisance": {"kind": "insect", "lasts": "3s"}}
    )
    assert [one.name for one in truths] == ["nuisance 1", *(f"nuisance 1.{n}" for n in range(2, 6))]
    gaps = [b.begins_at - a.begins_at for a, b in pairwise(truths)]
    assert all(5 * MINUTE <= gap <= 10 * MINUTE for gap in gaps)


def test_devices_of_a_drill_say_that_they_are_tested_while_it_lasts() -> None:
    world, out, (truth,) = play({"at": "5m", "drill": {"place": "b1.f1.1", "lasts": "2m"}})
    assert truth.nature is Nature.DRILL
    assert all(b'"test":true' in one.payload for one in out.said if one.topic.endswith("/event"))
    assert not world.units["smoke-b1-101"].voice.testing


def test_an_old_alarm_comes_from_memory_as_history_or_from_the_broker() -> None:
    _, out, (truth,) = play({"at": "5m", "old": {"place": "b1.f1.1", "ago": "6h"}})
    assert truth.nature is Nature.HISTORIC
    old = {one.payload for one in out.said if b'"backfill":true' in one.payload}
    assert len(old) == 2
    assert all(rfc3339(truth.begins_at)[:10].encode() in one for one in old)
    _, out, _ = play({"at": "5m", "old": {"place": "b1.f1.1", "how": "retained"}})
    assert len(out.kept) == 1


def test_the_life_in_a_home_ends_when_somebody_falls() -> None:
    _, out, (truth,) = play({"at": "1h", "quiet": {"place": "b1.f1.1"}}, 40.0, lasts="40h")
    moves = [
        one
        for one in out.said
        if one.topic == "anmin/xfl/presence-b1-101/event" or b'"motion":true' in one.payload
    ]
    assert (truth.hazard, truth.must) == ("sos", 1)
    later = {one.topic for one in moves[-200:]}
    assert "anmin/xfl/presence-b1-201/reading" in later
    assert "anmin/xfl/presence-b1-101/reading" not in later


def test_the_day_begins_at_its_hour_and_the_town_is_the_seeds() -> None:
    script = Script.model_validate(HEAD | {"starts": "02:00"})
    assert rfc3339(happening.begins_at(script)) == "2026-06-30T18:00:00.000Z"
    one, same, other = (happening.town_of(script, seed).document for seed in ("1", "1", "2"))
    assert one == same != other


def test_a_place_that_the_town_has_not_is_refused_when_its_time_comes() -> None:
    with pytest.raises(Nowhere):
        play({"at": "1m", "gas": {"place": "garage"}})
