"""`python -m bench.decode`: what decoding costs beside `json.loads` of the same, in every dialect."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import cycle, repeat
from statistics import median
from time import perf_counter
from typing import Final, NamedTuple

from bench.messages import BODIES, TALKS, spoken
from bench.messages_cn import Message
from ingest.lorawan import bodies
from ingest.message import Decoded, Point
from ingest.registry import Dialect
from tests.support.sparkplug import varint

LIMIT: Final = 3.0
_BATCH_S: Final = 0.01
_NATIVE: Final = {"v": 1, "boot": 12, "seq": 345, "at": "2026-11-23T09:58:02Z"}


class Case(NamedTuple):
    """One message: how we read it, and what `json.loads` reads beside it."""

    dialect: str
    what: str
    ours: Callable[[], object]
    peer: tuple[bytes, ...]


class Row(NamedTuple):
    """Microseconds of ours and of the peer, and the median of the ratios of the repetitions."""

    case: Case
    ours_us: float
    peer_us: float
    ratio: float


def main() -> int:
    parse = argparse.ArgumentParser(prog="python -m bench.decode", description=__doc__)
    parse.add_argument("dialects", nargs="*", help="only these")
    parse.add_argument("--repetitions", type=int, default=9)
    asked = parse.parse_args()
    rows = [
        measured(case, asked.repetitions) for case in cases() if case.dialect in (asked.dialects or NAMES)
    ]
    for row in rows:
        beside = f"{row.ours_us:8.1f} us | {row.peer_us:6.1f} us | {row.ratio:5.2f}"
        print(f"{row.case.dialect:>14} | {row.case.what:<34} | {beside}")
    print(f"\nmedian of the messages, the limit is {LIMIT:g} (Python {sys.version.split()[0]})")
    over = False
    for name in dict.fromkeys(row.case.dialect for row in rows):
        ratio = median(row.ratio for row in rows if row.case.dialect == name)
        over = over or ratio > LIMIT
        print(f"{name:>14} | {ratio:5.2f}{'  over the limit' if ratio > LIMIT else ''}")
    return int(over)


def cases() -> list[Case]:
    registry = spoken()
    found: list[Case] = []
    for name, talk in TALKS.items():
        dialect = registry.named(name)
        assert dialect is not None, name
        for one in talk.before:
            dialect.decode(*one, False)
        found += [_case(dialect, one) for one in talk.said]
    for model, port, body in BODIES:
        parts = bodies.read(model, port, body)
        assert not isinstance(parts, str), parts
        facts = tuple(_facts(one.understood.points(), tuple(one.understood.notes)) for one in parts)
        found.append(Case("lorawan", model, partial(bodies.read, model, port, body), facts))
    return found


def _case(dialect: Dialect, one: Message) -> Case:
    """The peer reads the same bytes; where they are no JSON, the same facts in our native form."""
    said = dialect.decode(*one, False)
    assert isinstance(said, tuple), (one, said)
    peer: tuple[bytes, ...] = (one.payload,)
    if dialect.name in ("sparkplug", "gb26875"):
        peer = tuple(map(_native, said))
    elif one.payload[:1] != b"{":
        peer = (json.dumps(one.payload.decode()).encode(),)
    what = f"{one.topic.rpartition('/')[2]}, {len(one.payload)} bytes"
    turns = _counted(one.payload) if dialect.name == "sparkplug" else repeat(one.payload)
    return Case(dialect.name, what, lambda: dialect.decode(one.topic, next(turns), False), peer)


def _counted(payload: bytes) -> Iterator[bytes]:
    """The same with the numbers that an edge node gives its messages one after the other; they end it."""
    return cycle([payload[:-2] + b"\x18" + varint(number) for number in range(256)])


def _native(said: Decoded) -> bytes:
    return _facts(said.points, said.notes, said.address)


def _facts(points: Sequence[Point], notes: Sequence[str], address: str = "") -> bytes:
    named = {"address": address} if address else {}
    texts = {"notes": list(notes)} if notes else {}
    return json.dumps({**_NATIVE, **named, "values": dict(points), **texts}, ensure_ascii=False).encode()


def measured(case: Case, repetitions: int) -> Row:
    """Both in turn, in batches of about ten milliseconds."""
    peer = case.peer

    def beside() -> None:
        for one in peer:
            json.loads(one)

    ours_n, peer_n = _batch(case.ours), _batch(beside)
    pairs = [(_timed(case.ours, ours_n), _timed(beside, peer_n)) for _ in range(repetitions)]
    return Row(
        case,
        median(ours for ours, _ in pairs) * 1e6,
        median(peers for _, peers in pairs) * 1e6,
        median(ours / peers for ours, peers in pairs),
    )


def _batch(run: Callable[[], object]) -> int:
    _timed(run, 20)
    return max(1, int(_BATCH_S / _timed(run, 20)))


def _timed(run: Callable[[], object], times: int) -> float:
    began = perf_counter()
    for _ in range(times):
        run()
    return (perf_counter() - began) / times


NAMES: Final = (*TALKS, "lorawan")

if __name__ == "__main__":
    sys.exit(main())
