"""ingest.admit: what a snapshot holds of it, and that it judges after a restart as if there had been none."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import TypeAdapter

from devices.device import Device
from devices.instant import SECOND
from devices.inventory import Inventory
from ingest.admit import Admission, AdmitState, Limits
from ingest.message import Heard, Point
from tests.support.admission import ALARM, CLEAR, SMOKE, T0, Desk

STATES = TypeAdapter(list[tuple[str, AdmitState | None]])


def test_drain_gives_what_changed_since_the_last() -> None:
    desk = Desk()
    desk.native(CLEAR)
    desk.foreign(CLEAR)
    assert [key for key, _ in desk.admission.drain()] == ["smoke-1", "z-1"]
    desk.native(ALARM)
    assert [key for key, _ in desk.admission.drain()] == ["smoke-1"]
    assert desk.admission.drain() == []


def test_drained_state_does_not_change_any_more() -> None:
    desk = Desk()
    desk.native(CLEAR)
    ((_, state),) = desk.admission.drain()
    desk.native(ALARM)
    assert state is not None
    assert state.values == {"smoke_alarm": (0.0, T0)}


def test_restored_admission_judges_as_the_one_that_never_stopped() -> None:
    """P12: the same messages after the restart, word for word the same answers."""
    desk = Desk(Limits(inbox=4, strangers_alarming=2))
    kept: dict[str, AdmitState] = {}
    for n in range(62):
        _speak(desk, n)
        _keep(kept, desk.admission.drain())
    again = Desk(Limits(inbox=4, strangers_alarming=2))
    again.at, again.sequence, again.seq = desk.at, desk.sequence, desk.seq
    again.admission.restore(_through_json(kept))
    assert again.admission.drain() == []
    assert list(again.admission.inbox().items()) == list(desk.admission.inbox().items())
    for n in range(62, 200):
        assert _speak(desk, n) == _speak(again, n)
    assert desk.admission.drain()[-1] == again.admission.drain()[-1]


def _speak(desk: Desk, n: int) -> list[Heard]:
    """A bit of everything, the same for the same n."""
    desk.at += SECOND * (n % 3)
    heard = [
        desk.native(Point("temperature_c", float(n)), device_at=desk.at - SECOND),
        desk.native(ALARM, event_id=f"e{n % 70}", is_event=True, device_sequence=desk.seq - n % 5),
        desk.foreign(
            Point("smoke_alarm", float(n % 2)), Point("battery_percent", 90.0), payload=b"%d" % (n % 4)
        ),
        desk.foreign(ALARM, payload=b"%d" % (n % 4), dup=True, retain=n % 7 == 0),
    ]
    heard += [desk.foreign(ALARM, address=f"x{n % 6}", source=f"s{n % 2}")]
    return heard


def _keep(kept: dict[str, AdmitState], drained: Sequence[tuple[str, AdmitState | None]]) -> None:
    for key, state in drained:
        kept.pop(key, None)
        if state is not None:
            kept[key] = state


def _through_json(kept: dict[str, AdmitState]) -> list[tuple[str, AdmitState]]:
    entries = sorted(kept.items())  # a snapshot has an order of its own
    read = STATES.validate_json(STATES.dump_json(list(entries)))
    assert read == entries
    return [(key, state) for key, state in read if state is not None]


def test_restore_forgets_devices_that_went_while_we_were_away() -> None:
    desk = Desk()
    desk.native(CLEAR)
    desk.foreign(ALARM, address="attic")
    drained = [(key, state) for key, state in desk.admission.drain() if state is not None]
    known = Device("new", SMOKE, "c", "zigbee2mqtt", "attic", "新", "New")
    admission = Admission(Inventory.of("c", "3", (), (known,)))
    admission.restore(drained)
    assert admission.inbox() == {}
    assert sorted(admission.drain()) == [("smoke-1", None), ("unknown:zigbee2mqtt:attic", None)]
