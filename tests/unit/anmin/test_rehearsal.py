"""A town and the pure core on one virtual clock."""

from __future__ import annotations

import os
import subprocess
import sys

from anmin import scenarios
from anmin.rehearsal import Rehearsal
from simulator.script import Script
from tests.support.rulebook import pack
from tests.support.services import ROOT


def script(name: str) -> Script:
    ((_, found),), _ = scenarios.shipped([name])
    return found


def test_the_same_seed_is_the_same_day_for_any_hash_seed() -> None:
    code = (
        "from anmin import scenarios; from anmin.rehearsal import Rehearsal;"
        "((_, s),), _ = scenarios.shipped(['bad-radio']); r = Rehearsal(s, '3'); r.run(); print(r.digest)"
    )
    digests = set()
    for hash_seed in ("0", "1", "77"):
        env = os.environ | {"PYTHONHASHSEED": hash_seed}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, env=env, capture_output=True, text=True, check=True
        )
        digests.add(done.stdout.strip())
    here = Rehearsal(script("bad-radio"), "3")
    here.run()
    assert digests == {here.digest}
    other = Rehearsal(script("bad-radio"), "4")
    other.run()
    assert other.digest != here.digest


def test_rules_that_see_no_fire_miss_it() -> None:
    assert Rehearsal(script("kitchen-fire-door-closed"), "1").run().counts["missed"] == 0
    blind = Rehearsal(script("kitchen-fire-door-closed"), "1", pack("gas", "flood", "sos"))
    assert blind.run().counts["missed"] == 1


def test_people_and_devices_are_answered_and_what_is_rejected_is_counted() -> None:
    played = Rehearsal(script("bad-radio"), "1")
    played.run()
    assert played.rejected > 10
    assert {one.level for one in played.world.raisings} >= {3}
    (closed,) = [one for one in played.world.levels.values() if not one.open]
    assert closed.hazard == "fire"
    assert not any(unit.voice.again(played.ends_at) for unit in played.world.units.values())


def test_a_drill_stays_among_the_drills() -> None:
    played = Rehearsal(script("drill-interrupted-by-fire"), "2")
    played.run()
    drills = {one.incident for one in played.world.raisings if one.drill}
    assert drills
    assert {one.drill for one in played.world.notices if one.incident in drills} == {True}
