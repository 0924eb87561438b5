"""tests.fuzz without its fuzzer: every seed is judged, and what the judge must find is found."""

from __future__ import annotations

from typing import Any

import pytest

from bench.messages import TALKS
from ingest.dialects.home_assistant import HomeAssistant
from ingest.message import Decoded, Point
from tests.fuzz import planted
from tests.fuzz.judge import Finding, check_answer, check_cap, judge
from tests.fuzz.talks import SMALL, WHERE, TalkTarget
from tests.fuzz.targets import DIALECTS, NAMES, target
from tests.support.services import shared_data


@pytest.fixture(autouse=True)
def bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fuzzer makes them small for good."""
    for name, constants in SMALL.items():
        for constant in constants:
            monkeypatch.setattr(WHERE[name], constant, getattr(WHERE[name], constant))


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_wrong_with_any_seed(name: str) -> None:
    found = target(name, shared_data())
    seeds = list(found.seeds())
    assert seeds
    for seed in seeds:
        judge(found.run, seed)


def test_every_dialect_has_seeds_of_its_own() -> None:
    assert set(DIALECTS) == set(TALKS)


def test_a_planted_fault_and_a_planted_delay_are_found() -> None:
    with pytest.raises(KeyError):
        judge(planted.fails, b"S7!")
    with pytest.raises(Finding, match="ms for 2 bytes, 3 times"):
        judge(planted.is_slow, b"S7")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"points": (Point("smoke", 1.0),)}, "no quantity"),
        ({"points": (Point("smoke_alarm", 0.5),)}, "no value"),
        ({"points": (Point("temperature_c", float("nan")),)}, "no value"),
        ({"device_at": 1 << 63}, "cannot be stored"),
        ({"network_at": 1.5}, "cannot be stored"),
    ],
)
def test_an_answer_that_cannot_be_stored_is_found(fields: dict[str, Any], told: str) -> None:
    with pytest.raises(Finding, match=told):
        check_answer((Decoded("d", "a")._replace(**fields),))
    with pytest.raises(Finding, match="no answer"):
        check_answer(None)
    with pytest.raises(UnicodeEncodeError):
        check_answer((Decoded("d", "a", notes=("\ud800",)),))


def test_memory_beyond_its_cap_is_found() -> None:
    dialect = HomeAssistant()
    for one in TALKS["home_assistant"].before:
        dialect.decode(one.topic, one.payload, True)
    kept = {key: value for key, value in dialect.drain() if value is not None}
    check_cap("home_assistant", kept, {"MAX_ENTITIES": 5})
    with pytest.raises(Finding, match="5 entities are remembered; at most 4"):
        check_cap("home_assistant", kept, {"MAX_ENTITIES": 4})


class Forgetful(HomeAssistant):
    """Red control: what it was told is lost at a restart."""

    def restore(self, entries: object) -> None:
        pass


def test_memory_that_does_not_survive_a_restart_is_found() -> None:
    def run(made: type[HomeAssistant]) -> None:
        one = TalkTarget("home_assistant", made, TALKS["home_assistant"])
        for seed in one.seeds():
            one.run(seed)

    run(HomeAssistant)
    with pytest.raises(Finding, match="after a restart"):
        run(Forgetful)
