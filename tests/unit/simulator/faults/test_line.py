"""Faults of the way, by their effect."""

from __future__ import annotations

import json
import random

from simulator.faults.line import Away, Duplicated, Lossy, Malformed, Reordered
from simulator.voice import Said

SAID = Said("t", b'{"v":1,"values":{"a":1}}')
MANY = 100_000


def chance() -> random.Random:
    return random.Random(5)


def lost(share: float, burst: float) -> list[bool]:
    line = Lossy(share, burst).on(chance())
    return [not list(line.carry(SAID, 0.0)) for _ in range(MANY)]


def test_loss_by_chance_and_in_bursts_has_the_mean_and_the_length_that_it_is_given() -> None:
    for share, burst in ((0.01, 1.0), (0.1, 5.0), (0.3, 20.0)):
        gone = lost(share, burst)
        assert abs(sum(gone) / MANY - share) < 0.2 * share
        bursts = sum(now and not before for before, now in zip([False, *gone], gone, strict=False))
        assert abs(sum(gone) / bursts - burst) < 0.2 * burst


def test_a_share_comes_twice_and_the_first_time_at_once() -> None:
    line = Duplicated(0.25, 30.0).on(chance())
    arrived = [list(line.carry(SAID, 0.0)) for _ in range(10_000)]
    assert all(one[0] == (0.0, SAID) for one in arrived)
    again = [late for one in arrived for late, _ in one[1:]]
    assert abs(len(again) / 10_000 - 0.25) < 0.02
    assert 0 < min(again) < max(again) <= 30.0


def test_a_share_is_late_and_nothing_is_lost() -> None:
    line = Reordered(0.5, 10.0).on(chance())
    late = [next(iter(line.carry(SAID, 0.0)))[0] for _ in range(10_000)]
    assert abs(sum(one > 0 for one in late) / 10_000 - 0.5) < 0.02
    assert max(late) <= 10.0


def test_away_nothing_comes_and_what_is_kept_comes_once_afterwards_in_its_order() -> None:
    dropped = Away(100.0).on(lambda said: None)
    assert list(dropped.carry(SAID, 50.0)) == []
    assert list(dropped.carry(SAID, 100.0)) == [(0.0, SAID)]
    kept = Away(100.0).on(lambda said: said._replace(payload=said.payload + b"!"))
    ((first, late),) = kept.carry(SAID, 10.0)
    ((second, _),) = kept.carry(SAID._replace(payload=b"other"), 20.0)
    assert late.payload.endswith(b"!")
    assert 100.0 < 10.0 + first < 20.0 + second
    assert list(kept.carry(SAID, 30.0)) == []  # said again while nobody hears it: one copy


def test_what_is_malformed_comes_beside_what_is_right() -> None:
    line = Malformed(0.5).on(chance())
    arrived = [list(line.carry(SAID, 0.0)) for _ in range(1_000)]
    assert all(one[0] == (0.0, SAID) for one in arrived)
    broken = [said.payload for one in arrived for _, said in one[1:]]
    assert 400 < len(broken) < 600
    assert len({payload[:4] for payload in broken}) > 4

    def reads(payload: bytes) -> bool:
        try:
            return isinstance(json.loads(payload), dict)
        except (ValueError, RecursionError):
            return False

    assert sum(map(reads, broken)) < len(broken) / 3


def test_the_same_chance_makes_the_same_luck() -> None:
    assert lost(0.1, 3.0) == lost(0.1, 3.0)
