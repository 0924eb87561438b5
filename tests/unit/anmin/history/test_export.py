"""CSV and NDJSON: exact to the microsecond, unknown is empty or null, nothing runs in a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import AsyncIterator, Iterable

from anmin.history import export
from anmin.history.sample import Bucket, Sample
from devices.instant import parse_rfc3339
from tests.support.history import NOON, sample

GIVEN = [
    sample(1, NOON + 123_456, 20.5),
    sample(2, NOON, None, trust=17),
    sample(3, NOON, 1.0, device='a,"b"\nc'),
    sample(4, NOON, 1.0, device="=1+1"),
]


async def stream(samples: Iterable[Sample]) -> AsyncIterator[Sample]:
    for one in samples:
        yield one


async def test_csv_has_a_head_and_comes_back_exactly() -> None:
    lines = [line async for line in export.csv_samples(stream(GIVEN))]
    rows = list(csv.reader("".join(lines).splitlines(keepends=True)))
    assert rows[0] == ["at", "device", "quantity", "value", "trust", "sequence"]
    assert parse_rfc3339(rows[1][0]) == NOON + 123_456
    assert rows[1][3:] == ["20.5", "", "1"]
    assert rows[2][3:] == ["", "queued clock", "2"]
    assert rows[3][1] == 'a,"b"\nc'


async def test_csv_field_is_no_formula() -> None:
    lines = [line async for line in export.csv_samples(stream(GIVEN))]
    assert "'=1+1" in lines[4]


async def test_ndjson_is_one_object_a_line() -> None:
    lines = [line async for line in export.ndjson_samples(stream(GIVEN))]
    bodies = [json.loads(line) for line in lines]
    assert all(line.count("\n") == 1 and line.endswith("\n") for line in lines)
    assert bodies[1]["value"] is None
    assert bodies[1]["trust"] == ["queued", "clock"]
    assert [body["sequence"] for body in bodies] == [1, 2, 3, 4]


def test_gap_is_a_line_of_its_own() -> None:
    buckets = [Bucket(NOON, 1.0, 2.0, 1.5, 2), Bucket(NOON + 1, None, None, None, 0)]
    assert list(export.csv_buckets(buckets))[2].endswith(",,,,0\r\n")
    assert [json.loads(line)["count"] for line in export.ndjson_buckets(buckets)] == [2, 0]
    assert json.loads(list(export.ndjson_buckets(buckets))[1])["mean"] is None
