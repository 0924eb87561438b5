"""How samples are laid out as points, and that no name gets out of its quotes."""

from __future__ import annotations

import pytest

from anmin.history import influx_lines
from anmin.history.sample import Range, Step
from devices.instant import HOUR, MINUTE
from tests.support.history import NOON, around, sample


def test_line_has_series_fields_and_stamp() -> None:
    expected = (
        "anmin_reading,device=b1-u1-101-heat,quantity=temperature_c "
        f"at={NOON + 1234567}i,sequence=42i,trust=16i,value=20.5 {(NOON + 1234000) * 1000 + 42}"
    )
    assert influx_lines.line(sample(42, NOON + 1_234_567, trust=16)) == expected


@pytest.mark.parametrize("value", [None, float("nan"), float("inf")])
def test_unknown_is_a_point_without_value(value: float | None) -> None:
    assert "value" not in influx_lines.line(sample(1, value=value))


def test_stamps_of_one_instant_differ_and_repeat() -> None:
    stamps = [influx_lines.stamp(sample(n)) for n in range(1000)]
    assert len(set(stamps)) == 1000
    assert stamps == [influx_lines.stamp(sample(n)) for n in range(1000)]


def test_stamp_stays_in_the_millisecond_of_its_sample() -> None:
    for sequence in (0, 999_999, 10**12 + 7):
        assert influx_lines.stamp(sample(sequence, NOON + 999)) // 1_000_000 == NOON // 1000


@pytest.mark.parametrize("name", ["", "a\\", "a\nanmin_reading,device=b value=1 1", "a\tb"])
def test_a_name_that_the_protocol_loses_has_no_line(name: str) -> None:
    assert not influx_lines.line(sample(1, device=name))
    assert not influx_lines.line(sample(1, quantity=name))


def test_names_are_escaped() -> None:
    line = influx_lines.line(sample(1, device='a b,c="d"'))
    assert line.startswith('anmin_reading,device=a\\ b\\,c\\="d",quantity=temperature_c at=')


@pytest.mark.parametrize(
    ("name", "literal"), [("a", "'a'"), ("o'c", "'o\\'c'"), ("a\\", "'a\\\\'"), ("\\'", "'\\\\\\''")]
)
def test_quotes_and_backslashes_stay_inside(name: str, literal: str) -> None:
    assert influx_lines.quoted(name) == literal


def test_control_characters_are_asked_for_by_nobody() -> None:
    with pytest.raises(ValueError, match="control"):
        influx_lines.quoted("a\nb")


def test_questions_say_range_order_and_limit() -> None:
    asked = Range("d", "q", NOON + 1, NOON + 2)
    assert influx_lines.select(asked, influx_lines.before(asked), 10) == (
        "SELECT value, trust, sequence, at FROM anmin_reading WHERE device = 'd' AND quantity = 'q' "
        f"AND time > {NOON * 1000 - 1} AND time < {NOON * 1000 + 1_000_000} ORDER BY time ASC LIMIT 10"
    )
    assert "GROUP BY time(3600000000u, 1800000000u) fill(none)" in influx_lines.select_buckets(
        asked, Step(HOUR, 30 * MINUTE)
    )


def test_rows_with_an_error_raise_it() -> None:
    with pytest.raises(ValueError, match="no such database"):
        list(influx_lines.rows({"results": [{"statement_id": 0, "error": "no such database"}]}))
    with pytest.raises(ValueError, match="bad"):
        list(influx_lines.rows({"error": "bad"}))
    assert list(influx_lines.rows({"results": [{"statement_id": 0}]})) == []


def test_samples_are_cut_to_the_exact_range_and_ordered() -> None:
    rows = [{"at": NOON + n, "value": 1, "trust": 0, "sequence": 9 - n} for n in (2, 1, 0, 3)]
    asked = Range(around().device_id, around().quantity, NOON + 1, NOON + 3)
    assert [one.at - NOON for one in influx_lines.samples(asked, rows)] == [1, 2]
