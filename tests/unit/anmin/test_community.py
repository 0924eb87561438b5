"""The community file: what it becomes, and every error at once with its exact place."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from anmin.community import to_inventory
from anmin.document import open_file, read
from anmin.finding import Finding, Severity
from devices.device import DeviceKind, DeviceMode
from devices.instant import DAY, MINUTE
from devices.inventory import Inventory, Scope
from devices.resident import Contact, Need
from devices.station import Role

EXAMPLE = Path(__file__).parents[3] / "deploy" / "examples" / "community.yaml"
HEAD = """\
county: {id: qh, zh: 清河县}
street: {id: hp, zh: 和平街道}
community: {id: xfl, zh: 幸福里, en: Xingfuli}
"""
HOME = """\
buildings:
  - id: b1
    units: [{id: u1, floors: 1-2, per_floor: [1]}]
"""
QUIET = """\
staff: [{id: sun, name: 孙丽, role: duty, contacts: [{console: a}]}]
"""


def survey(text: str) -> tuple[Inventory | None, tuple[Finding, ...]]:
    return to_inventory(read(text, "c.yaml"))


def errors(text: str) -> list[tuple[int, int, str]]:
    return [(f.line, f.column, f.code) for f in survey(text)[1] if f.is_error]


def warnings(text: str) -> list[str]:
    inventory, findings = survey(text)
    assert inventory is not None, findings
    return [found.code for found in findings if found.severity is Severity.WARNING]


def good(text: str) -> Inventory:
    inventory, findings = survey(text)
    assert inventory is not None, findings
    return inventory


def test_the_example_is_a_community_with_only_honest_warnings() -> None:
    inventory, findings = to_inventory(open_file(EXAMPLE))
    assert inventory is not None
    assert {found.code for found in findings} == {"bare-household"}
    assert len(inventory.tree.households("xfl")) == 58
    assert inventory.tree.name("xfl.b1.u1.f12.1201", "zh") == "1号楼1单元12层1201"
    assert [place.id for place in inventory.tree.up("xfl")] == ["xfl", "heping", "qinghe"]
    smoke = inventory.by_address("zigbee2mqtt", "301 smoke")
    assert smoke is not None
    assert (smoke.id, smoke.mode, smoke.profile.missed_allowed) == ("smoke-b2-301", DeviceMode.TEST, 4)
    depth = inventory.devices["depth-underpass"]
    assert (depth.place_id, depth.name("en"), depth.address) == (
        "xfl.underpass",
        "Underpass depth gauge",
        "depth-underpass",
    )
    station = inventory.station_for("xfl.b2.u1.f2.201")
    assert station is not None
    assert station.arrive_within_for == 3 * MINUTE
    assert [person.role for person in inventory.crew(station.id)] == [Role.MEMBER, Role.LEADER]
    assert [device.place_id for device in inventory.of_kind(DeviceKind.SOUNDER)] == ["xfl.b1"]
    (zhao,) = inventory.living_in("xfl.b1.u1.f12.1202")
    assert zhao.needs == {Need.WHEELCHAIR, Need.LIVES_ALONE}
    assert zhao.contacts == (Contact("console", "赵桂英"),)


def test_a_device_without_names_is_called_by_its_kind() -> None:
    device = good(HEAD + HOME + "devices: [{id: d, profile: native-co, place: b1.u1.f1.101}]\n").devices["d"]
    assert (device.name("zh"), device.name("en")) == ("一氧化碳探测器", "carbon monoxide detector")


def test_places_may_be_written_whole_or_from_the_community_down() -> None:
    two = "devices: [{id: a, profile: native-co, place: xfl.b1}, {id: b, profile: native-co, place: b1}]\n"
    assert {device.place_id for device in good(HEAD + HOME + two).devices.values()} == {"xfl.b1"}


def test_order_in_the_file_does_not_change_the_version() -> None:
    one = good(HEAD + "zones: [{id: a, kind: garage}, {id: b, kind: garage}]\n")
    two = good("zones: [{id: b, kind: garage}, {id: a, kind: garage}]\n" + HEAD)
    assert one.version == two.version
    assert one == two


def test_everything_wrong_is_told_at_once_where_it_stands() -> None:
    text = """\
county: {id: qh, zh: 清河县}
street: {id: hp}
community: {id: xfl}
bildings: []
zones:
  - {id: garage, kind: cellar}
  - {id: dock, kind: river_bank, within: b9}
buildings:
  - id: b1
    units:
      - {id: u1, floors: 9-1, per_floor: [1]}
  - {id: b2}
  - {id: b2}
profiles:
  - {id: own, kind: smoke, quantities: [smoke_alrm], reports_every: 60, alarm_quantity: tamper}
devices:
  - {id: d1, profile: native-smoke, place: b2}
  - {id: d2, profile: native-co, place: b2, dialect: modbus}
  - {id: d3, profile: native-co, place: b2, address: a/b}
  - {id: d4, profile: native-co, place: b2, address: same}
  - {id: d5, profile: native-co, place: b2, address: same}
  - {id: d5, profile: native-co, place: b2}
  - {id: d6, profile: native-co}
residents:
  - {household: b2, name: 王, contacts: [{fax: 1}]}
  - {household: b2, name: 王, languages: [fr]}
stations:
  - {id: s1, place: b2, accept_within: 5 min, crew: [{id: x, name: x, role: duty}]}
staff:
  - {id: y, name: y, role: member}
"""
    assert errors(text) == [
        (4, 1, "unknown-key"),
        (6, 24, "literal-error"),
        (11, 26, "floor-order"),
        (13, 5, "duplicate"),
        (15, 69, "bad-length"),
        (18, 54, "unknown-dialect"),
        (19, 54, "bad-address"),
        (21, 54, "duplicate"),
        (22, 10, "duplicate"),
        (23, 5, "missing"),
        (25, 17, "not-a-household"),
        (25, 41, "unknown-channel"),
        (26, 42, "literal-error"),
        (28, 5, "clock-order"),
        (28, 77, "bad-role"),
        (30, 28, "bad-role"),
    ]


def test_a_broken_building_is_told_once_not_again_by_all_that_lies_in_it() -> None:
    text = HEAD + "buildings: [{id: b1, unitz: []}]\ndevices: [{id: d, profile: native-co, place: b1.u1}]\n"
    assert errors(text) == [(4, 22, "unknown-key")]


def test_a_broken_model_is_told_once_not_again_by_its_devices() -> None:
    own = "profiles: [{id: own, kind: smoke}]\ndevices: [{id: d, profile: own, place: xfl}]\n"
    assert {line for line, _, _ in errors(HEAD + own)} == {4}


def test_an_unknown_word_comes_with_the_one_that_was_meant() -> None:
    text = HEAD + HOME + "devices:\n  - {id: d, profile: native-smok, place: b1.u1.f1.110}\n"
    said = [found.en for found in survey(text)[1]]
    assert said == [
        "there is no profile `native-smok`; did you mean `native-smoke`?",
        "there is no place `b1.u1.f1.110`; did you mean `b1.u1.f1.101`?",
    ]


def test_unknown_quantities_and_alarm_bits_are_told() -> None:
    own = "{id: own, kind: smoke, quantities: [smoke_alrm], reports_every: 1 h, alarm_quantity: co_ppm}"
    assert errors(HEAD + f"profiles: [{own}]\n") == [(4, 48, "unknown-quantity"), (4, 97, "unknown-alarm")]


@pytest.mark.parametrize("sign", ["+", "#", "/", "$", "\\0"])
def test_a_native_address_holds_no_sign_that_a_topic_gives_meaning(sign: str) -> None:
    device = f'{{id: d, profile: native-co, place: b1, address: "a{sign}b"}}'
    assert [code for _, _, code in errors(HEAD + HOME + f"devices: [{device}]\n")] == ["bad-address"]


def test_a_zigbee_name_may_hold_spaces_and_slashes() -> None:
    device = "{id: d, profile: heiman-hs1sa, place: b1, dialect: zigbee2mqtt, address: floor 1/kitchen}"
    assert errors(HEAD + HOME + f"devices: [{device}]\n") == []


def test_one_address_may_live_in_two_dialects() -> None:
    two = """devices:
  - {id: a, profile: native-co, place: b1, address: x}
  - {id: b, profile: native-co, place: b1, address: x, dialect: zigbee2mqtt}
"""
    assert errors(HEAD + HOME + two) == []


def test_the_same_floor_twice_is_a_duplicate() -> None:
    text = HEAD + "buildings: [{id: b1, units: [{id: u1, floors: [1-3, 2]}]}]\n"
    assert [code for _, _, code in errors(text)] == ["duplicate"]


@pytest.mark.parametrize("text", ["", "- a\n", "just text\n", "3\n"])
def test_what_is_no_community_says_so(text: str) -> None:
    assert [code for _, _, code in errors(text)] == ["not-a-community"]


@pytest.mark.parametrize("missing", ["county", "street", "community"])
def test_the_three_names_at_the_top_are_needed(missing: str) -> None:
    text = "".join(line + "\n" for line in HEAD.splitlines() if not line.startswith(missing))
    (found,) = survey(text)[1]
    assert (found.code, found.en) == ("missing", f"`{missing}` is missing")


def test_a_section_that_is_no_list_is_told_and_the_rest_is_read_on() -> None:
    text = HEAD + "zones: {id: a}\nstaff: [{id: y, name: y, role: leader}]\n"
    assert errors(text) == [(4, 8, "list-type"), (5, 32, "bad-role")]


def test_errors_of_the_text_itself_stop_the_import_but_not_the_survey() -> None:
    inventory, findings = survey(HEAD + "zones: []\nzones: []\nstaff: [{id: y, name: y, role: leader}]\n")
    assert inventory is None
    assert [found.code for found in findings if found.is_error] == ["duplicate-key", "bad-role"]
    assert survey("a: [")[1][0].code == "yaml"


def test_homes_that_nobody_could_reach_are_a_warning_per_stair() -> None:
    (found,) = [f for f in survey(HEAD + HOME + QUIET)[1] if f.code == "bare-household"]
    assert (found.line, found.column) == (6, 13)
    assert found.en == "2 households have neither a device nor a contact: 101 201"
    with_one = HOME + "residents: [{household: b1.u1.f1.101, name: 王, contacts: [{console: w}]}]\n"
    assert "1 household has" in next(f.en for f in survey(HEAD + with_one)[1] if f.code == "bare-household")


def test_a_community_without_ears_or_voice_is_warned() -> None:
    assert warnings(HEAD) == ["no-duty"]
    assert warnings(HEAD + QUIET) == []
    assert warnings(HEAD + QUIET + "buildings: [{id: b1}]\n") == ["no-siren"]
    siren = "devices: [{id: s, profile: native-siren, place: xfl}]\n"
    assert warnings(HEAD + QUIET + "buildings: [{id: b1}]\n" + siren) == []
    assert warnings(HEAD + QUIET + "stations: [{id: s, place: xfl}]\n") == ["no-crew"]
    assert warnings(HEAD + "staff: [{id: y, name: y, role: duty}]\n") == ["no-contact"]


def test_own_models_that_replace_or_serve_nobody_are_warned() -> None:
    own = "profiles: [{id: %s, kind: co, quantities: [co_ppm], reports_every: 1 h}]\n"
    assert warnings(HEAD + QUIET + own % "acme") == ["unused-profile"]
    device = "devices: [{id: d, profile: native-co, place: xfl}]\n"
    inventory = good(HEAD + QUIET + own % "native-co" + device)
    assert inventory.devices["d"].profile.quantities == {"co_ppm"}
    assert warnings(HEAD + QUIET + own % "native-co" + device) == ["profile-replaced"]


def test_residents_without_an_id_are_numbered_within_their_home() -> None:
    two = "residents: [{household: b1.u1.f1.101, name: 王}, {household: b1.u1.f1.101, name: 李}]\n"
    people = good(HEAD + HOME + two).residents
    assert [person.id for person in people] == ["xfl.b1.u1.f1.101.p1", "xfl.b1.u1.f1.101.p2"]


def test_channels_and_dialects_are_those_that_are_given() -> None:
    text = HEAD + "staff: [{id: y, name: y, role: duty, contacts: [{sms: '1'}]}]\n"
    assert [found.code for found in survey(text)[1]] == ["unknown-channel"]
    inventory, findings = to_inventory(read(text, "c"), channels=frozenset({"sms"}), dialects={})
    assert (inventory is not None, findings) == (True, ())


def test_a_thousand_errors_are_told_in_a_second() -> None:
    rows = "".join(f"  - {{id: d{n}, profile: nativ-{n}, place: b1.u1.f1.9{n}}}\n" for n in range(1000))
    homes = "buildings: [{id: b1, units: [{id: u1, floors: 1-100, per_floor: 1-20}]}]\n"
    document = read(HEAD + homes + "devices:\n" + rows, "c")
    start = time.perf_counter()
    _, findings = to_inventory(document)
    assert time.perf_counter() - start < 1
    assert len(findings) == 2000


UPKEEP = """\
devices:
  - {id: a, profile: native-smoke, place: b1.u1, via: g, serial: "0042", installed: 2025-05-31}
  - {id: g, profile: native-gateway, place: b1}
retired: [{id: z, profile: native-gas, place: b1, address: a, retired: 2026-01-02}]
thresholds:
  - {place: b1, rule: fire.temperature, level: alarm, at: 62}
  - {device: a, rule: fire.temperature, level: alarm, at: 70, clear: 60}
"""


def test_dates_gateways_limits_and_what_is_no_more_are_read() -> None:
    found = good(HEAD + HOME + QUIET + UPKEEP)
    device = found.devices["a"]
    assert (device.via, device.serial) == ("g", "0042")
    assert device.installed_at is not None
    assert device.out_of_date_at == device.installed_at + 12 * 365 * DAY
    assert set(found.devices) == {"a", "g"}
    assert found.by_address("native", "a") is device
    (gone,) = found.retired
    assert gone.id == "z"
    assert gone.retired_at is not None
    assert [(t.scope, t.of, t.at, t.clear) for t in found.tuning] == [
        (Scope.DEVICE, "a", 70, 60),
        (Scope.PLACE, "xfl.b1", 62, None),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("2025-05-31", "soon", "bad-date"),
        ("via: g", "via: x", "unknown-gateway"),
        ("via: g", "via: a", "gateway-circle"),
        ("id: z", "id: a", "duplicate"),
        (", retired: 2026-01-02", "", "missing"),
        ("device: a, rule", "device: x, rule", "unknown-device"),
        ("device: a, rule", "profile: x, rule", "unknown-profile"),
        ("device: a, rule", "place: x, rule", "unknown-place"),
        ("device: a, rule", "device: a, place: b1, rule", "bad-scope"),
        ("device: a, rule", "rule", "bad-scope"),
        ("device: a, rule", "place: b1, rule", "duplicate"),
    ],
)
def test_what_is_wrong_with_them_is_told(old: str, new: str, code: str) -> None:
    assert old in UPKEEP
    assert [found for _, _, found in errors(HEAD + HOME + QUIET + UPKEEP.replace(old, new, 1))] == [code]
