"""One UTC day of history in one SQLite file: samples and their minute and hour envelopes, written together.

All tables are clustered by time slot first, then by series. So what is written together lies together (a
batch touches a few pages, not one page per device), and one series is read with one seek per minute or hour.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

from anmin.history.sample import Range, Sample, Step
from devices.instant import HOUR, MINUTE, Instant, Micros

FORMAT = 1
_PRAGMAS = ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL", "temp_store=MEMORY")
_ENVELOPE = (
    "slot INTEGER NOT NULL, series INTEGER NOT NULL, count INTEGER NOT NULL, low REAL NOT NULL, "
    "high REAL NOT NULL, total REAL NOT NULL, PRIMARY KEY (slot, series)"
)
_SCHEMA = f"""
BEGIN;
CREATE TABLE series (
  id INTEGER PRIMARY KEY, device_id TEXT NOT NULL, quantity TEXT NOT NULL, UNIQUE (device_id, quantity)
);
CREATE TABLE sample (
  slot INTEGER NOT NULL, series INTEGER NOT NULL, within INTEGER NOT NULL, sequence INTEGER NOT NULL,
  value REAL, trust INTEGER NOT NULL, PRIMARY KEY (slot, series, within, sequence)
) WITHOUT ROWID;
CREATE TABLE minute ({_ENVELOPE}) WITHOUT ROWID;
CREATE TABLE hour ({_ENVELOPE}) WITHOUT ROWID;
PRAGMA user_version = {FORMAT};
COMMIT;
"""
_FRESH = """
CREATE TEMP TABLE fresh (
  slot INTEGER, series INTEGER, within INTEGER, sequence INTEGER, value REAL, trust INTEGER,
  PRIMARY KEY (slot, series, within, sequence)
) WITHOUT ROWID
"""
_TAKE = "INSERT OR IGNORE INTO fresh VALUES (?, ?, ?, ?, ?, ?)"
_KNOWN = (
    "DELETE FROM fresh WHERE EXISTS (SELECT 1 FROM main.sample s WHERE s.slot = fresh.slot "
    "AND s.series = fresh.series AND s.within = fresh.within AND s.sequence = fresh.sequence)"
)
_KEEP = "INSERT INTO main.sample SELECT * FROM fresh"
_WIDEN = (
    "INSERT INTO main.{table} SELECT {slot}, series, count(value), min(value), max(value), total(value) "
    "FROM fresh WHERE value IS NOT NULL GROUP BY {slot}, series "
    "ON CONFLICT (slot, series) DO UPDATE SET count = count + excluded.count, low = min(low, excluded.low), "
    "high = max(high, excluded.high), total = total + excluded.total"
)
_SLOTS = "WITH RECURSIVE want(slot) AS (SELECT ?1 UNION ALL SELECT slot + 1 FROM want WHERE slot < ?2) "
_READ = (
    _SLOTS + "SELECT s.slot * 60000000 + s.within AS at, s.value, s.trust, s.sequence "
    "FROM want CROSS JOIN sample s ON s.slot = want.slot AND s.series = ?3 "
    "ORDER BY s.slot, s.within, s.sequence"
)
_SUM = (
    _SLOTS + "SELECT (e.slot * ?4 - (e.slot * ?4 + ?6) % ?5) AS start, "
    "min(low), max(high), total(total), sum(count) "
    "FROM want CROSS JOIN {table} e ON e.slot = want.slot AND e.series = ?3 GROUP BY start"
)


class FormatUnknown(sqlite3.DatabaseError):
    """A later version wrote this file."""


class DayFile:
    """Used on one thread. Everything raises sqlite3.Error."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._link = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._prepare()
        except BaseException:
            self._link.close()
            raise
        found = self._link.execute("SELECT device_id, quantity, id FROM series")
        self._series: dict[tuple[str, str], int] = {(device, name): number for device, name, number in found}

    def _prepare(self) -> None:
        for pragma in _PRAGMAS:
            self._link.execute(f"PRAGMA {pragma}")
        (version,) = self._link.execute("PRAGMA user_version").fetchone()
        if version not in (0, FORMAT):
            raise FormatUnknown(f"{self.path} has format {version}, this version reads {FORMAT}")
        if version != FORMAT:
            self._link.executescript(_SCHEMA)
        self._link.execute(_FRESH)

    def write(self, samples: Sequence[Sample]) -> None:
        """One transaction; what is there already counts nothing twice."""
        link, known = self._link, len(self._series)
        link.execute("BEGIN IMMEDIATE")
        try:
            link.executemany(_TAKE, [self._row(sample) for sample in samples])
            link.execute(_KNOWN)
            link.execute(_WIDEN.format(table="minute", slot="slot"))
            link.execute(_WIDEN.format(table="hour", slot="slot / 60"))
            link.execute(_KEEP)
            link.execute("DELETE FROM fresh")
            link.execute("COMMIT")
        except BaseException:
            for key in list(self._series)[known:]:
                del self._series[key]
            if link.in_transaction:
                link.execute("ROLLBACK")
            raise

    def _row(self, one: Sample) -> tuple[int, int, int, int, float | None, int]:
        slot, within = divmod(one.at, MINUTE)
        series = self._series.get(one[:2])
        if series is None:
            series = self._new_series(one.device_id, one.quantity)
        return slot, series, within, one.sequence, one.value, one.trust

    def _new_series(self, device_id: str, quantity: str) -> int:
        added = self._link.execute(
            "INSERT INTO series (device_id, quantity) VALUES (?, ?)", (device_id, quantity)
        )
        assert added.lastrowid is not None
        self._series[device_id, quantity] = added.lastrowid
        return added.lastrowid

    def read(self, asked: Range) -> list[Sample]:
        """By (at, sequence); the range lies within this file's day."""
        series = self._series.get((asked.device_id, asked.quantity))
        if series is None:
            return []
        rows = self._link.execute(_READ, (*_slots(asked, MINUTE), series))
        return [
            Sample(asked.device_id, asked.quantity, at, value, trust, sequence)
            for at, value, trust, sequence in rows
            if asked.since <= at < asked.until
        ]

    def summary(self, asked: Range, step: Step) -> list[tuple[Instant, float, float, float, int]]:
        """(start, min, max, sum, count) of each step with a value; the step is whole minutes."""
        series = self._series.get((asked.device_id, asked.quantity))
        if series is None:
            return []
        table, unit = ("hour", HOUR) if step.of_hours else ("minute", MINUTE)
        values = (*_slots(asked, unit), series, unit, step.length_for, step.offset_for)
        return self._link.execute(_SUM.format(table=table), values).fetchall()

    def close(self) -> None:
        self._link.close()


def _slots(asked: Range, unit: Micros) -> tuple[int, int]:
    return asked.since // unit, (asked.until - 1) // unit
