"""ingest.dialects.gb26875: what frames of panels say, what is never suppressed, what garbage costs."""

from __future__ import annotations

import random

import pytest

from devices.device import Device, DeviceKind, Profile
from devices.instant import HOUR, SECOND, Instant
from devices.inventory import Inventory
from devices.reading import Reading, Trust
from ingest.admit import Admission
from ingest.device_time import UNREADABLE
from ingest.dialects.gb26875 import NEVER_SET, Gb26875, topic_of
from ingest.dialects.gb26875_frame import Command, Head, write
from ingest.dialects.gb26875_time import write_time
from ingest.message import Decoded, Ignored, Reason, Record, RecordKind, Rejected

SOURCE, CENTRE = bytes.fromhex("790300000000"), bytes.fromhex("385b01000000")
TOPIC = "gb26875/790300000000"
SMOKE = "790300000000/1.1.40.10-2"
EAST_8 = 8 * HOUR
NOW: Instant = NEVER_SET + 216_000_000 * SECOND  # 2026-11-05
LOCAL = write_time(NOW + EAST_8)
COMPONENT = bytes.fromhex("0101280a000200")


def frame(body: bytes, command: int = Command.DATA, serial: int = 1, time: bytes = LOCAL) -> bytes:
    return write(Head(serial, (1, 1), time, SOURCE, CENTRE, command), body)


def component(word: int, kind: int = 40, time: bytes = LOCAL, text: bytes = b"") -> bytes:
    front = COMPONENT[:2] + bytes((kind,)) + COMPONENT[3:] + word.to_bytes(2, "little")
    return b"\2\1" + front + text.ljust(31, b" ") + time


def system(word: int) -> bytes:
    return b"\1\1\1\1" + word.to_bytes(2, "little") + LOCAL


def analogue(kind: int, raw: int, component_type: int = 40) -> bytes:
    front = COMPONENT[:2] + bytes((component_type,)) + COMPONENT[3:]
    return b"\3\1" + front + bytes((kind,)) + raw.to_bytes(2, "little", signed=True) + LOCAL


def decode(payload: bytes, believes_test: bool = False, topic: str = TOPIC) -> object:
    return Gb26875(EAST_8, believes_test).decode(topic, payload, False)


def every(payload: bytes, believes_test: bool = False) -> tuple[Decoded, ...]:
    found = decode(payload, believes_test)
    assert isinstance(found, tuple), found
    return found


def first(body: bytes, believes_test: bool = False, command: int = Command.DATA) -> Decoded:
    return every(frame(body, command), believes_test)[0]


def values(said: Decoded) -> dict[str, float | None]:
    return {point.quantity: point.value for point in said.points}


# States -----------------------------------------------------------------------------------------------------


def test_fire_of_a_smoke_detector() -> None:
    said, presence = every(frame(component(3, text="7楼02室".encode("gb18030"))))
    assert (said.address, values(said)) == (SMOKE, {"smoke_alarm": 1.0, "fault": 0.0})
    assert (said.device_at, said.network_at) == (NOW, NOW)
    assert said.notes == ("7楼02室", "fire")
    assert presence == Decoded("gb26875", "790300000000", network_at=NOW)


@pytest.mark.parametrize(
    ("kind", "alarm"),
    [
        (23, "manual_alarm"),
        (31, "heat_alarm"),
        (11, "gas_alarm"),
        (17, "electrical_alarm"),
        (250, "generic_alarm"),
    ],
)
def test_fire_bit_is_an_alarm_of_the_component(kind: int, alarm: str) -> None:
    assert values(first(component(3, kind)))[alarm] == 1.0
    assert values(first(component(1, kind)))[alarm] == 0.0


@pytest.mark.parametrize("believes_test", [False, True])
@pytest.mark.parametrize("other", range(0, 0x400, 4))
def test_no_other_bit_takes_anything_from_a_fire(other: int, believes_test: bool) -> None:
    for test_bit in (0, 1):
        for body in (component(2 | other | test_bit), system(2 | other | test_bit)):
            said = first(body, believes_test)
            assert said.points[0].value == 1.0
            assert (said.test, said.warmup, said.backfill) == (False, False, False)


def test_test_bit_is_only_remarked_unless_the_site_believes_it() -> None:
    assert first(component(0)).test is False
    assert first(component(0)).notes == ("bit 0: under test",)
    assert first(component(0), believes_test=True).test is True
    assert first(component(1), believes_test=True).test is False


def test_test_bit_takes_nothing_from_a_fault() -> None:
    """The published frame of a mains fault has it 0."""
    said = first(b"\x15\1\x08" + LOCAL, believes_test=True)
    assert values(said) == {"generic_alarm": 0.0, "fault": 1.0, "battery_low": 0.0}
    assert said.test is False


def test_disabled_detector_is_not_clear_but_unknown() -> None:
    assert values(first(component(0b1001))) == {"smoke_alarm": None, "fault": 0.0}
    assert first(component(0b1001)).notes == ("disabled",)
    assert values(first(component(0b1011)))["smoke_alarm"] == 1.0


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (component(1 | 1 << 2), {"smoke_alarm": 0.0, "fault": 1.0}),
        (component(1 | 1 << 8), {"smoke_alarm": 0.0, "fault": 1.0}),
        (system(1 | 1 << 9), {"generic_alarm": 0.0, "fault": 0.0, "battery_low": 1.0}),
        (system(1 | 1 << 10), {"generic_alarm": 0.0, "fault": 1.0, "battery_low": 0.0}),
        (b"\x15\1\x11" + LOCAL, {"generic_alarm": 0.0, "fault": 0.0, "battery_low": 1.0}),
        (b"\x15\1\x03" + LOCAL, {"generic_alarm": 1.0, "fault": 0.0, "battery_low": 0.0}),
        (b"\x15\1\x21" + LOCAL, {"generic_alarm": 0.0, "fault": 1.0, "battery_low": 0.0}),
    ],
)
def test_faults_and_batteries_are_conditions(body: bytes, said: dict[str, float]) -> None:
    assert values(first(body)) == said


def test_system_and_device_have_addresses_of_their_own() -> None:
    assert [one.address for one in every(frame(system(1)))] == ["790300000000/1.1", "790300000000"]
    assert [one.address for one in every(frame(b"\x15\1\1" + LOCAL))] == ["790300000000"]


# Values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (analogue(3, -105), {"temperature_c": -10.5}),
        (analogue(3, 800, 18), {"cable_temperature_c": 80.0}),
        (analogue(6, 205, 11), {"gas_lel_percent": 20.5}),
        (analogue(6, 2050, 11), {"gas_lel_percent": None}),
        (analogue(128, 300, 17), {"residual_current_ma": 300.0}),
        (analogue(9, 3, 17), {"residual_current_ma": 300.0}),
        (analogue(128, -1, 17), {"residual_current_ma": None}),
        (analogue(2, 31, 200), {"water_level_mm": 310.0}),
        (analogue(2, 310, 92), {}),
        (analogue(8, 240), {}),
        (analogue(77, 1), {}),
    ],
)
def test_analogue_values_have_our_units(body: bytes, said: dict[str, float | None]) -> None:
    assert values(first(body)) == said


def test_value_without_a_quantity_is_a_remark() -> None:
    assert first(analogue(4, 3)).notes == ("pressure 0.3 MPa",)
    assert first(analogue(77, -1)).notes == ("analogue type 77: -1",)
    assert first(analogue(6, 2050, 11)).notes == ("gas 205 %LEL: outside of what a working sensor says",)


# People at the panel ----------------------------------------------------------------------------------------


def test_manual_alarm_at_the_device_is_an_event() -> None:
    said = first(b"\x18\1\x44\1" + LOCAL, believes_test=True)
    assert (said.address, values(said), said.is_event, said.test) == (
        "790300000000",
        {"manual_alarm": 1.0},
        True,
        False,
    )
    assert said.notes == ("operator 1: manual alarm, test",)


def test_manual_alarm_beats_alarm_cleared() -> None:
    assert values(first(b"\4\1\1\1\x0c\1" + LOCAL)) == {"manual_alarm": 1.0}
    assert values(first(b"\4\1\1\1\x08\1" + LOCAL)) == {"manual_alarm": 0.0}
    assert values(first(b"\4\1\1\1\x01\1" + LOCAL)) == {}


def test_operations_that_were_asked_for_are_history() -> None:
    assert first(b"\4\1\1\1\x04\1" + LOCAL, command=Command.RESPONSE).backfill is True
    assert first(component(3), command=Command.RESPONSE).backfill is False


def test_roll_call_answer_is_a_sign_of_life() -> None:
    (said,) = every(frame(b"\x18\1\x20\7" + LOCAL))
    assert (said.address, said.points, said.notes) == (
        "790300000000",
        (),
        ("operator 7: roll-call answered",),
    )


# Presence, and what is no state -----------------------------------------------------------------------------


@pytest.mark.parametrize("command", [Command.DATA, Command.CONFIRM, Command.DENY])
def test_empty_frame_is_a_sign_of_life(command: Command) -> None:
    (said,) = every(frame(b"", command))
    assert (said.address, said.points, said.online, said.device_at) == ("790300000000", (), None, None)


def test_versions_texts_and_clocks_are_remarks() -> None:
    assert first(b"\x19\1\1\2").notes == ("software 1.2",)
    assert first(b"\7\1" + COMPONENT + "烟感".encode("gb18030").ljust(31)).address == SMOKE
    assert first(b"\x1a\1\3a\7b").notes == ("a\ufffdb",)
    assert first(b"\x1c\1" + LOCAL).device_at == NOW


@pytest.mark.parametrize("command", [Command.CONTROL, Command.REQUEST])
def test_wishes_of_a_centre_are_ignored(command: Command) -> None:
    assert isinstance(decode(frame(b"\x5b\1\n", command)), Ignored)


@pytest.mark.parametrize("kind", [0, 9, 22, 61, 90, 128, 255])
def test_unknown_type_is_ignored(kind: int) -> None:
    assert isinstance(decode(frame(bytes((kind, 1)) + bytes(9))), Ignored)


def test_time_that_cannot_be_read_is_said_as_such() -> None:
    assert first(component(3, time=bytes(6))).device_at == UNREADABLE


# Rejected ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Reason.MALFORMED),
        (b"{}", Reason.MALFORMED),
        (frame(b"") * 2, Reason.MALFORMED),
        (b"x" + frame(b""), Reason.MALFORMED),
        (frame(b"") + b"@", Reason.MALFORMED),
        (frame(b"\2\1\1"), Reason.MALFORMED),
        (frame(b"", 128), Reason.UNSUPPORTED),
        (frame(b"", 0), Reason.UNSUPPORTED),
    ],
)
def test_what_cannot_be_read_is_rejected(payload: bytes, reason: Reason) -> None:
    found = decode(payload)
    assert isinstance(found, Rejected)
    assert found.reason is reason


def test_frame_on_the_topic_of_another_is_rejected() -> None:
    found = decode(frame(component(3)), topic="gb26875/000000000001")
    assert isinstance(found, Rejected)
    assert found.reason is Reason.TOPIC_MISMATCH


def test_topics_are_told_by_their_beginning() -> None:
    dialect = Gb26875(0)
    assert topic_of(SOURCE) == TOPIC
    assert [dialect.claims(one) for one in (TOPIC, "gb26875/", "gb26875", "x/gb26875/a")] == [
        True,
        True,
        False,
        False,
    ]
    assert dialect.subscriptions() == ()


@pytest.mark.parametrize("length", range(len(frame(component(3)))))
def test_truncation_at_every_length_is_rejected(length: int) -> None:
    assert isinstance(decode(frame(component(3))[:length]), Rejected)


def test_random_bytes_and_bodies_never_raise() -> None:
    chance = random.Random(3)
    for _ in range(3000):
        size = chance.randrange(120)
        kind = chance.choice((1, 2, 3, 4, 5, 6, 7, 8, 21, 24, 25, 26, 28, chance.randrange(256)))
        body = (bytes((kind, chance.randrange(4))) + chance.randbytes(size))[: chance.randrange(size + 3)]
        for payload in (frame(body, chance.randrange(8)), chance.randbytes(size)):
            assert isinstance(decode(payload), (tuple, Ignored, Rejected))


# As admission takes it --------------------------------------------------------------------------------------


class Panel:
    """A registered detector behind a device, and what is admitted of its frames."""

    def __init__(self, kind: DeviceKind, address: str, alarm: str | None = None) -> None:
        profile = Profile("p", kind, frozenset(), alarm_quantity=alarm)
        device = Device("d", profile, "c", "gb26875", address, "设备", "Device")
        self._admission = Admission(Inventory.of("c", "1", (), (device,)))
        self._sequence = 0

    def hears(self, payload: bytes, dup: bool = False) -> list[Reading]:
        self._sequence += 1
        at = NOW + self._sequence * SECOND
        record = Record(self._sequence, at, RecordKind.MESSAGE, "gb", TOPIC, payload, dup=dup)
        return [
            reading
            for one in every(payload)
            for reading in self._admission.admit(record, one).readings
            if reading.device_id == "d"
        ]


def test_frame_sent_again_is_a_duplicate() -> None:
    panel = Panel(DeviceKind.SMOKE, SMOKE)
    assert {one.trust for one in panel.hears(frame(component(3)))} == {Trust.NONE}
    assert {one.trust for one in panel.hears(frame(component(3)))} == {Trust.DUPLICATE}
    assert Trust.DUPLICATE not in panel.hears(frame(component(3), serial=2))[0].trust


def test_two_objects_of_one_detector_in_a_frame_both_count() -> None:
    panel = Panel(DeviceKind.SMOKE, SMOKE)
    both = b"\2\2" + component(1)[2:] + component(3)[2:]
    heard = panel.hears(frame(both))
    assert [(one.value, one.trust) for one in heard if one.quantity == "smoke_alarm"] == [(0.0, 0), (1.0, 0)]


def test_clock_that_never_ran_makes_no_fire_a_duplicate() -> None:
    """After every start serial and time are the same again: the second fire is another one."""
    panel = Panel(DeviceKind.SMOKE, SMOKE)
    unset = write_time(NEVER_SET - 1)
    fire = frame(component(3, time=unset), serial=0, time=unset)
    panel.hears(fire)
    assert {one.trust for one in panel.hears(fire)} == {Trust.CLOCK}
    assert {one.trust for one in panel.hears(fire, dup=True)} == {Trust.CLOCK | Trust.DUPLICATE}


def test_fire_of_a_component_without_a_meaning_is_what_its_kind_says() -> None:
    (fire, _) = Panel(DeviceKind.HEAT, SMOKE.replace(".40.", ".25.")).hears(frame(component(3, 25)))
    assert (fire.quantity, fire.value) == ("heat_alarm", 1.0)


def test_clear_after_a_fire_of_a_device_that_never_sets_bit_0_counts() -> None:
    """Under test it would not, and the next fire would be no news."""
    panel = Panel(DeviceKind.SMOKE, SMOKE)
    assert panel.hears(frame(component(2)))[0].trust == Trust.NONE
    clear = panel.hears(frame(component(0), serial=2, time=write_time(NOW + EAST_8 + SECOND)))[0]
    assert (clear.value, clear.trust) == (0.0, Trust.NONE)
