"""The history as text for other programs: CSV for spreadsheets, NDJSON for everything else, line by line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterable, AsyncIterator, Iterable

from anmin.history.sample import Bucket, Sample
from devices.instant import Instant, moment
from devices.reading import Trust

SAMPLE_HEAD = ("at", "device", "quantity", "value", "trust", "sequence")
BUCKET_HEAD = ("at", "min", "max", "mean", "count")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def csv_samples(samples: AsyncIterable[Sample]) -> AsyncIterator[str]:
    """RFC 4180 lines with a head; unknown is an empty field, trust the names of its bits."""
    yield _csv_line(SAMPLE_HEAD)
    async for one in samples:
        trust = " ".join(names_of(one.trust))
        fields = (_iso(one.at), _shown(one.device_id), _shown(one.quantity), one.value, trust, one.sequence)
        yield _csv_line(fields)


async def ndjson_samples(samples: AsyncIterable[Sample]) -> AsyncIterator[str]:
    """One JSON object a line; unknown is null."""
    async for one in samples:
        body = (_iso(one.at), one.device_id, one.quantity, one.value, names_of(one.trust), one.sequence)
        yield _json_line(dict(zip(SAMPLE_HEAD, body, strict=True)))


def csv_buckets(buckets: Iterable[Bucket]) -> Iterable[str]:
    """A gap is a line with count 0 and empty fields."""
    yield _csv_line(BUCKET_HEAD)
    for one in buckets:
        yield _csv_line((_iso(one.at), one.min, one.max, one.mean, one.count))


def ndjson_buckets(buckets: Iterable[Bucket]) -> Iterable[str]:
    for one in buckets:
        yield _json_line(bucket_body(one))


def bucket_body(one: Bucket) -> dict[str, object]:
    """As the API gives it."""
    return dict(zip(BUCKET_HEAD, (_iso(one.at), one.min, one.max, one.mean, one.count), strict=True))


def names_of(trust: int) -> list[str]:
    """`["queued", "clock"]`; the numbers of bits are nobody's business outside."""
    return [flag.name.lower() for flag in Trust if flag & trust and flag.name]


def _iso(at: Instant) -> str:
    """To the microsecond, for it names the sample."""
    return moment(at).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _shown(text: str) -> str:
    """A spreadsheet would run what begins like a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv_line(fields: Iterable[object]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(fields)
    return out.getvalue()


def _json_line(body: dict[str, object]) -> str:
    return json.dumps(body, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"
