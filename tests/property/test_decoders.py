"""P20: whatever arrives, a decoder answers with a value; and admission takes whatever it answers."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from devices.quantity import QUANTITIES
from ingest.admit import Admission
from ingest.decode import decode
from ingest.dialects.zigbee2mqtt import Zigbee2Mqtt
from ingest.dialects.zigbee2mqtt_properties import PROPERTIES
from ingest.message import Decoded, Ignored, Reason, Record, RecordKind, Rejected
from ingest.native import ROOT, Native
from ingest.registry import Dialect, DialectRegistry
from ingest.strangers import LONGEST
from tests.support.community import inventory

T0 = 1_790_000_000_000_000
EXAMPLES = 300
INVENTORY = inventory()

native_topics = st.one_of(
    st.sampled_from(["reading", "event", "status", "result", "ack", "else"]).map(
        lambda leaf: f"{ROOT}/c/smoke-101/{leaf}"
    ),
    st.sampled_from(["reading", "event"]).map(lambda leaf: f"{ROOT}/c/heat-203/{leaf}"),
    st.text(max_size=40).map(lambda rest: f"{ROOT}/{rest}"),
)
foreign_topics = st.one_of(
    st.sampled_from(
        [
            "hall",
            "hall/smoke",
            "hall/action",
            "hall/availability",
            "bridge/state",
            "bridge/event",
            "bridge/devices",
        ]
    ).map(lambda rest: f"zigbee2mqtt/{rest}"),
    st.text(max_size=40).map(lambda rest: f"zigbee2mqtt/{rest}"),
)
odd = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from(["True", "ON", "emergency", "online", "", "2026-01-01T00:00:00Z", 10**30, "9" * 400]),
)
anything: SearchStrategy[Any] = st.recursive(
    odd, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4)
)


def mostly(good: SearchStrategy[Any], bad: SearchStrategy[Any] = odd) -> SearchStrategy[Any]:
    """Right nine times of ten: a message wrong in one place gets further than one wrong in all."""
    return st.integers(0, 9).flatmap(lambda n: good if n else bad)


native_bodies = st.fixed_dictionaries(
    {
        "v": mostly(st.just(1)),
        "boot": mostly(st.integers(0, 9)),
        "seq": mostly(st.integers(0, 99)),
        "values": st.dictionaries(
            mostly(st.sampled_from(sorted(QUANTITIES)), st.text(max_size=8)),
            mostly(st.sampled_from([True, False, None, 1, 0, 21.5]), odd),
            max_size=4,
        ),
        "id": mostly(st.text("ab:-7", min_size=1, max_size=70), anything),
        "online": mostly(st.booleans()),
        "done": mostly(st.booleans()),
    },
    optional={
        "at": mostly(st.sampled_from(["2026-11-23T03:00:00Z", 1_790_000_000_000]), anything),
        "test": mostly(st.booleans()),
        "backfill": mostly(st.booleans()),
        "x": anything,
    },
)
foreign_bodies = st.dictionaries(
    st.sampled_from([*sorted(PROPERTIES), "last_seen", "smoke_unit", "smoke_level", "type", "data", "state"])
    | st.text(max_size=8),
    anything,
    max_size=10,
)


@st.composite
def damaged(draw: DrawFn, bodies: SearchStrategy[Any]) -> bytes:
    """A message as it should be, then cut, flipped or joined."""
    whole = json.dumps(draw(mostly(bodies, anything)), ensure_ascii=draw(st.booleans())).encode(
        "utf-8", "surrogatepass"
    )
    for _ in range(max(0, draw(st.integers(-4, 3)))):
        at = draw(st.integers(0, len(whole)))
        with_what = draw(
            st.sampled_from([b"", b'"', b"{", b":", b",", b"\\", b"\x00", b"\xff", b"NaN", whole[:20]])
        )
        whole = whole[:at] + with_what + whole[at + draw(st.integers(0, 3)) :]
    return whole


def answers(dialect: Dialect, topic: str, payload: bytes, retain: bool) -> None:
    said = dialect.decode(topic, payload, retain)
    if isinstance(said, Rejected):
        assert isinstance(said.reason, Reason)
        assert said.detail
        assert len(said.detail) < 400
        said.detail.encode()
    elif isinstance(said, Ignored):
        assert said.why
    else:
        for one in said:
            admitted(one, retain)


def admitted(decoded: Decoded, retain: bool) -> None:
    """What was decoded is plain: finite numbers, unknown or bits; admission gives it an id and times."""
    record = Record(1, T0, RecordKind.MESSAGE, "mqtt", "t", b"x", retain)
    heard = Admission(INVENTORY).admit(record, decoded)
    assert 0 < len(heard.device_id) <= LONGEST
    heard.device_id.encode()
    for reading in heard.readings:
        known = QUANTITIES.get(reading.quantity)
        assert reading.value is None or (known.plausible(reading.value) if known else reading.value in (0, 1))
        assert abs(reading.measured_at - T0) <= 24 * 3_600_000_000
    if decoded.event_id is not None:
        assert 0 < len(decoded.event_id.encode()) <= 4 * 64


@settings(max_examples=EXAMPLES, deadline=None)
@given(topic=native_topics, payload=st.binary(max_size=200) | damaged(native_bodies), retain=st.booleans())
def test_native_decoder_never_raises(topic: str, payload: bytes, retain: bool) -> None:
    answers(Native(), topic, payload, retain)


@settings(max_examples=EXAMPLES, deadline=None)
@given(topic=foreign_topics, payload=st.binary(max_size=200) | damaged(foreign_bodies), retain=st.booleans())
def test_zigbee2mqtt_decoder_never_raises(topic: str, payload: bytes, retain: bool) -> None:
    answers(Zigbee2Mqtt(), topic, payload, retain)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    twice=st.sampled_from(["v", "boot", "seq", "values", "test"]),
    value=st.sampled_from([b"1", b"{}", b"true", b'"a:b"']),
    space=st.sampled_from([b"", b" ", b"\n\t"]),
    at=st.sampled_from(["2026-11-23T03:00:00Z", "1", 5, None]),
)
def test_no_key_that_is_there_twice_is_overlooked(twice: str, value: bytes, space: bytes, at: object) -> None:
    """The native decoder finds them by counting, without a second parse."""
    body = {"v": 1, "boot": 1, "seq": 1, "at": at, "values": {"co_ppm": 1}, "test": False}
    first = b'{"' + twice.encode() + b'"' + space + b":" + space + value + b","
    payload = first + json.dumps(body).encode()[1:]
    assert isinstance(Native().decode("anmin/c/d/reading", payload, False), Rejected)


@settings(max_examples=EXAMPLES, deadline=None)
@given(topic=st.text(max_size=60), payload=st.binary(max_size=60))
def test_any_topic_gets_an_answer(topic: str, payload: bytes) -> None:
    registry = DialectRegistry()
    registry.add(Native())
    registry.add(Zigbee2Mqtt())
    record = Record(1, T0, RecordKind.MESSAGE, "mqtt", topic, payload)
    assert isinstance(decode(record, registry), (tuple, Rejected, Ignored))
