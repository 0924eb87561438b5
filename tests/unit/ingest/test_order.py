"""ingest.order: what (boot, seq) says, and when it does not."""

from __future__ import annotations

from devices.instant import MINUTE, SECOND
from devices.reading import Trust
from ingest.message import Decoded
from ingest.order import REMEMBERED, START, Order, arrive

T0 = 1_790_000_000_000_000
DUPLICATE, BACKFILL = int(Trust.DUPLICATE), int(Trust.BACKFILL)


class Device:
    """Remembers between messages, as admission does."""

    def __init__(self) -> None:
        self.order = START
        self.device_at: int | None = None

    def says(
        self, boot: int | None, sequence: int | None, event: str | None = None, at: int | None = None
    ) -> int:
        said = Decoded("native", "d", boot=boot, device_sequence=sequence, event_id=event)
        bits, self.order = arrive(self.order, said, at, self.device_at)
        if at is not None and not bits:
            self.device_at = at
        return bits


def test_messages_in_order_are_new() -> None:
    device = Device()
    assert [device.says(7, 1), device.says(7, 2), device.says(7, 90)] == [0, 0, 0]


def test_same_number_is_a_duplicate() -> None:
    device = Device()
    assert [device.says(7, 5), device.says(7, 5)] == [0, DUPLICATE]


def test_older_number_is_history() -> None:
    device = Device()
    device.says(7, 50)
    assert [device.says(7, 49), device.says(6, 99)] == [BACKFILL, BACKFILL]
    assert device.says(7, 51) == 0


def test_new_boot_with_a_lower_number_is_new_and_nothing_is_forgotten() -> None:
    device = Device()
    device.says(7, 50, "e1")
    assert device.says(8, 1) == 0
    assert device.says(7, 50, "e1") == DUPLICATE
    assert device.says(7, 51) == BACKFILL


def test_event_is_a_duplicate_by_its_id_even_with_a_new_number() -> None:
    device = Device()
    assert [device.says(7, 1, "e1"), device.says(7, 2), device.says(7, 1, "e1")] == [0, 0, DUPLICATE]
    assert device.says(7, 3, "e1") == DUPLICATE


def test_event_that_was_overtaken_by_readings_is_new() -> None:
    """Its first copy was lost, or it came by the slower of two connections: an accepted alarm must page."""
    device = Device()
    device.says(7, 500)
    assert device.says(7, 42, "e1") == 0
    assert device.says(7, 42, "e1") == DUPLICATE
    assert [device.says(7, 43), device.says(7, 501)] == [BACKFILL, 0]


def test_event_kept_in_flash_over_a_restart_is_new_once() -> None:
    device = Device()
    device.says(8, 3)
    assert [device.says(7, 42, "e1"), device.says(7, 42, "e1")] == [0, DUPLICATE]


def test_event_id_used_again_after_a_restart_is_new() -> None:
    device = Device()
    assert [device.says(7, 1, "1"), device.says(8, 1, "1")] == [0, 0]


def test_replayed_events_are_not_new_however_many() -> None:
    """S29: the memory of ids is bounded; what lies before it is history."""
    device, count = Device(), 1_000
    assert [device.says(7, n, f"e{n}") for n in range(count)] == [0] * count
    assert len(device.order.events) == REMEMBERED
    assert not any(bits == 0 for bits in (device.says(7, n, f"e{n}") for n in range(count)))
    assert device.says(7, count, "new") == 0


def test_counter_that_went_back_while_the_clock_went_on_was_reset() -> None:
    """A factory reset must not make a device historic for ever."""
    device = Device()
    device.says(7, 500, at=T0)
    assert device.says(1, 1, at=T0 + SECOND) == 0
    assert device.says(1, 2, at=T0 + 2 * SECOND) == 0
    assert device.says(1, 3, "e1", at=T0 + 3 * SECOND) == 0
    assert device.says(1, 4) == 0


def test_events_after_a_reset_are_new_in_any_order_and_by_any_id() -> None:
    """What is remembered of the counter's former life must not push out, or pass for, what is new."""
    device = Device()
    for n in range(REMEMBERED + 10):
        device.says(1, n, f"e{n}", at=T0 + n)
    reset = T0 + MINUTE
    assert device.says(1, 1, "e20", at=reset + 1) == 0
    assert device.says(1, 4, "new 4", at=reset + 4) == 0
    assert device.says(1, 3, "new 3", at=reset + 3) == 0
    assert device.says(1, 4, "new 4", at=reset + 4) == DUPLICATE


def test_first_event_after_a_reset_is_new_even_if_its_id_was_used_before() -> None:
    device = Device()
    device.says(1, 2, "d-1-2", at=T0)
    device.says(1, 50, at=T0 + SECOND)
    assert device.says(1, 2, "d-1-2", at=T0) == DUPLICATE
    assert device.says(1, 2, "d-1-2", at=T0 + MINUTE) == 0


def test_old_message_with_its_old_time_stays_history() -> None:
    device = Device()
    device.says(7, 500, at=T0)
    assert device.says(7, 499, at=T0 - SECOND) == BACKFILL
    assert device.says(7, 498) == BACKFILL
    assert device.says(7, 497, at=T0) == BACKFILL  # a clock of whole seconds says the same time twice


def test_last_will_of_an_earlier_start_says_nothing_of_this_one() -> None:
    device = Device()
    device.says(8, 1)
    assert [device.says(7, None), device.says(8, None), device.says(9, None)] == [BACKFILL, 0, 0]
    assert device.says(9, 0) == 0


def test_status_without_a_number_leaves_the_order_as_it_is() -> None:
    device = Device()
    device.says(7, 50)
    assert [device.says(7, None), device.says(7, 49), device.says(7, 50)] == [0, BACKFILL, DUPLICATE]


def test_counters_reset_is_seen_in_a_status_too() -> None:
    device = Device()
    device.says(8, 1, at=T0)
    assert device.says(1, None, at=T0 + SECOND) == 0
    assert device.order == Order(1, -1)


def test_dialect_without_counters_has_no_order() -> None:
    assert Device().says(None, None) == 0


def test_forgotten_horizon_never_goes_back() -> None:
    device = Device()
    for n in range(REMEMBERED + 10):
        device.says(7, n, f"e{n}")
    assert device.order.horizon == (7, 9)
    device.says(6, 1, "late")
    assert device.order.horizon == (7, 9)
