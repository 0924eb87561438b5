"""Logs without phone numbers and secrets; metrics that the documentation knows."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from anmin.telemetry import LOG_NAME, METRICS, Metric, Metrics, UnknownMetric, configure, masked

DOCS = Path(__file__).parents[3] / "docs" / "reference" / "metrics.md"
LABELS = {
    "version",
    "source",
    "result",
    "lane",
    "kind",
    "rule",
    "drill",
    "level",
    "channel",
    "queue",
    "state",
    "store",
}


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def _quiet_again() -> Iterator[None]:
    yield
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        if getattr(handler, "anmin", False):
            root.removeHandler(handler)
            handler.close()
    structlog.reset_defaults()


def logged(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("13812345678", "***78"),
        ("call +86 138 1234 5678 now", "call ***78 now"),
        ("+8613812345678", "***78"),
        ("+441632960961", "***61"),
        ("010-87654321", "***21"),
        ("tel:13812345678.", "tel:***78."),
        ("01J13812345678ABCDEF", "01J13812345678ABCDEF"),
        ("2026-11-23T03:00:00.250Z", "2026-11-23T03:00:00.250Z"),
        ("1763870400000000", "1763870400000000"),
        ("192.168.100.200", "192.168.100.200"),
        ("smoke-b1-1201", "smoke-b1-1201"),
    ],
)
def test_phone_numbers_are_masked_and_nothing_else(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_off_a_terminal_each_line_is_json_with_time_level_and_name() -> None:
    out = io.StringIO()
    configure(stream=out)
    structlog.get_logger("anmin.web").info("send.done", incident="inc_1", count=3)
    (line,) = logged(out)
    assert {key: line[key] for key in ("event", "logger", "level", "incident", "count")} == {
        "event": "send.done",
        "logger": "anmin.web",
        "level": "info",
        "incident": "inc_1",
        "count": 3,
    }
    assert line["timestamp"].endswith("Z")


def test_on_a_terminal_lines_are_for_people() -> None:
    out = Terminal()
    configure(stream=out, colours=False)
    structlog.get_logger("anmin.web").info("send.done", incident="inc_1")
    assert "send.done" in out.getvalue()
    assert "incident=inc_1" in out.getvalue()
    assert not out.getvalue().startswith("{")
    forced = Terminal()
    configure(form="json", stream=forced)
    structlog.get_logger("anmin.web").info("send.done")
    assert logged(forced)[0]["event"] == "send.done"


def test_no_phone_number_or_secret_is_written_wherever_it_hides() -> None:
    out = io.StringIO()
    configure(stream=out)
    log = structlog.get_logger("anmin.x")
    log.info("to 13812345678", nested={"a": [("13912345678",)], "api_token": "canary"}, password="canary")
    try:
        raise ValueError("no such number 13712345678")
    except ValueError:
        log.exception("failed")
    logging.getLogger("paho").warning("to %s", "13612345678")
    text = out.getvalue()
    assert len(logged(out)) == 3
    assert "canary" not in text
    for number in ("13812345678", "13912345678", "13712345678", "13612345678"):
        assert number not in text


def test_levels_hold_for_us_and_others_speak_from_warning_up() -> None:
    out = io.StringIO()
    configure("warning", stream=out)
    structlog.get_logger("anmin.x").info("quiet")
    structlog.get_logger("anmin.x").warning("loud")
    logging.getLogger("asyncio").info("quiet")
    assert [line["event"] for line in logged(out)] == ["loud"]
    configure("debug", stream=(second := io.StringIO()))
    structlog.get_logger("anmin.x").debug("whisper")
    logging.getLogger("asyncio").info("quiet")
    assert [line["event"] for line in logged(second)] == ["whisper"]


def test_a_second_call_replaces_the_first() -> None:
    first, second = io.StringIO(), io.StringIO()
    configure(stream=first)
    configure(stream=second)
    structlog.get_logger("anmin.x").info("once")
    assert first.getvalue() == ""
    assert len(logged(second)) == 1


def test_the_log_file_is_json_rotated_and_private(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    configure(folder=folder, file_mib=1, files=2, stream=Terminal())
    log = structlog.get_logger("anmin.x")
    for number in range(40):
        log.info("filler", number=number, text="x" * 100_000)
    assert sorted(path.name for path in folder.iterdir()) == [LOG_NAME, f"{LOG_NAME}.1", f"{LOG_NAME}.2"]
    assert all(path.stat().st_size <= 1024 * 1024 for path in folder.iterdir())
    assert json.loads((folder / LOG_NAME).read_text().splitlines()[-1])["number"] == 39
    assert (folder / LOG_NAME).stat().st_mode & 0o077 == 0
    assert folder.stat().st_mode & 0o077 == 0


def test_every_metric_is_documented_and_no_other() -> None:
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `anmin_")]
    written = {row.split("|")[1].strip(" `"): [cell.strip() for cell in row.split("|")[2:5]] for row in rows}
    expected = {
        f"anmin_{metric.name}": [
            metric.kind,
            ", ".join(f"`{label}`" for label in metric.labels),
            metric.help,
        ]
        for metric in METRICS
    }
    assert written == expected


def test_labels_never_name_a_person_a_household_or_a_device() -> None:
    assert {label for metric in METRICS for label in metric.labels} <= LABELS


def test_metrics_are_counted_set_and_observed() -> None:
    metrics = Metrics()
    metrics.count("ingest_messages_total", source="mqtt", result="reading")
    metrics.count("log_refused_total", 2)
    metrics.set("devices", 3, state="silent")
    metrics.observe("notification_latency_seconds", 0.2, channel="webhook")
    text = metrics.text().decode()
    assert 'anmin_ingest_messages_total{result="reading",source="mqtt"} 1.0' in text
    assert "anmin_log_refused_total 2.0" in text
    assert 'anmin_devices{state="silent"} 3.0' in text
    assert 'anmin_notification_latency_seconds_bucket{channel="webhook",le="0.5"} 1.0' in text
    metrics.clear("devices")
    assert 'anmin_devices{state="silent"}' not in metrics.text().decode()


def test_two_tables_share_nothing() -> None:
    one, two = Metrics(), Metrics()
    one.count("log_refused_total")
    assert "anmin_log_refused_total 0.0" in two.text().decode()


def test_a_metric_that_is_not_in_the_table_is_a_bug() -> None:
    with pytest.raises(UnknownMetric):
        Metrics().count("no_such_total")
    with pytest.raises(UnknownMetric):
        Metrics().set("log_refused_total", 1)
    with pytest.raises(UnknownMetric):
        Metrics([Metric("a", "gauge", "x."), Metric("a", "gauge", "x.")])
    with pytest.raises(ValueError, match="label"):
        Metrics().set("devices", 1, household="x")
