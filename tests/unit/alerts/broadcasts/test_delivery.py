from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from alerts.broadcasts.delivery import BASE, CAP_ROUTINE, CAP_URGENT, State, backoff
from devices.instant import HOUR, SECOND

ALMOST_ONE = 1 - 2**-53


def test_waits_double_from_one_second() -> None:
    longest = [backoff(attempt, True, ALMOST_ONE) for attempt in range(5)]
    assert longest == [1 * SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, 16 * SECOND]


def test_urgent_sends_wait_no_longer_than_30_s() -> None:
    assert [backoff(attempt, True, ALMOST_ONE) for attempt in (5, 6, 1000)] == [30 * SECOND] * 3


def test_routine_sends_wait_no_longer_than_an_hour() -> None:
    assert backoff(11, False, ALMOST_ONE) == 2048 * SECOND
    assert [backoff(attempt, False, ALMOST_ONE) for attempt in (12, 1000)] == [HOUR] * 2


def test_chance_picks_from_the_whole_span() -> None:
    assert backoff(3, True, 0.0) == 0
    assert backoff(3, True, 0.5) == 4 * SECOND


@given(st.integers(0, 10_000), st.booleans(), st.floats(0, 1, exclude_max=True))
def test_wait_is_never_negative_and_never_over_its_cap(attempt: int, urgent: bool, chance: float) -> None:
    wait = backoff(attempt, urgent, chance)
    assert 0 <= wait <= (CAP_URGENT if urgent else CAP_ROUTINE)
    assert wait <= BASE * 2**attempt


def test_final_states_are_those_after_which_nothing_comes() -> None:
    final = {state for state in State if state.is_final}
    assert final == {State.SEEN, State.FAILED, State.EXPIRED, State.SUPERSEDED}


def test_nothing_on_its_way_or_given_up_counts_as_reached() -> None:
    reached = {state for state in State if state.reached}
    assert reached == {State.HANDED_OFF, State.DELIVERED, State.SEEN}
