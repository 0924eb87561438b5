"""Messages go to the log with the receipt that is given once they are durable."""

from __future__ import annotations

from anmin.intake import Intake
from ingest.message import Lane, RawMessage, RecordKind
from ingest.ports import Entry, Incoming, Receipt


class Log:
    def __init__(self, takes: bool) -> None:
        self.takes = takes
        self.posted: list[tuple[Entry, Lane, Receipt | None]] = []

    def post(self, entry: Entry, lane: Lane, receipt: Receipt | None = None) -> bool:
        self.posted.append((entry, lane, receipt))
        return self.takes


def test_a_message_becomes_an_entry_with_all_its_marks_and_is_not_acknowledged_here() -> None:
    log, given = Log(True), []
    intake = Intake(log)
    message = RawMessage("x", "anmin/c/d/event", b"{}", 5, retain=True, dup=True, qos=1, queued=True)
    intake.door("mqtt-alarm", Lane.ALARM)(Incoming(message, lambda: given.append(1)))
    entry, lane, receipt = log.posted[0]
    assert entry == Entry(RecordKind.MESSAGE, "mqtt-alarm", "anmin/c/d/event", b"{}", True, True, True)
    assert lane is Lane.ALARM
    assert receipt is not None
    assert given == []
    assert intake.received == 1


def test_what_the_log_refuses_is_never_acknowledged() -> None:
    log, given = Log(False), []
    Intake(log).door("s", Lane.TELEMETRY)(Incoming(RawMessage("s", "t", b"", 0), lambda: given.append(1)))
    assert given == []
