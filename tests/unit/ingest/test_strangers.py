"""ingest.strangers: ids that cannot collide, and caps that a hostile device cannot lift."""

from __future__ import annotations

import pytest

from devices.instant import MINUTE
from ingest.strangers import LONGEST, Inbox, named, stranger_id

T0 = 1_790_000_000_000_000


@pytest.mark.parametrize(
    ("address", "id"),
    [
        ("kitchen-smoke_1.a", "unknown:z:kitchen-smoke_1.a"),
        ("厨房", "unknown:z:厨房"),
        ("a b/c", "unknown:z:a%20b%2Fc"),
        ("%20", "unknown:z:%2520"),
        ("<script>\n\u202e", "unknown:z:%3Cscript%3E%0A%E2%80%AE"),
        ("\ud800", "unknown:z:%ED%A0%80"),
        ("", "unknown:z:"),
    ],
)
def test_id_is_fit_for_pages_paths_and_logs(address: str, id: str) -> None:
    assert stranger_id("z", address) == id
    assert named(id) == ("z", address)


def test_long_address_is_cut_but_stays_distinct() -> None:
    one, other = stranger_id("z", "a" * 500), stranger_id("z", "a" * 501)
    assert one != other
    assert len(one) == len(other) == LONGEST
    assert "~" in one
    assert named(one) is None


def inbox(size: int = 3, alarming: int = 2) -> Inbox:
    return Inbox(size, alarming, 10 * MINUTE)


def test_so_many_addresses_may_alarm_per_source_and_time() -> None:
    box = inbox()
    assert [box.may_alarm(key, "mqtt", T0) for key in ("a", "b", "c", "a")] == [True, True, False, True]
    assert box.may_alarm("c", "other source", T0)
    assert not box.may_alarm("c", "mqtt", T0 + 10 * MINUTE - 1)
    assert box.may_alarm("c", "mqtt", T0 + 10 * MINUTE)


def test_least_recently_heard_is_forgotten_first() -> None:
    box = inbox()
    for key in ("a", "b", "c", "a"):
        assert box.heard(key, T0) is None
    assert box.heard("d", T0) == "b"
    assert list(box) == ["c", "a", "d"]


def test_address_with_an_alarm_is_not_forgotten() -> None:
    box = inbox()
    box.may_alarm("a", "mqtt", T0)
    for key in ("a", "b", "c"):
        box.heard(key, T0)
    assert box.heard("d", T0) == "b"
    assert box.heard("e", T0 + 10 * MINUTE) == "a"


def test_when_all_hold_slots_the_oldest_goes_all_the_same() -> None:
    box = inbox(size=1)
    for key in ("a", "b"):
        box.may_alarm(key, "mqtt", T0)
    box.heard("a", T0)
    assert box.heard("b", T0) == "a"
    assert len(box) == 1


def test_restored_inbox_goes_on_as_before() -> None:
    box, again = inbox(), inbox()
    for key in ("a", "b"):
        box.may_alarm(key, "mqtt", T0)
        box.heard(key, T0)
    for key in box:
        again.restore(key, box.slots(key, T0))
    assert list(again) == ["a", "b"]
    assert [one.may_alarm("c", "mqtt", T0 + MINUTE) for one in (box, again)] == [False, False]


def test_forgotten_address_gives_its_slot_back() -> None:
    box = inbox(alarming=1)
    box.may_alarm("a", "mqtt", T0)
    box.heard("a", T0)
    box.forget("a")
    assert "a" not in box
    assert box.may_alarm("b", "mqtt", T0)
