"""ingest.dialects.cn_envelope: topics, bodies within, and one answer out of many parts."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from devices.instant import parse_rfc3339
from ingest.dialects.cn_envelope import Topics, by_time, gathered, inner, name_of, named, platform_time
from ingest.message import Decoded, Ignored, Reason, Rejected

BAD = Rejected(Reason.WRONG_TYPE, "x: no device", "d")


@pytest.mark.parametrize(
    ("topic", "device"),
    [
        ("push/d", ""),
        ("push/d/x", "x"),
        ("push/d/x/y", "x/y"),
        ("push/dd", None),
        ("push", None),
        ("x/d", None),
    ],
)
def test_the_topic_of_a_push_names_a_device_or_nobody(topic: str, device: str | None) -> None:
    assert Topics("d").device(topic) == device
    assert Topics("d").claims(topic) is (device is not None)


@pytest.mark.parametrize(
    ("topic_filter", "topic", "fits"),
    [
        ("a/+/c", "a/b/c", True),
        ("a/+/c", "a/b/d", False),
        ("a/+/c", "a/b/c/d", False),
        ("a/#", "a/b/c", True),
        ("a/#", "b", False),
        ("#", "anything/at/all", True),
        ("/a/+", "/a/b", True),
    ],
)
def test_filters_are_those_of_mqtt(topic_filter: str, topic: str, fits: bool) -> None:
    assert Topics("d", (topic_filter,)).claims(topic) is fits


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (5, "5"),
        (" x ", "x"),
        ("", ""),
        (None, ""),
        (True, ""),
        (1.5, ""),
        ("a\n", ""),
        ("x" * 129, ""),
        ([], ""),
    ],
)
def test_a_name_is_a_short_text_or_a_whole_number(value: Any, name: str) -> None:
    assert name_of(value) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1606982320277, "2020-12-03T07:58:40.277Z"),
        ("1606982320277", "2020-12-03T07:58:40.277Z"),
        ("20161219T114920Z", "2016-12-19T11:49:20Z"),
        ("2018-08-31T07:32:28.205Z", "2018-08-31T07:32:28.205Z"),
        ("2018-08-31 15:32:28.205", None),
        ("", None),
        (0, None),
        (-1, None),
        (True, None),
        (None, None),
        ({}, None),
    ],
)
def test_times_of_platforms(value: Any, text: str | None) -> None:
    assert platform_time(value) == (None if text is None else parse_rfc3339(text))


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"a": 1}, {"a": 1}),
        (' {"a": 1}', {"a": 1}),
        (b'{"a": 1}'.hex(), {"a": 1}),
        (base64.b64encode(b'\n{"a": 1}').decode(), {"a": 1}),
        ('{"a": 1', "f: not JSON"),
        ('{"a": 1, "a": 2}', "f: the key 'a' is there twice"),
        ("ecbf0101ad68", "f: 6 bytes in the maker's own form"),
        ("", "f: '' is neither JSON nor base64 nor hex"),
        ("\x00", "f: '\ufffd' is neither JSON nor base64 nor hex"),
        (5, "f: neither an object nor a text"),
        (["x"], "f: neither an object nor a text"),
    ],
)
def test_a_body_within_is_read_or_the_reason_names_its_field(value: Any, said: Any) -> None:
    found = inner("f", value)
    assert found == said if isinstance(said, dict) else str(found).startswith(said)


def test_values_are_gathered_by_their_time() -> None:
    given = {"a": {"value": 1, "time": 1606982320277}, "b": 2, "c": {"value": 3, "time": "x"}, "d": {"x": 1}}
    at = parse_rfc3339("2020-12-03T07:58:40.277Z")
    assert by_time(given) == {at: {"a": 1}, None: {"b": 2, "d": {"x": 1}}, 0: {"c": 3}}


def test_a_name_of_many_parts_stays_short() -> None:
    assert named(1, "a", 2) == "1/a/2"
    long = named("x" * 500)
    assert len(long) == 32
    assert long != named("x" * 501)
    assert len(named("\ud83d" * 200)) == 32


def test_one_answer_out_of_many() -> None:
    a, b, c = (Decoded("d", "x", message_id=name) for name in ("1", "2", None))
    other = Decoded("d", "y", message_id="1")
    assert gathered([a]) == (a,)
    assert gathered([]) == Ignored("an empty push")
    assert gathered([Ignored("so")]) == Ignored("so")
    assert gathered([Ignored("so"), BAD]) == BAD
    found = gathered([a, b, other, BAD])
    assert isinstance(found, tuple)
    assert [one.message_id for one in found] == ["batch/1/2", "batch/1/2", "1"]
    assert found[0].notes == ("1 of 4 parts were not understood: x: no device",)
    nameless = gathered([a, c])
    assert isinstance(nameless, tuple)
    assert [one.message_id for one in nameless] == [None, None]
