"""Samples as InfluxDB points, and questions in InfluxQL: the one place that knows how they are laid out.

A point is named by its series and its time, so two samples of one instant would replace each other. Its time
is therefore the sample's to the millisecond, and the nanoseconds below hold the last six digits of the
sequence; the exact instant and the whole sequence are fields. So both are kept, and a repetition lands on
itself.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from influxdb_client.client.write import point as client

from anmin.history.sample import Bucket, Range, Sample, Step
from devices.instant import Instant

MEASUREMENT = "anmin_reading"
PROBE = "anmin_ready"
_MS = 1000
_NS_IN_MS = 1_000_000
_SERIES_KNOWN = 65_536
_FIELDS = "value, trust, sequence, at"
_Point: Any = client.Point  # its own annotations stop half-way


def line(one: Sample) -> str:
    """Line protocol; the client writes the names, once a series. Unknown has no field `value`.

    Empty for names that the protocol does not keep.
    """
    series = _series(one.device_id, one.quantity)
    if not series:
        return ""
    value = "" if one.value is None or not math.isfinite(one.value) else f",value={float(one.value)!r}"
    facts = f"at={one.at}i,sequence={one.sequence}i,trust={one.trust}i"
    return f"{series} {facts}{value} {stamp(one)}"


@lru_cache(maxsize=_SERIES_KNOWN)
def _series(device_id: str, quantity: str) -> str:
    """The line up to its first space: measurement and tags, escaped. Empty when the protocol loses a name."""
    if not (_nameable(device_id) and _nameable(quantity)):
        return ""
    point = _Point(MEASUREMENT).tag("device", device_id).tag("quantity", quantity).field("at", 0)
    text: str = point.to_line_protocol()
    return text.removesuffix(" at=0i")


def _nameable(name: str) -> bool:
    """An empty one is lost, and so are a final backslash and control characters."""
    return bool(name) and not name.endswith("\\") and not any(ord(sign) < 32 for sign in name)


def stamp(one: Sample) -> int:
    """Nanoseconds since 1970 by which the point is known."""
    return one.at // _MS * _NS_IN_MS + one.sequence % _NS_IN_MS


def probe() -> str:
    """A point that proves a write; the server gives it its time."""
    text: str = _Point(PROBE).field("ok", 1).to_line_protocol()
    return text


def quoted(text: str) -> str:
    """An InfluxQL string literal. Raises ValueError for what no name holds."""
    if any(ord(sign) < 32 for sign in text):
        raise ValueError("control characters are in no name of a device or quantity")
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def select(asked: Range, after: int, limit: int) -> str:
    """Samples of the range with a stamp greater than `after` (nanoseconds), `limit` at most."""
    end = -(-asked.until // _MS) * _NS_IN_MS
    return (
        f"SELECT {_FIELDS} FROM {MEASUREMENT} WHERE {_of(asked)} AND time > {after} AND time < {end} "  # noqa: S608 names are quoted
        f"ORDER BY time ASC LIMIT {limit}"
    )


def before(asked: Range) -> int:
    """The `after` of the first page."""
    return asked.since // _MS * _NS_IN_MS - 1


def select_buckets(asked: Range, step: Step) -> str:
    """`asked` is whole buckets, so that the milliseconds of stamps are no matter."""
    offset = -step.offset_for % step.length_for
    return (
        f"SELECT min(value), max(value), mean(value), count(value) FROM {MEASUREMENT} "  # noqa: S608 as above
        f"WHERE {_of(asked)} "
        f"AND time >= {asked.since * 1000} AND time < {asked.until * 1000} "
        f"GROUP BY time({step.length_for}u, {offset}u) fill(none)"
    )


def _of(asked: Range) -> str:
    return f"device = {quoted(asked.device_id)} AND quantity = {quoted(asked.quantity)}"


def rows(body: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Of the answer to one statement. Raises ValueError with what the server said against it."""
    for result in body.get("results", ()):
        if "error" in result:
            raise ValueError(str(result["error"]))
        for series in result.get("series", ()):
            for values in series["values"]:
                yield dict(zip(series["columns"], values, strict=True))
    if "error" in body:
        raise ValueError(str(body["error"]))


def samples(asked: Range, found: Sequence[Mapping[str, Any]]) -> list[Sample]:
    """Rows of `select` as samples of exactly the range, by (at, sequence)."""
    made = (
        Sample(
            asked.device_id,
            asked.quantity,
            int(row["at"]),
            None if row["value"] is None else float(row["value"]),
            int(row["trust"]),
            int(row["sequence"]),
        )
        for row in found
    )
    return sorted((one for one in made if asked.since <= one.at < asked.until), key=lambda one: one[2::3])


def buckets(found: Iterable[Mapping[str, Any]]) -> Iterator[Bucket]:
    """Rows of `select_buckets`; times are in nanoseconds."""
    for row in found:
        if row["count"]:
            at: Instant = int(row["time"]) // 1000
            yield Bucket(at, row["min"], row["max"], row["mean"], int(row["count"]))
