"""A backtest's report as one JSON object; docs/howto/backtest.md says what each name means."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median
from typing import Any

from anmin.backtest.compare import Alert, Compared, Pair
from anmin.backtest.run import Report
from anmin.backtest.score import Event, FalseAlarm, Scored
from anmin.backtest.side import Happened, Outcome
from devices.instant import SECOND, Instant, rfc3339
from rules.verdict import Transition


def body(report: Report) -> dict[str, Any]:
    """Times are RFC 3339 in UTC, lengths of time seconds, levels words."""
    return {
        "community": report.community,
        "readings": report.readings,
        "devices": report.devices,
        "from": _time(report.first),
        "to": _time(report.last),
        "rules": _outcome(report.a),
        "against": _outcome(report.b) if report.b is not None else None,
        "difference": _compared(report.compared) if report.compared is not None else None,
        "notes": [{"zh": zh, "en": en} for zh, en in report.notes],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    return {
        "version": outcome.rules_version,
        "rules": outcome.rules,
        "alerts": outcome.alerts,
        "transitions_in_all": outcome.transitions_in_all,
        "transitions": [_transition(one) for one in outcome.transitions],
        "incidents_in_all": outcome.incidents_in_all,
        "incidents": [_incident(one) for one in outcome.incidents],
        "truth": _scored(outcome.scored) if outcome.scored is not None else None,
    }


def _transition(edge: Transition) -> dict[str, Any]:
    return {
        "at": rfc3339(edge.at),
        "rule": edge.rule_id,
        "hazard": edge.hazard.value,
        "of": edge.subject,
        "place": edge.place_id,
        "before": edge.before.word,
        "after": edge.after.word,
        "drill": edge.test,
    }


def _incident(one: Happened) -> dict[str, Any]:
    return {
        "id": one.id,
        "opened": rfc3339(one.opened_at),
        "hazard": one.hazard.value,
        "place": one.place_id,
        "rule": one.rule_id,
        "of": one.subject,
        "level": one.level.word,
        "cleared": _time(one.cleared_at),
        "closed": _time(one.closed_at),
        "drill": one.drill,
    }


def _scored(scored: Scored) -> dict[str, Any]:
    delays = scored.delays_s()
    return {
        "events_in_all": len(scored.events),
        "detected": scored.detected,
        "missed": scored.missed,
        "not_covered": scored.uncovered,
        "delay_median_s": median(delays) if delays else None,
        "delay_most_s": delays[-1] if delays else None,
        "events": [_event(one) for one in scored.events],
        "device_days": round(scored.device_days, 3),
        "false_alerts": scored.false_alerts,
        "false_alerts_per_1000_device_days": scored.per_1000_device_days(scored.false_alerts),
        "false_incidents": scored.false_incidents,
        "false_incidents_per_1000_device_days": scored.per_1000_device_days(scored.false_incidents),
        "false": [_false(one) for one in scored.shown],
    }


def _event(one: Event) -> dict[str, Any]:
    return {
        "start": rfc3339(one.truth.start),
        "end": rfc3339(one.truth.end),
        "place": one.truth.place_id,
        "hazard": one.truth.hazard.value,
        "covered": one.covered,
        "missed": one.missed,
        "delay_s": one.delay_s,
        "delays_s": one.delays_s,
        "raises": one.raises,
        "incidents": one.incidents,
    }


def _false(one: FalseAlarm) -> dict[str, Any]:
    return {
        "at": rfc3339(one.at),
        "what": one.what,
        "hazard": one.hazard.value,
        "place": one.place_id,
        "of": one.of,
        "level": one.level.word,
    }


def _compared(found: Compared) -> dict[str, Any]:
    return {
        "both": found.both,
        "only_rules_in_all": found.only_a_in_all,
        "only_against_in_all": found.only_b_in_all,
        "rules_sooner": found.a_sooner,
        "against_sooner": found.b_sooner,
        "only_rules": _alerts(found.only_a),
        "only_against": _alerts(found.only_b),
        "apart": [_pair(one) for one in found.apart],
    }


def _alerts(found: Iterable[Alert]) -> list[dict[str, Any]]:
    return [_alert(one) for one in found]


def _alert(one: Alert) -> dict[str, Any]:
    return {
        "at": rfc3339(one.at),
        "rule": one.rule_id,
        "hazard": one.hazard.value,
        "of": one.subject,
        "place": one.place_id,
        "level": one.level.word,
    }


def _pair(one: Pair) -> dict[str, Any]:
    return {"rules": _alert(one.a), "against": _alert(one.b), "against_later_s": one.b_later / SECOND}


def _time(at: Instant | None) -> str | None:
    return None if at is None else rfc3339(at)
