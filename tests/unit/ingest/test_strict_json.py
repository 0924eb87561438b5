"""ingest.strict_json: the corpus of S21, each refused with its reason."""

from __future__ import annotations

from time import perf_counter

import pytest

from ingest.message import Reason
from ingest.strict_json import MAX_BYTES, MAX_DEPTH, NotStrict, parse, shown


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


@pytest.mark.parametrize(
    ("payload", "value"),
    [
        (b'{"a":1,"b":[true,null,-2.5]}', {"a": 1, "b": [True, None, -2.5]}),
        (b' "text" ', "text"),
        (b"1234567890123456789", 1_234_567_890_123_456_789),
        ('{"名":"烟"}'.encode(), {"名": "烟"}),
        (b'{"id":"12345678901234567890123","n":-7}', {"id": "12345678901234567890123", "n": -7}),
        (b"0.12345678901234567890123", 0.12345678901234568),
    ],
)
def test_plain_json_is_read(payload: bytes, value: object) -> None:
    assert parse(payload) == value


@pytest.mark.parametrize(
    ("payload", "reason", "told"),
    [
        (b"", Reason.MALFORMED, "not JSON"),
        (b'{"a":', Reason.MALFORMED, "not JSON"),
        (b'{"a":1} x', Reason.MALFORMED, "Extra data"),
        (b'{"a":1,"b":2,"a":1}', Reason.MALFORMED, "'a' is there twice"),
        (b'[{"x":{"y":1,"y":2}}]', Reason.MALFORMED, "'y' is there twice"),
        (b'{"a":NaN}', Reason.MALFORMED, "NaN"),
        (b"[-Infinity]", Reason.MALFORMED, "-Infinity"),
        (b"1e999", Reason.IMPLAUSIBLE, "beyond"),
        (b"9" * 20, Reason.IMPLAUSIBLE, "20 digits"),
        (b"9" * 5_000, Reason.IMPLAUSIBLE, "5000 digits"),
        (b"[-" + b"9" * 19 + b"]", Reason.IMPLAUSIBLE, "20 digits"),
        (b'{"id":"12345678901234567890","a":1,"a":2}', Reason.MALFORMED, "'a' is there twice"),
        (b'"\xff"', Reason.MALFORMED, "not UTF-8"),
        ('{"a":1}'.encode("utf-16"), Reason.MALFORMED, "not UTF-8"),
        ('{"a":1}'.encode("utf-16-le"), Reason.MALFORMED, "not JSON"),
        (b"\xef\xbb\xbf{}", Reason.MALFORMED, "not JSON"),
        (nested(MAX_DEPTH + 1), Reason.MALFORMED, "deeper"),
        (b'{"a":' * 40 + b"1" + b"}" * 40, Reason.MALFORMED, "deeper"),
        (nested(30_000), Reason.MALFORMED, "deeper"),
        (b'"' + b"x" * MAX_BYTES + b'"', Reason.TOO_LARGE, "at most"),
    ],
)
def test_what_is_not_strict_is_refused_with_its_reason(payload: bytes, reason: Reason, told: str) -> None:
    with pytest.raises(NotStrict) as refused:
        parse(payload)
    assert refused.value.reason is reason
    assert told in refused.value.detail


@pytest.mark.parametrize("payload", [rb'{"a":"\ud800"}', rb'{"\uDFFF":1}', rb'["\ud83d", "\ude00"]'])
def test_half_a_sign_is_refused_and_a_whole_one_is_read(payload: bytes) -> None:
    with pytest.raises(NotStrict, match="surrogate"):
        parse(payload)
    assert parse(rb'["\ud83d\ude00", "\u70df"]') == ["😀", "烟"]


def test_search_for_the_key_that_is_there_twice_is_quick() -> None:
    """P20: no input costs more than 50 ms for each KB."""
    keys = ",".join(f'"{n}":1' for n in [*range(6_000), 5_999])
    began = perf_counter()
    with pytest.raises(NotStrict, match="'5999' is there twice"):
        parse(b"{" + keys.encode() + b"}")
    assert perf_counter() - began < 0.5


def test_depth_is_counted_exactly() -> None:
    assert parse(nested(MAX_DEPTH)) is not None
    assert parse(b'{"a":[' + b"[]," * 100 + b"[]]}") is not None  # many brackets, but not deep


def test_what_people_read_is_short_and_printable() -> None:
    assert shown("a\nb\x00\u202ec") == "a�b��c"
    assert len(shown("x" * 1_000)) == 61
