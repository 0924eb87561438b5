"""ingest.decode: it always answers, whatever a dialect does."""

from __future__ import annotations

import pytest

from ingest.decode import decode
from ingest.message import Decoded, Ignored, Reason, Record, RecordKind, Rejected
from ingest.native import Native
from ingest.registry import DialectRegistry, Subscription

T0 = 1_790_000_000_000_000


def record(topic: str, payload: bytes = b"{}", retain: bool = False) -> Record:
    return Record(1, T0, RecordKind.MESSAGE, "mqtt", topic, payload, retain)


class Broken:
    """A dialect with a bug."""

    def __init__(self, error: Exception) -> None:
        self.name = "broken"
        self._error = error

    def subscriptions(self) -> tuple[Subscription, ...]:
        return ()

    def claims(self, topic: str) -> bool:
        return topic.startswith("broken/")

    def decode(self, topic: str, payload: bytes, retain: bool) -> tuple[Decoded, ...] | Rejected | Ignored:
        raise self._error


def registry(*errors: Exception) -> DialectRegistry:
    made = DialectRegistry()
    made.add(Native())
    for error in errors:
        made.add(Broken(error))
    return made


def test_message_goes_to_the_dialect_of_its_topic() -> None:
    said = decode(record("anmin/c/d/status", b'{"v":1,"boot":2,"online":true}'), registry())
    assert said == (Decoded("native", "d", boot=2, online=True),)


def test_retain_flag_reaches_the_dialect() -> None:
    said = decode(record("anmin/c/d/event", b"{}", retain=True), registry())
    assert isinstance(said, Rejected)
    assert said.reason is Reason.RETAINED_EVENT


def test_topic_that_nobody_claims_is_a_reject_that_says_what_to_do() -> None:
    said = decode(record("other/\x00topic"), registry())
    assert isinstance(said, Rejected)
    assert said.reason is Reason.NO_DIALECT
    assert said.detail == "no dialect claims 'other/�topic'; set one up for it or end the subscription"


@pytest.mark.parametrize("error", [KeyError("x"), RecursionError(), UnicodeDecodeError("a", b"", 0, 1, "b")])
def test_bug_in_a_dialect_stops_only_its_message(error: Exception) -> None:
    said = decode(record("broken/x"), registry(error))
    assert isinstance(said, Rejected)
    assert (said.reason, said.dialect) == (Reason.MALFORMED, "broken")
    assert type(error).__name__ in said.detail
