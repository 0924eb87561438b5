from __future__ import annotations

from alerts.channels.gate import is_drill, is_live, one_line
from tests.support.broadcast import drill_send, send


def test_live_and_drill_are_told_apart() -> None:
    assert (is_live(send()), is_drill(send())) == (True, False)
    assert (is_live(drill_send()), is_drill(drill_send())) == (False, True)
    assert (is_live(None), is_drill(None)) == (False, False)


def test_what_a_far_end_said_becomes_one_printable_line() -> None:
    assert one_line("a\r\nb\x1b[31m\u202ec\x00") == "a b [31m c"
    assert one_line(ValueError("x\ny")) == "x y"
    assert len(one_line("x" * 5000)) == 200
