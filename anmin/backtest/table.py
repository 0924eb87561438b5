"""Readings out of a CSV file as a stream: memory does not grow with the file, mistakes are told together.

Columns `at,device,quantity,value` in any order, others are passed over. After the first mistake nothing more
is yielded, but the rest of the file is still looked through.
"""

from __future__ import annotations

import csv
import heapq
from collections.abc import Iterator, Sequence
from math import isfinite
from pathlib import Path
from typing import Final, NamedTuple

from anmin.backtest.mistakes import Mistakes
from anmin.finding import meant
from devices.instant import SECOND, Instant, Micros, parse_rfc3339
from devices.inventory import Inventory
from devices.quantity import QUANTITIES, QuantityKind
from devices.reading import Reading, Trust

COLUMNS: Final = ("at", "device", "quantity", "value")
WINDOW: Final[Micros] = 60 * SECOND
"""How much later than a later line's time a line may come."""
_BOOLEANS: Final = {"true": 1.0, "false": 0.0}
_UNKNOWN: Final = frozenset({"", "unknown"})
"""The empty field is how our own export writes it."""
_NONE: Final = Trust.NONE
_NUMBERS: Final = frozenset(q.name for q in QUANTITIES.values() if q.kind is QuantityKind.NUMBER)


class Row(NamedTuple):
    """One line: its number from 1, the fields, and the text it was cut from."""

    line: int
    fields: Sequence[str]
    text: str

    def column(self, index: int) -> int:
        """Where a field begins, in characters from 1; exact where nothing is quoted."""
        return 1 + sum(len(field) + 1 for field in self.fields[:index])


class Progress:
    """How far a file was read, in bytes; for whoever shows it."""

    def __init__(self, whole: int) -> None:
        self.whole = whole
        self.done = 0

    @property
    def share(self) -> float:
        return min(self.done / self.whole, 1.0) if self.whole else 1.0


def rows(
    path: Path, needed: Sequence[str], mistakes: Mistakes, progress: Progress | None = None
) -> Iterator[Row]:
    """The lines below the heading, their fields in the order of `needed`. OSError for an unreadable file."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        heading = next(lines, "")
        if progress is not None:
            progress.done = len(heading)
        order = _order(_cut(heading), needed, mistakes)
        if order is None:
            return
        plain, width = order == list(range(len(order))), max(order) + 1
        for number, text in enumerate(lines, 2):
            if progress is not None:
                progress.done += len(text)
            fields = _cut(text)
            if len(fields) < width:
                if text.strip():
                    zh = f"这一行有 {len(fields)} 个字段，至少应有 {width} 个"
                    en = f"{len(fields)} fields, at least {width} are needed"
                    mistakes.add(number, 1, "fields", zh, en)
                continue
            yield Row(number, fields if plain else [fields[index] for index in order], text)


def _cut(text: str) -> list[str]:
    if '"' in text:
        return next(csv.reader([text]), [])
    return text.rstrip("\r\n").split(",")


def _order(heading: Sequence[str], needed: Sequence[str], mistakes: Mistakes) -> list[int] | None:
    names = [name.strip().lower() for name in heading]
    missing = [name for name in needed if name not in names]
    if missing:
        lacking, wanted = ", ".join(missing), ",".join(needed)
        zh = f"首行缺少列 {lacking}；首行应为 `{wanted}`"
        mistakes.add(1, 1, "heading", zh, f"the heading lacks {lacking}; it should read `{wanted}`")
        return None
    return [names.index(name) for name in needed]


def time_of(row: Row, index: int, mistakes: Mistakes) -> Instant | None:
    """A time with a zone, or a mistake."""
    text = row.fields[index].strip()
    try:
        return parse_rfc3339(text)
    except ValueError:
        zh = f"`{text[:40]}` 不是带时区的时间；写成 2026-11-23T03:10:00+08:00"
        en = f"`{text[:40]}` is no time with a zone; write 2026-11-23T03:10:00+08:00"
        mistakes.add(row.line, row.column(index), "time", zh, en)
        return None


class Table:
    """The readings of one file against one inventory; iterate once. Raises InputInvalid at its end."""

    def __init__(
        self, path: Path, inventory: Inventory, since: Instant | None = None, until: Instant | None = None
    ) -> None:
        self.progress = Progress(path.stat().st_size)
        self.mistakes = Mistakes(path.name)
        self._path = path
        self._devices = inventory.devices
        self._since = since
        self._until = until
        self._pairs: dict[tuple[str, str], tuple[str, str] | None] = {}

    def __iter__(self) -> Iterator[Reading]:
        waiting: list[tuple[Instant, int, Reading]] = []
        newest = 0
        since, until, mistakes = self._since, self._until, self.mistakes
        for at, line, reading in self._read():
            if mistakes or (since is not None and at < since) or (until is not None and at >= until):
                continue
            heapq.heappush(waiting, (at, line, reading))
            if at > newest:
                newest = at
                while waiting[0][0] < newest - WINDOW:
                    yield heapq.heappop(waiting)[2]
        mistakes.check()
        while waiting:
            yield heapq.heappop(waiting)[2]

    def _read(self) -> Iterator[tuple[Instant, int, Reading]]:
        said, at, newest = "", None, 0
        pairs, mistakes = self._pairs, self.mistakes
        for row in rows(self._path, COLUMNS, mistakes, self.progress):
            text, device, quantity, worth = row.fields
            if text != said or at is None:
                at, said = time_of(row, 0, mistakes), text
            pair = pairs.get((device, quantity))
            if pair is None:
                pair = self._pair(row)
            value = self._value(row, pair[1], worth) if pair is not None else None
            if at is None or pair is None or value is _BAD:
                continue
            if at > newest:
                newest = at
            elif at < newest - WINDOW:
                self._disorder(row)
            yield at, row.line, Reading(pair[0], pair[1], value, at, at, _NONE, row.line)

    def _pair(self, row: Row) -> tuple[str, str] | None:
        """The device and quantity of a line, each mistake in them told once."""
        given = (row.fields[1], row.fields[2])
        if given in self._pairs:
            return self._pairs[given]
        device, quantity = (name.strip() for name in given)
        good = True
        if device not in self._devices:
            good = False
            if self.mistakes.once("device", device):
                zh, en = meant(device, self._devices)
                zh = f"社区里没有设备 `{device}`{zh}"
                self.mistakes.add(row.line, row.column(1), "device", zh, f"no device `{device}`{en}")
        if quantity not in QUANTITIES:
            good = False
            if self.mistakes.once("quantity", quantity):
                zh, en = meant(quantity, QUANTITIES)
                zh = f"没有量 `{quantity}`{zh}"
                self.mistakes.add(row.line, row.column(2), "quantity", zh, f"no quantity `{quantity}`{en}")
        self._pairs[given] = (device, quantity) if good else None
        return self._pairs[given]

    def _value(self, row: Row, quantity: str, worth: str) -> float | None:
        """A number as it stands; 1, 0, true, false for what is or is not; None: the sensor does not know."""
        try:
            value = float(worth)
        except ValueError:
            word = worth.strip().lower()
            if word in _UNKNOWN:
                return None
            value = _BOOLEANS.get(word, _BAD) if quantity not in _NUMBERS else _BAD
        if isfinite(value) if quantity in _NUMBERS else value in (0.0, 1.0):
            return value
        if quantity in _NUMBERS:
            zh, en = "应为数字或 unknown", "write a number or unknown"
        else:
            zh, en = "应为 1、0、true、false 或 unknown", "write 1, 0, true, false or unknown"
        shown = worth.strip()[:40]
        zh, en = f"`{shown}` 不是 {quantity} 的值；{zh}", f"`{shown}` is no value of {quantity}; {en}"
        self.mistakes.add(row.line, row.column(3), "value", zh, en)
        return _BAD

    def _disorder(self, row: Row) -> None:
        if self.mistakes.once("order", ""):
            away = WINDOW // SECOND
            zh = f"时间倒退了 {away} 秒以上；请先按 at 列排序"
            en = f"more than {away} s earlier than a line before it; sort the file by its column at"
            self.mistakes.add(row.line, 1, "order", zh, en)


_BAD: Final = float("nan")
"""What a value that cannot be read becomes; compared by identity."""
