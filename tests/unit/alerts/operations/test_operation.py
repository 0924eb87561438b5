"""How a command ends."""

from __future__ import annotations

from alerts.broadcasts.delivery import State
from alerts.operations.operation import ENDS, Progress


def test_only_what_is_final_for_a_device_ends_a_command() -> None:
    assert {state for state in State if state in ENDS} == {
        State.DELIVERED,
        State.FAILED,
        State.EXPIRED,
        State.SUPERSEDED,
    }
    assert set(ENDS.values()) == set(Progress) - {Progress.ASKED}
