"""Messages as a broken or hostile sender would make them: the same ones at every run."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

from ingest.message import Decoded, Ignored, Rejected
from ingest.registry import Dialect

ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**62, 1e300, "", "1", "alarm", "\ud83d", "x" * 300, "{", '{"a":1}', "7b7d",
    "e30=", [], {}, [None], [[]], [{}], {"a": []}, {"value": {}, "time": []}, {"value": 1, "time": "x"},
)  # fmt: skip


def mangled(seed: bytes, count: int) -> Iterator[bytes]:
    """Bytes changed, cut and doubled; and values of the JSON exchanged for odd ones."""
    dice = random.Random(seed)
    body = json.loads(seed)
    for _ in range(count):
        yield json.dumps(_exchanged(body, dice)).encode()
        raw = bytearray(seed)
        place = dice.randrange(len(raw))
        raw[place : place + dice.randrange(4)] = bytes(dice.randrange(256) for _ in range(dice.randrange(4)))
        yield bytes(raw)
        yield seed[:place]


def _exchanged(value: Any, dice: random.Random) -> Any:
    if dice.random() < 0.15:
        return dice.choice(ODD)
    if isinstance(value, dict):
        return {name: _exchanged(one, dice) for name, one in value.items()}
    return [_exchanged(one, dice) for one in value] if isinstance(value, list) else value


def decodes_whatever_comes(dialect: Dialect, topic: str, *seeds: bytes, count: int = 400) -> None:
    """Every answer is a value of the right kind, its points are of known quantities, its notes are short."""
    for seed in seeds:
        for payload in (b"", b"\xff", b"[]", b"1", b'"x"', *mangled(seed, count)):
            found = dialect.decode(topic, payload, False)
            if isinstance(found, (Rejected, Ignored)):
                continue
            assert found, payload
            for one in found:
                assert isinstance(one, Decoded), payload
                assert one.address, payload
                assert len(one.notes) <= 8, payload
                assert all(point.value is None or -1e6 < point.value < 1e6 for point in one.points), payload
