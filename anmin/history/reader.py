"""Many samples to few buckets, purely: what is between two buckets with values stays a gap."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from anmin.history.sample import Bucket, Range, Sample, Step
from devices.instant import HOUR, MINUTE, SECOND, Instant

DAY = 24 * HOUR

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
"""Seconds that people can read off an axis."""


def step_for(asked: Range, most: int, offset_for: int = 0) -> Step:
    """The shortest readable step with at most `most` whole buckets; days or multiples of them beyond."""
    span = asked.until - asked.since
    for seconds in STEPS:
        if span <= most * seconds * SECOND:
            length = seconds * SECOND
            return Step(length, offset_for if length >= MINUTE else 0)
    return Step(-(-span // (most * DAY)) * DAY, offset_for)


def buckets(samples: Iterable[Sample], asked: Range, step: Step) -> list[Bucket]:
    """Min, max and mean of the known values in each step."""
    values: dict[Instant, list[float]] = {}
    for sample in samples:
        if sample.value is not None:
            values.setdefault(step.floor(sample.at), []).append(sample.value)
    found = (Bucket(at, min(of), max(of), sum(of) / len(of), len(of)) for at, of in values.items())
    return with_gaps(found, asked, step)


def with_gaps(found: Iterable[Bucket], asked: Range, step: Step) -> list[Bucket]:
    """One bucket for every step; where nothing known was measured it says so."""
    by_start = {bucket.at: bucket for bucket in found}
    return [by_start.get(at) or Bucket(at, None, None, None, 0) for at in step.starts(asked)]


def gaps(found: Sequence[Bucket], step: Step) -> list[tuple[Instant, Instant]]:
    """Where nothing is known: beginnings and ends of the stretches without a value."""
    stretches: list[tuple[Instant, Instant]] = []
    for bucket in found:
        end = bucket.at + step.length_for
        if bucket.count:
            continue
        if stretches and stretches[-1][1] == bucket.at:
            stretches[-1] = (stretches[-1][0], end)
        else:
            stretches.append((bucket.at, end))
    return stretches
