"""ingest.dialects.home_assistant_reader: what is worked out of an entity once, for every message."""

from __future__ import annotations

from ingest.dialects.home_assistant_config import Availability, Entity
from ingest.dialects.home_assistant_path import PAYLOAD, Template
from ingest.dialects.home_assistant_reader import reader, watcher

SMOKE = Entity("d", "binary_sensor", "smoke_alarm", "a/state", "", "ON", "OFF")


def test_path_of_one_step_is_a_field() -> None:
    found = reader("k", SMOKE._replace(template="{{ value_json.smoke }}"))
    assert (found.field, found.in_json) == ("smoke", True)
    for template in (
        "",
        "{{ value_json.a.b }}",
        "{{ value_json[0] }}",
        "{{ value_json.a | lower }}",
        "{{ value }}",
    ):
        assert reader("k", SMOKE._replace(template=template)).field is None


def test_no_template_is_the_payload_and_a_refused_one_is_none() -> None:
    assert reader("k", SMOKE).template == PAYLOAD
    assert reader("k", SMOKE._replace(template=None)).template is None
    assert not reader("k", SMOKE._replace(template=None)).in_json


def test_event_says_its_type_in_json() -> None:
    event = SMOKE._replace(component="event")
    assert reader("k", event).template == Template(json=True, steps=("event_type",))
    assert reader("k", event._replace(template=None)).template is None


def test_truth_is_the_same_in_capitals_or_not_and_words_are_not() -> None:
    assert reader("k", SMOKE).bits == {"ON": 1.0, "OFF": 0.0}
    truth = reader("k", SMOKE._replace(on="True", off="false")).bits
    assert truth == {"True": 1.0, "true": 1.0, "False": 0.0, "false": 0.0}


def test_watcher_knows_the_sources_of_its_topic_only() -> None:
    here = Availability("a/status", "", "up", "down")
    there = Availability("b/status", "{{ value_json.s }}", "up", "down")
    entity = SMOKE._replace(availability=(here, there))
    assert watcher("k", entity, "a/status").sources == ((here, PAYLOAD, {"up": 1.0, "down": 0.0}),)
    assert not watcher("k", entity, "a/status").in_json
    assert watcher("k", entity, "b/status").in_json
