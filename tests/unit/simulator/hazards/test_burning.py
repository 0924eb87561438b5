"""The same fire, asked step by step."""

from __future__ import annotations

import pytest

from simulator.hazards.burning import Burning
from simulator.hazards.fire import FAST, RoomFire


def test_it_is_the_fire_of_the_closed_form_at_every_whole_second() -> None:
    fire = RoomFire(alpha=FAST)
    burning = Burning(fire)
    for t in (0, 1, 7, 60, 59, 300):
        assert burning.air(t) == pytest.approx(fire.air(t))
    beyond = burning.beyond(300, delay_s=20, share=0.2)
    assert beyond == pytest.approx(fire.beyond(300, delay_s=20, share=0.2))


def test_put_out_it_cools_and_the_smoke_goes_but_the_past_stays() -> None:
    burning = Burning(RoomFire(alpha=FAST))
    before = burning.air(200)
    burning.put_out(200)
    assert burning.air(200).smoke_db_per_m == pytest.approx(before.smoke_db_per_m, rel=0.05)
    assert burning.air(320).temperature_c < 25
    assert burning.air(320).smoke_db_per_m < 0.05 * before.smoke_db_per_m
    again = burning.air(320)
    burning.put_out(400)  # it is out already
    assert burning.air(420).temperature_c <= again.temperature_c
