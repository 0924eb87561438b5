"""Two faults that were put in on purpose: a fuzzer that does not find them finds nothing."""

from __future__ import annotations

from time import process_time

from tests.fuzz.judge import LIMIT_S_PER_KB


def fails(data: bytes) -> None:
    """Three bytes one after the other: coverage leads there, chance alone would take a million inputs."""
    if data[:1] == b"S" and data[1:2] == b"7" and data[2:3] == b"!":
        raise KeyError(data[3:])


def is_slow(data: bytes) -> None:
    if data[:1] == b"S" and data[1:2] == b"7":
        until = process_time() + 1.2 * LIMIT_S_PER_KB
        while process_time() < until:
            pass
