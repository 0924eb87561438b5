"""What became of a send: states move forward only."""

from __future__ import annotations

import pytest

from alerts.broadcasts.broadcast import Audience, LiveSend, Purpose, Recipient
from alerts.broadcasts.delivery import State
from alerts.broadcasts.reach import SendOutcome, Told, advance, told
from devices.instant import SECOND
from tests.support.community import T0

WHO = Recipient("duty-1", Audience.DUTY, "console", "duty")
SEND = LiveSend("k1", "inc_1", 1, Purpose.ALERT, WHO, "t", "x", "{}", T0, T0 + SECOND)


def outcome(state: State, key: str = "k1") -> SendOutcome:
    return SendOutcome("inc_1", key, "duty-1", "console", state)


def after(*states: State) -> Told:
    known = told(SEND)
    for state in states:
        known = advance(known, outcome(state), T0 + 1) or known
    return known


def test_a_planned_send_begins_queued() -> None:
    assert told(SEND).state is State.QUEUED


@pytest.mark.parametrize(
    "final", [State.HANDED_OFF, State.DELIVERED, State.SEEN, State.FAILED, State.EXPIRED]
)
def test_every_outcome_is_news_once(final: State) -> None:
    known = after(final)
    assert known.state is final
    assert advance(known, outcome(final), T0 + 2) is None


def test_a_receipt_that_overtakes_the_hand_off_stands() -> None:
    assert after(State.DELIVERED, State.HANDED_OFF).state is State.DELIVERED
    assert after(State.SEEN, State.DELIVERED).state is State.SEEN


def test_an_outcome_of_another_send_is_not_ours() -> None:
    assert advance(told(SEND), outcome(State.SEEN, "k2"), T0) is None
