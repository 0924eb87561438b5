"""A voice that nobody answers."""

from __future__ import annotations

from simulator.voice import Quiet, Said


def test_a_quiet_voice_says_nothing_of_itself_and_keeps_nothing() -> None:
    one = Quiet()
    assert (one.online(1), one.offline(1), one.hear("t", b"", 1), one.again(1)) == ((), (), (), ())
    assert one.late(Said("t", b"")) is None
    assert (one.testing, one.warming) == (False, False)
