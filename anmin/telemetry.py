"""What the process says about itself: logs with nobody's phone number in them, and metrics in one table."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Literal, NamedTuple, TextIO, TypeAlias

import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics import MetricWrapperBase

MIB = 1024 * 1024
LOG_NAME = "anmin.log"

Event: TypeAlias = MutableMapping[str, Any]

_PHONE = re.compile(
    r"(?<![\w.])"
    r"(?:\+\d{1,3}[ -]?\d{2,4}(?:[ -]?\d{3,4}){2}|\+\d{8,15}|1[3-9]\d{9}|0\d{2,3}-?\d{7,8})"
    r"(?!\w|\.\w)"
)
_SECRET = re.compile(r"password|passwd|secret|token|authorization|cookie|signature", re.IGNORECASE)


# Logs


def masked(text: str) -> str:
    """Phone numbers keep their last two digits."""
    return _PHONE.sub(lambda found: "***" + found[0][-2:], text)


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, Mapping):
        return {key: _mask_entry(str(key), inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_mask(inner) for inner in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return masked(str(value))


def _mask_entry(key: str, value: Any) -> Any:
    return "***" if value and _SECRET.search(key) else _mask(value)


def mask(_logger: Any, _method: str, event: Event) -> Event:
    """The processor: no phone number and no secret goes on, wherever in the event it is."""
    inner = {key: value for key, value in event.items() if not key.startswith("_")}
    event.update({key: _mask_entry(key, value) for key, value in inner.items()})
    return event


_BEFORE: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    mask,
)


def _formatter(human: bool, colours: bool) -> logging.Formatter:
    renderer: Any = (
        structlog.dev.ConsoleRenderer(colors=colours)
        if human
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_BEFORE,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
    )


def configure(
    level: str = "info",
    form: Literal["auto", "json", "human"] = "auto",
    folder: Path | None = None,
    *,
    file_mib: int = 10,
    files: int = 5,
    stream: TextIO | None = None,
    colours: bool = True,
) -> tuple[logging.Handler, ...]:
    """Set up all logging of the process; called once, again only in tests.

    To `stream` (standard error): human on a terminal and JSON elsewhere. To `folder/anmin.log`: JSON, rotated
    by size, readable by its owner. Other libraries speak from WARNING up. Raises OSError when the folder
    cannot be written.
    """
    out = stream or sys.stderr
    human = form == "human" or (form == "auto" and out.isatty())
    handlers: list[logging.Handler] = [logging.StreamHandler(out)]
    handlers[0].setFormatter(_formatter(human, colours and out.isatty()))
    if folder is not None:
        handlers.append(_file(folder, file_mib, files))
    _install(handlers, level)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_BEFORE,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    return tuple(handlers)


def _install(handlers: Iterable[logging.Handler], level: str) -> None:
    """Replace what an earlier call put in place, and leave what others did."""
    root = logging.getLogger()
    for old in tuple(root.handlers):
        if getattr(old, "anmin", False):
            root.removeHandler(old)
            old.close()
    for handler in handlers:
        handler.anmin = True  # type: ignore[attr-defined] # so that a second call replaces only our own
        root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger("anmin").setLevel(level.upper())
    logging.raiseExceptions = False  # a full disk must not stop the process through its log


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Also after a rotation only its owner can read it."""

    def _open(self) -> TextIOWrapper:
        def private(path: str, flags: int) -> int:
            return os.open(path, flags, 0o600)

        file = open(self.baseFilename, self.mode, encoding=self.encoding, opener=private)  # noqa: SIM115 # closed by the handler
        assert isinstance(file, TextIOWrapper)
        return file


def _file(folder: Path, file_mib: int, files: int) -> logging.Handler:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _PrivateFile(folder / LOG_NAME, maxBytes=file_mib * MIB, backupCount=files, encoding="utf-8")
    handler.setFormatter(_formatter(human=False, colours=False))
    return handler


# Metrics

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]


class Metric(NamedTuple):
    """`name` without the prefix `anmin_`; labels never name a household, a person or a device."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()


_FAST = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
_SLOW = (0.01, 0.05, 0.1, 0.5, 1, 2, 5, 10, 30, 60, 300)

METRICS: tuple[Metric, ...] = (
    Metric("build_info", "gauge", "1, with the version that runs.", ("version",)),
    Metric(
        "ingest_messages_total",
        "counter",
        "Messages by source and what became of them: reading, ignored, or why they were rejected.",
        ("source", "result"),
    ),
    Metric(
        "ingest_shed_total",
        "counter",
        "Values not taken, and why: a device over its budget, more strangers than the inbox holds.",
        ("result",),
    ),
    Metric(
        "ingest_lag_seconds", "histogram", "From receiving a message to its effects committed.", (), _FAST
    ),
    Metric("broker_connected", "gauge", "1 while the lane is connected to the broker.", ("lane",)),
    Metric("log_records_total", "counter", "Records written to the log, by kind.", ("kind",)),
    Metric("log_refused_total", "counter", "Telemetry that was refused because the disk was full."),
    Metric("rule_fires_total", "counter", "Edges to pre-alarm or above, by rule.", ("rule", "drill")),
    Metric("incidents_open", "gauge", "Open incidents by level.", ("level", "drill")),
    Metric("notifications_total", "counter", "Sends by channel and outcome.", ("channel", "result")),
    Metric(
        "notification_latency_seconds",
        "histogram",
        "From planning a send to its hand-off, by channel.",
        ("channel",),
        _SLOW,
    ),
    Metric("outbox_oldest_seconds", "gauge", "Age of the oldest send that still waits; 0 when none does."),
    Metric("queue_depth", "gauge", "Entries that wait in a queue inside the process.", ("queue",)),
    Metric("history_lost_readings", "gauge", "Readings missing in the history: no room while it was away."),
    Metric("history_refused_readings", "gauge", "Readings that the history will never take; kept aside."),
    Metric("devices", "gauge", "Devices by liveness: heard, late, silent, unknown.", ("state",)),
    Metric("devices_inbox", "gauge", "Addresses that speak and are not registered."),
    Metric("coverage_points", "gauge", "Points by what is proved of them: all, good, heard ...", ("state",)),
    Metric("troubles", "gauge", "Troubles of devices that stand, by kind.", ("kind",)),
    Metric("live_clients", "gauge", "Pages that are connected for live news."),
    Metric("event_loop_lag_seconds", "gauge", "How late the event loop was at its last check."),
    Metric("db_size_bytes", "gauge", "Bytes on disk, by store: log, ledger.", ("store",)),
    Metric("disk_free_bytes", "gauge", "Free space where the data directory is."),
    Metric("drill_active", "gauge", "1 while an incident of a drill is open."),
)
"""Every metric, once. docs/reference/metrics.md is held to this table by a test."""

_CLASSES: Mapping[Kind, type[MetricWrapperBase]] = {
    "counter": Counter,
    "gauge": Gauge,
    "histogram": Histogram,
}


class UnknownMetric(LookupError):
    """A metric that the table does not hold, or holds as another kind: a bug."""


class Metrics:
    """The table, filled. Each has its own registry, so that tests do not share one."""

    def __init__(self, table: Iterable[Metric] = METRICS) -> None:
        self.registry = CollectorRegistry()
        self._known: dict[str, MetricWrapperBase] = {}
        for metric in table:
            if metric.name in self._known:
                raise UnknownMetric(f"{metric.name} is in the table twice")
            extra: dict[str, Any] = {"buckets": metric.buckets} if metric.buckets else {}
            self._known[metric.name] = _CLASSES[metric.kind](
                f"anmin_{metric.name}", metric.help, metric.labels, registry=self.registry, **extra
            )

    def count(self, name: str, by: float = 1, **labels: str) -> None:
        self._find(name, Counter, labels).inc(by)

    def set(self, name: str, value: float, **labels: str) -> None:
        self._find(name, Gauge, labels).set(value)

    def observe(self, name: str, value: float, **labels: str) -> None:
        """`value` in the metric's unit, seconds for all histograms here."""
        self._find(name, Histogram, labels).observe(value)

    def clear(self, name: str) -> None:
        """Forget all labelled values of a gauge before it is filled anew."""
        self._find(name, Gauge, {}).clear()

    def text(self) -> bytes:
        """The exposition format for `/metrics`."""
        return generate_latest(self.registry)

    def _find(self, name: str, kind: type[MetricWrapperBase], labels: Mapping[str, str]) -> Any:
        metric = self._known.get(name)
        if not isinstance(metric, kind):
            raise UnknownMetric(f"no {kind.__name__.lower()} {name!r} in the table of metrics")
        return metric.labels(**labels) if labels else metric
