"""ingest.dialects.sparkplug_session: one row of numbers, and when a rebirth is asked for."""

from __future__ import annotations

import pytest

from ingest.dialects.sparkplug_session import (
    AGAIN_ANSWERED,
    AGAIN_UNANSWERED,
    ASKS,
    Session,
    arrived,
    asked,
    may_ask,
    unread,
)

CALM = Session(1, next_seq=5, lost=False)
LOST = CALM._replace(lost=True)


@pytest.mark.parametrize(("due", "seq"), [(5, 5), (255, 255), (0, 0), (0, None)])
def test_number_that_was_due_is_no_gap(due: int, seq: int | None) -> None:
    after, gap = arrived(CALM._replace(next_seq=due), seq)
    assert (after.next_seq, after.lost, gap) == ((due + 1) % 256, False, False)


@pytest.mark.parametrize("seq", [4, 6, 0, None, 255])
def test_any_other_number_is_a_gap_and_counting_goes_on_from_it(seq: int | None) -> None:
    after, gap = arrived(CALM, seq)
    assert (after.next_seq, after.lost, gap) == (((seq or 0) + 1) % 256, True, True)


def test_first_number_of_a_node_is_no_gap() -> None:
    after, gap = arrived(Session(0), 77)
    assert (after.next_seq, gap) == (78, False)


def test_message_that_cannot_be_read_takes_a_number() -> None:
    assert unread(CALM._replace(next_seq=255)).next_seq == 0
    assert unread(Session(0)).next_seq is None


def test_nothing_is_asked_while_nothing_is_missing() -> None:
    assert not may_ask(CALM)
    assert may_ask(LOST)


def test_silent_node_is_asked_again_after_some_messages() -> None:
    once = asked(LOST)
    assert [may_ask(once._replace(since=n)) for n in (0, AGAIN_UNANSWERED - 1, AGAIN_UNANSWERED)] == [
        False,
        False,
        True,
    ]
    assert asked(once._replace(since=AGAIN_UNANSWERED)).asked == 1


def test_rebirths_that_do_not_help_are_asked_for_a_few_times_only() -> None:
    session = LOST
    for _ in range(ASKS):
        assert may_ask(session)
        session = asked(session)._replace(answered=True)
    assert not may_ask(session._replace(since=AGAIN_ANSWERED - 1))
    calm = session._replace(since=AGAIN_ANSWERED)
    assert may_ask(calm)
    assert asked(calm).asked == 1
