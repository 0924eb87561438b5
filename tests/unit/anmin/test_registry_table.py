"""Device lists: headings in either language, every error by its cell, and a list that reads back."""

from __future__ import annotations

from anmin import registry_table as tables
from anmin.registry import Draft
from tests.unit.anmin.test_registry import HOME, town

HEAD = ["编号", "型号", "位置", "协议", "地址", "网关", "安装日期", "模式", "备注"]


def told(faults: list[tables.CellFault]) -> list[tuple[int, str, str]]:
    assert all(one.fault.zh and one.fault.en for one in faults)
    return [(one.row, one.column, one.fault.code) for one in faults]


def test_the_devices_of_now_as_a_table_are_no_change() -> None:
    for language in ("zh", "en"):
        rows, faults = tables.read(tables.write(town(), language))
        draft = Draft(town())
        assert not faults
        assert tables.put(draft, rows) == []
        assert draft.inventory() == town()


def test_gateways_are_known_before_what_is_heard_through_them() -> None:
    table = [
        ["Profile", "PLACE", "id", "gateway", "installed", "mode"],
        ["native-smoke", HOME, "s9", "gw9", "2026/5/31", "测试"],
        [" ", "", "", "", "", ""],
        ["native-gateway", "b1", "gw9", "", "2026-05-31 00:00:00", ""],
    ]
    rows, faults = tables.read(table)
    assert (faults, [row.number for row in rows]) == ([], [2, 4])
    draft = Draft(town())
    assert tables.put(draft, rows) == []
    made = draft.devices["s9"]
    assert (made.via, made.mode.value) == ("gw9", "test")
    assert made.installed_at == draft.devices["gw9"].installed_at is not None


def test_every_cell_that_is_wrong_is_told_at_once() -> None:
    table = [
        ["Unnamed"],
        ["profile", "place", "id", "installed", "mode", "remarks", "id"],
        ["native-smoke", HOME, "a", "soon", "on", "", ""],
        ["", HOME, "b", "", "", "", ""],
    ]
    rows, faults = tables.read(table[1:])
    assert told(faults) == [
        (1, "id", "twice"),
        (1, "remarks", "unknown_column"),
        (1, "id", "twice"),
        (2, "installed", "bad_date"),
        (2, "mode", "unknown"),
        (3, "profile", "missing"),
    ]
    assert len(rows) == 2
    assert told(tables.read(table)[1])[:3] == [
        (1, "Unnamed", "unknown_column"),
        (1, "profile", "missing"),
        (1, "place", "missing"),
    ]
    assert told(tables.read([["", " "], []])[1]) == [(1, "", "empty")]


def test_what_does_not_fit_the_community_is_told_by_row() -> None:
    table = [
        ["id", "profile", "place", "dialect", "address"],
        ["x", "no-model", "b9", "", ""],
        ["y", "native-gas", HOME, "chirpstack", "24e1"],
        ["y", "native-gas", HOME, "chirpstack", "24e1"],
    ]
    rows, faults = tables.read(table)
    assert not faults
    assert told(tables.put(Draft(town()), rows)) == [
        (2, "profile", "unknown"),
        (2, "place", "unknown"),
        (3, "address", "taken"),
        (4, "address", "taken"),
    ]


def test_a_row_of_a_known_device_says_what_it_is_to_be() -> None:
    rows, _ = tables.read([["id", "profile", "place"], ["smoke-1", "native-heat", HOME]])
    draft = Draft(town())
    assert tables.put(draft, rows) == []
    device = draft.inventory().devices["smoke-1"]
    assert (device.profile.id, device.place_id, device.via, device.serial) == ("native-heat", HOME, None, "")


def test_the_heading_is_in_the_readers_language() -> None:
    assert tables.heading("zh")[:3] == ["编号", "型号", "位置"]
    assert tables.heading("en")[:3] == ["id", "profile", "place"]
    assert {name for column in tables.COLUMNS for name in column} >= {*HEAD[:-1]}
