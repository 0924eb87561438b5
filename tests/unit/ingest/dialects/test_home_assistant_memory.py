"""ingest.dialects.home_assistant_memory: who is found where, the last words, bounds, and the snapshot."""

from __future__ import annotations

import pytest

from ingest.dialects import home_assistant_memory
from ingest.dialects.home_assistant_config import Availability, Entity
from ingest.dialects.home_assistant_memory import Household, Kept

UP = Availability("d/status", "", "online", "offline")
BRIDGE = Availability("bridge", "", "online", "offline")
LEAK = Entity("d", "binary_sensor", "water_leak_alarm", "d/leak1", "", "ON", "OFF", availability=(UP,))
OTHER = LEAK._replace(topic="d/leak2")


def household(**entities: Entity) -> Household:
    made = Household()
    for key, entity in entities.items():
        assert made.put(key, entity) == ""
    return made


def test_entities_are_found_by_topic_in_order_of_key() -> None:
    made = household(b=LEAK, a=LEAK._replace(quantity="tamper"))
    assert [one.key for one in made.readers("d/leak1")] == ["a", "b"]
    assert [one.key for one in made.watchers("d/status")] == ["a", "b"]
    assert not made.readers("d/status")
    assert not made.watchers("d/leak1")


def test_entity_that_moves_is_found_where_it_is_now() -> None:
    made = household(a=LEAK)
    assert made.put("a", OTHER) == ""
    assert made.readers("d/leak1") == ()
    assert [one.entity for one in made.readers("d/leak2")] == [OTHER]


def test_entity_that_goes_leaves_nothing() -> None:
    made = household(a=LEAK, b=OTHER)
    made.say(UP, True)
    assert made.remove("a")
    assert not made.remove("a")
    assert made.online("d") is True
    made.remove("b")
    assert made.online("d") is None
    assert (made.readers("d/leak1"), made.watchers("d/status"), made.crowded) == ((), (), set())
    assert [value for _, value in made.drain()] == [None, None, None]


def test_last_word_of_every_part_counts() -> None:
    made = household(a=LEAK, b=OTHER)
    first, second = made.readers("d/leak1")[0], made.readers("d/leak2")[0]
    assert made.standing("d", "water_leak_alarm") == (True, 0.0)
    made.hear(first, None, False)
    assert made.standing("d", "water_leak_alarm") == (True, None)
    made.hear(second, 1.0, False)
    assert made.standing("d", "water_leak_alarm") == (True, 1.0)
    assert household(a=LEAK).standing("d", "water_leak_alarm") == (False, None)


def test_what_the_broker_kept_ends_no_alarm() -> None:
    made = household(a=LEAK, b=OTHER)
    part = made.readers("d/leak1")[0]
    made.hear(part, 1.0, True)
    made.hear(part, 0.0, True)
    assert made.standing("d", "water_leak_alarm") == (True, 1.0)
    made.hear(part, 0.0, False)
    assert made.standing("d", "water_leak_alarm") == (True, 0.0)


def test_momentary_alarm_is_not_kept() -> None:
    made = household(a=LEAK._replace(momentary=True), b=OTHER)
    made.hear(made.readers("d/leak1")[0], 1.0, False)
    assert made.standing("d", "water_leak_alarm") == (True, 0.0)


def test_last_word_survives_another_configuration_of_the_same_quantity_only() -> None:
    made = household(a=LEAK, b=OTHER)
    made.hear(made.readers("d/leak1")[0], 1.0, False)
    made.put("a", LEAK._replace(on="1"))
    assert made.standing("d", "water_leak_alarm") == (True, 1.0)
    made.put("a", LEAK._replace(quantity="tamper"))
    made.put("a", LEAK)
    assert made.standing("d", "water_leak_alarm") == (True, 0.0)


def test_same_configuration_again_changes_nothing() -> None:
    made = household(a=LEAK)
    made.drain()
    made.put("a", LEAK)
    assert made.drain() == []


# Presence ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "said", "online"),
    [
        ("latest", [], None),
        ("latest", [(UP, True)], True),
        ("latest", [(UP, True), (BRIDGE, False)], False),
        ("latest", [(BRIDGE, False), (UP, True)], True),
        ("all", [(UP, True)], None),
        ("all", [(UP, False)], False),
        ("all", [(UP, True), (BRIDGE, True)], True),
        ("all", [(UP, True), (BRIDGE, True), (UP, False)], False),
        ("any", [(UP, False)], None),
        ("any", [(UP, True)], True),
        ("any", [(UP, False), (BRIDGE, False)], False),
        ("any", [(UP, False), (BRIDGE, True)], True),
    ],
)
def test_presence_by_mode(mode: str, said: list[tuple[Availability, bool]], online: bool | None) -> None:
    made = household(a=LEAK._replace(mode=mode, availability=(UP, BRIDGE)))
    for source, available in said:
        made.say(source, available)
    assert made.online("d") is online


def test_device_is_there_when_any_of_its_entities_is() -> None:
    made = household(a=LEAK, b=OTHER._replace(availability=(BRIDGE,)))
    made.say(UP, False)
    assert made.online("d") is False
    made.say(BRIDGE, True)
    assert made.online("d") is True


# Bounds -----------------------------------------------------------------------------------------------------


def test_memory_is_full_at_its_bound_and_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_assistant_memory, "MAX_ENTITIES", 2)
    made = household(a=LEAK, b=OTHER)
    assert "take away" in made.put("c", LEAK._replace(address="e"))
    assert made.put("a", LEAK._replace(on="1")) == ""
    made.remove("b")
    assert made.put("c", LEAK._replace(address="e")) == ""


@pytest.mark.parametrize(
    ("entity", "what"),
    [
        (OTHER._replace(availability=()), "of this device"),
        (LEAK._replace(address="e", availability=()), "on this topic"),
        (OTHER._replace(address="e"), "by this presence"),
    ],
)
def test_work_of_one_message_is_bounded(monkeypatch: pytest.MonkeyPatch, entity: Entity, what: str) -> None:
    monkeypatch.setattr(home_assistant_memory, "MAX_TOGETHER", 1)
    made = household(a=LEAK)
    assert what in made.put("b", entity)
    assert made.put("a", LEAK._replace(on="1")) == ""


# Snapshot ---------------------------------------------------------------------------------------------------


def test_drain_and_restore_lead_to_the_same() -> None:
    made = household(b=LEAK._replace(availability=(UP, BRIDGE)), a=OTHER)
    made.hear(made.readers("d/leak1")[0], 1.0, False)
    made.say(BRIDGE, True)
    made.say(UP, False)
    entries = made.drain()
    assert made.drain() == []
    again = Household()
    again.restore(reversed(entries))
    assert again.standing("d", "water_leak_alarm") == (True, 1.0)
    assert again.online("d") is False
    again.say(BRIDGE, True)
    made.say(BRIDGE, True)
    assert again.online("d") is made.online("d") is True
    assert again.drain() == made.drain() == [(entries[-2][0], Kept(source=BRIDGE, available=True, turn=3))]
    assert [one.key for one in again.readers("d/leak2")] == ["a"]
