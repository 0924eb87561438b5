"""The troubles that stand, and which explains which."""

from __future__ import annotations

from dataclasses import replace

from alerts.troubles.kind import OFFLINE, SILENT, TroubleKind
from alerts.troubles.standing import Standing, Upkeep
from alerts.troubles.trouble import Stage
from alerts.troubles.watch import Sign
from devices.device import Device
from devices.instant import MINUTE, SECOND
from tests.unit.alerts.troubles.ward import GATEWAY, T0, device, inventory

GONE = Sign(TroubleKind.LOST, OFFLINE, True)


class Bench:
    def __init__(self, *devices: Device) -> None:
        self.devices = {one.id: one for one in devices}
        self.standing = Standing(inventory(devices))
        self.said = Upkeep(T0, lambda: "evt")

    def sign(self, name: str, sign: Sign) -> None:
        self.standing.sign(self.devices[name], sign, self.said)

    def let_pass(self, for_: int) -> None:
        self.said.at += for_
        while (at := self.standing.next_due()) is not None and at <= self.said.at:
            trouble = self.standing.pop_due()
            if trouble.stage in (Stage.BEGINNING, Stage.ENDING):
                self.standing.move_on(trouble, self.said)

    def stage(self, name: str) -> Stage | None:
        known = self.standing.known(name, TroubleKind.LOST)
        return known.stage if known else None


def test_ids_are_derived_from_what_and_when() -> None:
    one, other = Bench(device("a"), device("b")), Bench(device("a"), device("b"))
    for bench in (one, other):
        bench.sign("a", GONE)
        bench.sign("b", GONE)
        bench.sign("a", GONE._replace(kind=TroubleKind.FAULT))
    assert [*one.standing.troubles] == [*other.standing.troubles]
    assert len({*one.standing.troubles}) == 3


def test_a_gateway_that_is_lost_later_takes_what_was_lost_before() -> None:
    bench = Bench(device("g", GATEWAY), device("a", via="g"))
    bench.sign("a", GONE)
    bench.let_pass(5 * MINUTE)
    assert bench.stage("a") is Stage.STANDING
    bench.sign("g", GONE)
    assert bench.stage("a") is Stage.FOLDED
    assert [event.kind for event in bench.said.events] == ["trouble_began", "trouble_folded"]
    lost = bench.standing.known("g", TroubleKind.LOST)
    assert lost is not None
    assert (bench.standing.folded(lost.id), lost.peak) == (1, 1)


def test_a_gateway_whose_device_is_lost_and_that_is_there_explains_nothing() -> None:
    bench = Bench(device("g", GATEWAY), device("a", via="g"))
    bench.sign("g", GONE._replace(kind=TroubleKind.FAULT))
    bench.sign("a", GONE)
    assert bench.stage("a") is Stage.BEGINNING


def test_what_was_told_and_is_over_waits_to_be_taken() -> None:
    bench = Bench(device("a"))
    bench.sign("a", GONE)
    bench.let_pass(5 * MINUTE)
    known = bench.standing.known("a", TroubleKind.LOST)
    assert known is not None
    bench.standing.put(replace(known, told_at=bench.said.at))
    bench.sign("a", GONE._replace(on=False))
    bench.sign("a", Sign(TroubleKind.LOST, SILENT, False))
    bench.let_pass(5 * MINUTE)
    assert [one.subject for one in bench.standing.over] == ["a"]
    assert not bench.standing.troubles
    assert set(bench.standing.dirty) == {known.id}
    assert bench.standing.of("a") == {}


def test_a_device_that_leaves_the_inventory_leaves_nothing_behind() -> None:
    bench = Bench(device("g", GATEWAY), device("a", via="g"))
    bench.sign("g", GONE)
    bench.sign("a", GONE)
    bench.standing.forget("g", bench.said)
    bench.standing.adopt(inventory([device("a")]))
    assert bench.stage("g") is None
    assert bench.stage("a") is Stage.BEGINNING


def test_restored_it_is_the_same() -> None:
    bench = Bench(device("g", GATEWAY), *(device(f"d{n}", via="g" if n < 3 else None) for n in range(20)))
    for name in bench.devices:
        bench.sign(name, GONE)
    bench.let_pass(10 * SECOND)
    again = Standing(inventory(bench.devices.values()))
    again.restore(bench.standing.troubles.values())
    assert again.troubles == bench.standing.troubles
    assert again.next_due() == bench.standing.next_due()
    area = again.known("c.b1", TroubleKind.AREA)
    assert area is not None
    assert again.folded(area.id) == bench.standing.folded(area.id) == 21
    assert not again.dirty
