"""ingest.dialects.sparkplug_reading: naming of metrics, moments of one message, and their times."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.device_time import UNREADABLE
from ingest.dialects.sparkplug_birth import Birth, Named, Table
from ingest.dialects.sparkplug_reading import MAX_NOTES, Reading
from ingest.dialects.sparkplug_wire import read
from ingest.message import Decoded
from tests.support.sparkplug import AT, flag, metric, payload

MS = 1_000
OWN = Table(
    Birth(1, (Named("Smoke/Alarm", 1, 11), Named("Temperature", 2, 9), Named("Fault", 3, 12)), frozenset({9}))
)
NODE = Table(Birth(1, (Named("Tamper", 4, 11),), None))


def reading(*metrics: bytes, tables: Sequence[Table] = (OWN,), timestamp: int | None = AT) -> Reading:
    return Reading(read(payload(*metrics, timestamp=timestamp, seq=1)), tables)


def told(*metrics: bytes, tables: Sequence[Table] = (OWN,), timestamp: int | None = AT) -> list[Decoded]:
    return reading(*metrics, tables=tables, timestamp=timestamp).decoded("d", "a")


def test_alias_is_what_the_first_birth_that_has_it_says() -> None:
    (one,) = told(metric(alias=1, boolean=True), metric(alias=4, boolean=False), tables=(OWN, NODE))
    assert dict(one.points) == {"smoke_alarm": 1.0, "tamper": 0.0}


def test_alias_of_no_concern_is_passed_over() -> None:
    found = reading(metric(alias=9, float=1.0))
    assert (found.missing, found.decoded("d", "a")) == (False, [Decoded("d", "a", device_at=AT * MS)])
    assert not reading(metric(alias=77, float=1.0), tables=(NODE,)).missing, "nobody knows what it left out"


def test_unknown_alias_is_missing_and_hides_nothing_else() -> None:
    found = reading(metric(alias=77, boolean=False), metric(alias=1, boolean=True))
    assert found.missing
    (one,) = found.decoded("d", "a")
    assert (dict(one.points), one.notes) == ({"smoke_alarm": 1.0}, ("alias 77 is in no birth that we heard",))


def test_metric_without_name_and_alias_is_remarked() -> None:
    (one,) = told(metric(boolean=True))
    assert (one.points, one.notes) == ((), ("a metric with neither name nor alias",))


def test_name_counts_without_a_birth() -> None:
    (one,) = told(
        flag("Smoke/Alarm", True), metric(name="CO", float=35.0), metric(name="Speed", int=3), tables=()
    )
    assert dict(one.points) == {"smoke_alarm": 1.0, "co_ppm": 35.0}


def test_datatype_is_the_births_when_the_message_leaves_it_out() -> None:
    (one,) = told(metric(alias=2, float=21.5))
    assert dict(one.points) == {"temperature_c": 21.5}


def test_datatype_against_the_birth_is_unknown_and_tells_of_a_missed_birth() -> None:
    found = reading(metric(alias=1, datatype=9, float=0.0))
    (one,) = found.decoded("d", "a")
    assert found.missing
    assert dict(one.points) == {"smoke_alarm": None}
    assert one.notes == ("Smoke/Alarm: its birth says datatype 11, the message 9",)


def test_value_that_does_not_fit_its_datatype_is_unknown_never_clear() -> None:
    for wrong in (metric(alias=1, int=0), metric(alias=1), metric(alias=1, boolean=False, int=0)):
        found = reading(wrong)
        (one,) = found.decoded("d", "a")
        assert dict(one.points) == {"smoke_alarm": None}
        assert (len(one.notes), found.missing) == (1, False)


def test_null_is_unknown_without_a_remark() -> None:
    (one,) = told(metric(alias=1, is_null=1), metric(alias=2, is_null=1), metric(alias=3, is_null=1))
    assert dict(one.points) == {"smoke_alarm": None, "temperature_c": None, "fault": None}
    assert one.notes == ()


def test_transient_metric_is_read_like_any() -> None:
    (one,) = told(metric(alias=1, is_transient=1, boolean=True))
    assert dict(one.points) == {"smoke_alarm": 1.0}


def test_time_is_the_latest_of_the_metrics_else_that_of_the_payload() -> None:
    (one,) = told(
        metric(alias=1, timestamp=AT - 9, boolean=True), metric(alias=2, timestamp=AT - 5, float=1.0)
    )
    assert (one.device_at, one.network_at) == ((AT - 5) * MS, AT * MS)
    (one,) = told(metric(alias=1, boolean=True))
    assert (one.device_at, one.network_at) == (AT * MS, None)
    (one,) = told(metric(alias=1, boolean=True), timestamp=None)
    assert (one.device_at, one.network_at) == (None, None)


def test_time_that_is_none_is_remarked() -> None:
    (one,) = told(metric(alias=1, timestamp=2**63, boolean=True))
    assert (one.device_at, one.network_at, len(one.notes)) == (UNREADABLE, AT * MS, 1)
    (one,) = told(metric(alias=1, boolean=True), timestamp=2**63)
    assert (one.device_at, len(one.notes)) == (UNREADABLE, 1)


def test_birth_has_the_time_of_its_message() -> None:
    found = reading(metric(alias=1, timestamp=AT - 10**9, boolean=False))
    (one,) = found.decoded("d", "a", is_birth=True)
    assert (one.device_at, one.network_at, one.cached) == (AT * MS, None, True)


def test_history_is_told_by_its_times_and_before_what_is_new() -> None:
    found = told(
        metric(alias=1, boolean=False),
        metric(alias=2, timestamp=AT - 20, is_historical=1, float=2.0),
        metric(alias=1, timestamp=AT - 20, is_historical=1, boolean=True),
        metric(alias=2, timestamp=AT - 10, is_historical=1, float=1.0),
    )
    assert [(one.backfill, one.device_at, dict(one.points)) for one in found] == [
        (True, (AT - 20) * MS, {"temperature_c": 2.0, "smoke_alarm": 1.0}),
        (True, (AT - 10) * MS, {"temperature_c": 1.0}),
        (False, AT * MS, {"smoke_alarm": 0.0}),
    ]


def test_metric_that_comes_twice_is_told_twice_in_order() -> None:
    found = told(
        metric(alias=1, timestamp=AT - 20, boolean=True), metric(alias=1, timestamp=AT - 10, boolean=False)
    )
    assert [dict(one.points) for one in found] == [{"smoke_alarm": 1.0}, {"smoke_alarm": 0.0}]
    assert [one.device_at for one in found] == [(AT - 20) * MS, (AT - 10) * MS]


def test_metrics_that_share_a_bit_are_told_as_they_stand_together() -> None:
    table = Table(Birth(1, (Named("Zone 1/Leak", 1, 11), Named("Zone 2/Leak", 2, 11)), frozenset()))
    for alias, value, standing in ((1, True, 1.0), (2, False, 1.0), (1, False, 0.0)):
        found = reading(metric(alias=alias, boolean=value), tables=(table,))
        (one,) = found.decoded("d", "a")
        assert (dict(one.points), found.heard) == ({"water_leak_alarm": standing}, True)
    assert not reading(metric(alias=1, boolean=False), tables=(table,)).heard
    past = reading(metric(alias=1, is_historical=1, boolean=True), tables=(table,))
    assert (past.heard, table.standing("water_leak_alarm")) == (False, 0.0)


def test_test_and_warm_up_are_marked() -> None:
    (one,) = told(flag("Test", True), metric(alias=1, boolean=True))
    assert (one.test, one.warmup, dict(one.points)) == (True, False, {"smoke_alarm": 1.0})
    (one,) = told(flag("Warmup", True))
    assert (one.test, one.warmup, one.points) == (False, True, ())


def test_notes_are_few_and_fit_to_be_read() -> None:
    (one,) = told(*(metric(name=f"a\n{n}/Temperature", datatype=9, float=1e9) for n in range(20)))
    assert len(one.notes) == MAX_NOTES
    assert all(note.isprintable() for note in one.notes)
    (one,) = told(*(metric(alias=100 + n, float=1.0) for n in range(20)))
    assert len(one.notes) == MAX_NOTES
