"""The board's order, its counts, and what makes it new."""

from __future__ import annotations

from dataclasses import replace

from alerts.incidents.state import Ack
from anmin.view import Health, View
from anmin.web.board import LATE_FOR, STALE_FOR, board, digest, freshness
from anmin.web.wording import Wording
from devices.instant import HOUR, MINUTE
from devices.level import Level
from tests.support.web_view import CLOSED, FIRE, FLOOD, HOME, NOW, fire, inventory, view, with_incident

ZH = Wording("zh", inventory(), 8 * HOUR)


def order(shown: View) -> list[str]:
    return [row.id for row in board(shown, ZH).open]


def put(shown: View, name: str, level: Level, minutes_ago: int, by: str | None = None) -> None:
    ack = Ack(by, level, NOW, NOW + MINUTE) if by else None
    seen = with_incident(fire(), id=name, peak=level, opened_at=NOW - minutes_ago * MINUTE, ack=ack)
    shown.incidents[name] = seen


def test_rows_are_sorted_unacknowledged_then_level_then_age() -> None:
    shown = View(inventory())
    put(shown, "taken-old", Level.CRITICAL, 30, "wang")
    put(shown, "taken-new", Level.CRITICAL, 3, "wang")
    put(shown, "notice", Level.NOTICE, 60)
    put(shown, "alarm-new", Level.ALARM, 1)
    put(shown, "alarm-old", Level.ALARM, 9)
    assert order(shown) == ["alarm-old", "alarm-new", "notice", "taken-new", "taken-old"]


def test_a_row_says_what_where_since_when_and_who() -> None:
    row = board(view(), ZH).open[0]
    assert row.id == FIRE
    assert row.level is Level.CRITICAL
    assert row.place == "3号楼2单元12层1203"
    assert row.facts == ("烟雾报警", "烟雾浓度 0.31 dB/m")
    assert row.households == 4
    assert row.unacknowledged
    assert board(view(), ZH).open[1].owner == "王芳"


def test_closed_incidents_are_apart_newest_first_and_few() -> None:
    shown = view()
    assert [row.id for row in board(shown, ZH).closed] == [CLOSED]
    for n in range(30):
        old = shown.incidents[CLOSED]
        stages = tuple((stage, at - n * MINUTE) for stage, at in old.incident.stages)
        shown.incidents[f"old{n}"] = with_incident(old, id=f"old{n}", stages=stages)
    closed = board(shown, ZH).closed
    assert len(closed) == 10
    assert [row.ended_at for row in closed] == sorted((row.ended_at or 0 for row in closed), reverse=True)


def test_devices_that_nobody_heard_count_as_unknown_and_never_as_heard() -> None:
    counts = board(view(), ZH).counts
    assert (counts.heard, counts.silent, counts.unknown, counts.devices) == (2, 1, 1, 4)
    assert (counts.open, counts.unacknowledged, counts.inbox) == (2, 1, 1)


def test_the_digest_changes_with_what_is_shown_and_not_with_a_reading() -> None:
    shown = view()
    before = digest(shown)
    shown.devices["smoke-1203"] = replace(shown.devices["smoke-1203"], heard_at=NOW + 1)
    shown.revision += 1
    assert digest(shown) == before
    seen = shown.incidents[FLOOD]
    shown.incidents[FLOOD] = replace(seen, timeline=(*seen.timeline, *seen.timeline))
    after = digest(shown)
    assert after != before
    shown.health = (Health("broker", False, ""),)
    assert digest(shown) != after


def test_old_data_is_late_then_stale() -> None:
    shown = view()
    assert freshness(shown, NOW + LATE_FOR) == "fresh"
    assert freshness(shown, NOW + LATE_FOR + 1) == "late"
    assert freshness(shown, NOW + STALE_FOR + 1) == "stale"


def test_a_drill_is_said_to_be_running_only_while_it_is_open() -> None:
    shown = view()
    assert not board(shown, ZH).drill
    shown.incidents[FIRE] = with_incident(fire(), drill=True, place_id=HOME)
    assert board(shown, ZH).drill
